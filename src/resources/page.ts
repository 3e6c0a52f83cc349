// A page of what one may read: its ids first, by the narrow columns that indexes hold; only its rows are then read whole.
import { sql, type RawBuilder } from 'kysely'
import { filterFor, shareOf, visible, type Filter } from '#policy'
import type { Context } from '#platform/context.ts'
import { kindOf } from './kinds.ts'
import { columns, select, type Row } from './store.ts'

/** `byKind`: an index has each kind in this order by itself. */
export type Ordering = { key: RawBuilder<string>; down: boolean; byKind: boolean }
export type Asked = {
  where: readonly RawBuilder<boolean>[]
  after?: RawBuilder<boolean> | undefined
  order: Ordering
  limit: number
}

/** What someone may read of some kinds. */
export type Readable = {
  readonly kinds: readonly string[]
  readonly condition: RawBuilder<boolean>
  /** How many rows of all that is there are worth a look, in order, before what may be read is gathered and sorted. */
  readonly walk: number
}

/**
 * Who may look into a good part of all scopes meets a page soon on a walk through everything, where to gather and sort what they may read takes the longer the
 * more that is: of 1,000,000 resources 10,000 took 10 ms, 100,000 35 ms, 500,000 350 ms (measured). What they may not read may lie side by side, so the walk ends:
 * even at the smallest share not before a page of 100 is met twice over, were all spread evenly.
 */
const walkShareMin = 0.08
const walkRowsMax = 30_000
const walkRows = (share: number): number => (share < walkShareMin ? 0 : Math.ceil(share * walkRowsMax))

export const pageOf = async (ctx: Context, readable: readonly Readable[], asked: Asked): Promise<Row[]> => {
  if (readable.length === 0) return []
  const met = readable.some(({ walk }) => walk > 0) ? await rowsOf(ctx, walked(readable, asked), asked.order) : []
  return met.length === asked.limit ? met : rowsOf(ctx, gathered(readable, asked), asked.order)
}

const directionOf = ({ down }: Ordering) => sql.raw(down ? 'desc' : 'asc')
const inOrder = (order: Ordering) => sql`${order.key} ${directionOf(order)}, resource.id ${directionOf(order)}`
const every = (conditions: readonly RawBuilder<boolean>[]) => sql.join([sql`true`, ...conditions], sql` and `)

const rowsOf = (ctx: Context, ids: RawBuilder<unknown>, order: Ordering): Promise<Row[]> =>
  select(ctx)
    .where(sql<boolean>`resource.id in ${ids}`)
    .orderBy(inOrder(order))
    .execute()

/** Each of the conditions is asked by itself, since none of several joined by `or` could be answered by an index. */
const gathered = (readable: readonly Readable[], { where, after, order, limit }: Asked): RawBuilder<unknown> => {
  const firsts = readable.map(
    ({ condition }) =>
      sql`(select resource.id, ${order.key} as key from resource where ${every([condition, ...where, ...(after ? [after] : [])])} order by ${inOrder(order)} limit ${limit})`,
  )
  const direction = directionOf(order)
  return sql`(select found.id from (${sql.join(firsts, sql` union all `)}) as found order by found.key ${direction}, found.id ${direction} limit ${limit})`
}

/** Nothing is asked of a row before it is counted, or a walk for something rare would not end. */
const walked = (readable: readonly Readable[], { where, after, order, limit }: Asked): RawBuilder<unknown> => {
  const kinds = readable.flatMap((one) => one.kinds)
  const from = [...(order.byKind && kinds.length === 1 ? [ofKinds(kinds)] : []), ...(after ? [after] : [])]
  const stretch = sql`(select * from resource where ${every(from)} order by ${inOrder(order)} limit ${Math.max(...readable.map(({ walk }) => walk))})`
  // `is true` keeps PostgreSQL from joining the places to the whole stretch, which it would then sort: row by row, it stops when the page is full.
  const met = sql<boolean>`${anyOf(readable)} is true`
  return sql`(select resource.id from ${stretch} as resource where ${every([met, ...where])} order by ${inOrder(order)} limit ${limit})`
}

const anyOf = (readable: readonly Readable[]): RawBuilder<boolean> =>
  sql<boolean>`(${sql.join(
    readable.map(({ condition }) => condition),
    sql` or `,
  )})`

/** What the caller may read of these kinds, no row in two of them. Roles give most kinds alike, so alike filters are asked once. */
export const readableAmong = async (ctx: Context, kinds: readonly string[]): Promise<Readable[]> => {
  const alike = new Map<string, { filter: Filter; kinds: string[] }>()
  for (const name of kinds) {
    const filter = await filterFor(ctx, `${kindOf(ctx.site, name).kind}.read`)
    const { given: _, ...rest } = filter // of the request: the same for all of them
    const same = JSON.stringify(rest)
    alike.set(same, { filter, kinds: [...(alike.get(same)?.kinds ?? []), name] })
  }
  const something = [...alike.values()].filter(({ filter }) => !isNothing(filter))
  return Promise.all(
    something.map(async ({ filter, kinds: some }) => ({
      kinds: some,
      condition: sql<boolean>`(${ofKinds(some)} and ${visible(filter, ctx.actor.id, columns)})`,
      // Who may look everywhere is answered by the index of the order as it is.
      walk: filter.all ? 0 : walkRows(await shareOf(ctx, filter)),
    })),
  )
}

const isNothing = ({ all, scopeIds, conditional, own }: Filter): boolean =>
  !all && !own && scopeIds.length === 0 && conditional.length === 0

/** With one kind, what an index holds of it is in its order already. */
const ofKinds = (kinds: readonly string[]): RawBuilder<boolean> =>
  kinds.length === 1 ? sql<boolean>`resource.kind = ${kinds[0]}` : sql<boolean>`resource.kind = any(${[...kinds]})`

export const visibleAmong = async (ctx: Context, kinds: readonly string[]): Promise<RawBuilder<boolean>> => {
  const readable = await readableAmong(ctx, kinds)
  return readable.length === 0 ? sql<boolean>`false` : anyOf(readable)
}
