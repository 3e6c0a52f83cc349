// A page of what one may read: its ids first, by the narrow columns that indexes hold; only its rows are then read whole.
import { sql, type RawBuilder } from 'kysely'
import { filterFor, visible, type Filter } from '#policy'
import type { Context } from '#platform/context.ts'
import { kindOf } from './kinds.ts'
import { columns, select, type Row } from './store.ts'

export type Ordering = { key: RawBuilder<string>; down: boolean }

/** Each of the conditions is asked by itself, since none of several joined by `or` could be answered by an index. */
export const pageOf = (
  ctx: Context,
  readable: readonly RawBuilder<boolean>[],
  { where, order: { key, down }, limit }: { where: readonly RawBuilder<boolean>[]; order: Ordering; limit: number },
): Promise<Row[]> => {
  const direction = sql.raw(down ? 'desc' : 'asc')
  const first = (one: RawBuilder<boolean>) =>
    sql`(select resource.id, ${key} as key from resource where ${sql.join([one, ...where], sql` and `)} order by ${key} ${direction}, resource.id ${direction} limit ${limit})`
  if (readable.length === 0) return Promise.resolve([])
  const ids = sql`(select found.id from (${sql.join(readable.map(first), sql` union all `)}) as found order by found.key ${direction}, found.id ${direction} limit ${limit})`
  return select(ctx)
    .where(sql<boolean>`resource.id in ${ids}`)
    .orderBy(sql`${key} ${direction}, resource.id ${direction}`)
    .execute()
}

/** What the caller may read of these kinds, no row in two of them. Roles give most kinds alike, so alike filters are asked once. */
export const readableAmong = async (ctx: Context, kinds: readonly string[]): Promise<RawBuilder<boolean>[]> => {
  const alike = new Map<string, { filter: Filter; kinds: string[] }>()
  for (const name of kinds) {
    const filter = await filterFor(ctx, `${kindOf(ctx.site, name).kind}.read`)
    const { given: _, ...rest } = filter // of the request: the same for all of them
    const same = JSON.stringify(rest)
    alike.set(same, { filter, kinds: [...(alike.get(same)?.kinds ?? []), name] })
  }
  return [...alike.values()]
    .filter(({ filter }) => !isNothing(filter))
    .map(({ filter, kinds: some }) => sql<boolean>`(${ofKinds(some)} and ${visible(filter, ctx.actor.id, columns)})`)
}

const isNothing = ({ all, scopeIds, conditional, own }: Filter): boolean =>
  !all && !own && scopeIds.length === 0 && conditional.length === 0

/** With one kind, what an index holds of it is in its order already. */
const ofKinds = (kinds: readonly string[]): RawBuilder<boolean> =>
  kinds.length === 1 ? sql<boolean>`resource.kind = ${kinds[0]}` : sql<boolean>`resource.kind = any(${[...kinds]})`

export const visibleAmong = async (ctx: Context, kinds: readonly string[]): Promise<RawBuilder<boolean>> => {
  const groups = await readableAmong(ctx, kinds)
  return groups.length === 0 ? sql<boolean>`false` : sql<boolean>`(${sql.join(groups, sql` or `)})`
}
