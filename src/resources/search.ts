// Searching everything there is: every kind, any field, one query, and only what the caller may read.
import { sql, type RawBuilder } from 'kysely'
import { filterFor, levels, visible, type Filter } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import { kindOf, kindsOf } from './kinds.ts'
import { parseQuery, type Term } from './query.ts'
import { conditionOf } from './query-sql.ts'
import { columns, select, toResource, type Row } from './store.ts'
import type { Resource } from './schema.ts'

const sorts = {
  name: sql<string>`resource.name`,
  kind: sql<string>`resource.kind`,
  created: sql<string>`resource.created_at`,
  updated: sql<string>`resource.updated_at`,
} as const
export const sortPattern = `^-?(${Object.keys(sorts).join('|')})$`

export type Search = {
  query?: string | undefined
  sort?: string | undefined
  after?: string | undefined
  limit?: number | undefined
}
const pageRowsDefault = 50

/** A page at a time, from where the last one ended, whatever is made or removed in between. */
export const search = async (
  ctx: Context,
  { query = '', sort = 'name', after, limit = pageRowsDefault }: Search,
): Promise<{ items: Resource[]; next?: string }> => {
  await ctx.authorize('organisation.read', { kind: 'organisation' }) // open to all who are signed in; what they find is filtered below
  const terms = parseQuery(query)
  const order = orderOf(sort)
  const asking = { actorId: ctx.actor.id, scheme: await levels(ctx) }
  const where = [
    await visibleAmong(ctx, kindsIn(ctx, terms)),
    ...terms.map((term) => conditionOf(term, asking)),
    ...(after === undefined ? [] : [beyond(order, after)]),
  ]
  const found = await page(ctx, where, order, limit + 1)
  const last = found[limit - 1]
  return {
    items: found.slice(0, limit).map(toResource),
    ...(found.length > limit && last ? { next: cursorOf(order, last) } : {}),
  }
}

type Order = { key: keyof typeof sorts; down: boolean }

const orderOf = (sort: string): Order => {
  const key = sort.replace(/^-/, '')
  if (!Object.hasOwn(sorts, key))
    throw invalid(`Sort by one of ${Object.keys(sorts).join(', ')}, with a - before it for descending.`)
  return { key: key as Order['key'], down: sort.startsWith('-') } // just looked up
}

/** The ids of the page are found first, by the narrow columns that indexes hold; only its rows are then read whole. */
const page = async (ctx: Context, where: readonly RawBuilder<boolean>[], { key, down }: Order, limit: number): Promise<Row[]> => {
  const direction = sql.raw(down ? 'desc' : 'asc')
  const order = sql`${sorts[key]} ${direction}, resource.id ${direction}`
  const ids = sql<string>`(select resource.id from resource where ${sql.join(where, sql` and `)} order by ${order} limit ${limit})`
  return select(ctx)
    .where(sql<boolean>`resource.id in ${ids}`)
    .orderBy(order)
    .execute()
}

const valueOf = (row: Row, key: Order['key']): string =>
  key === 'created' || key === 'updated' ? row[`${key}_at`].toISOString() : row[key]

const cursorOf = (order: Order, row: Row): string =>
  Buffer.from(JSON.stringify([order.key, order.down, valueOf(row, order.key), row.id])).toString('base64url')

const beyond = ({ key, down }: Order, cursor: string): RawBuilder<boolean> => {
  const [of, direction, value, id] = partsOf(cursor)
  if (of !== key || direction !== down || typeof value !== 'string' || typeof id !== 'string' || !isTime(key, value))
    throw invalid('`after` is not from a page of this search in this order. Leave it out to begin again.')
  return sql`(${sorts[key]}, resource.id) ${sql.raw(down ? '<' : '>')} (${value}, ${id})`
}

const isTime = (key: Order['key'], value: string): boolean =>
  (key !== 'created' && key !== 'updated') || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)

const partsOf = (cursor: string): unknown[] => {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}

/** The kinds a search can find: those it names, or all. */
const kindsIn = (ctx: Context, terms: readonly Term[]): string[] => {
  const named = terms.flatMap((term) =>
    'field' in term &&
    term.field.of === 'kind' &&
    !term.negated &&
    term.operator !== '!=' &&
    !term.values.some((value) => value.includes('*'))
      ? [term.values]
      : [],
  )
  const every = kindsOf(ctx.site).map(({ kind }) => kind)
  return every.filter((kind) => named.every((values) => values.includes(kind)))
}

/** What the caller may read of these kinds. Roles give most kinds alike, so alike filters are asked once. */
export const visibleAmong = async (ctx: Context, kinds: readonly string[]): Promise<RawBuilder<boolean>> => {
  const alike = new Map<string, { filter: Filter; kinds: string[] }>()
  for (const name of kinds) {
    const filter = await filterFor(ctx, `${kindOf(ctx.site, name).kind}.read`)
    const same = JSON.stringify(filter)
    alike.set(same, { filter, kinds: [...(alike.get(same)?.kinds ?? []), name] })
  }
  const groups = [...alike.values()].map(
    ({ filter, kinds: some }) => sql<boolean>`(resource.kind = any(${some}) and ${visible(filter, ctx.actor.id, columns)})`,
  )
  return groups.length === 0 ? sql<boolean>`false` : sql<boolean>`(${sql.join(groups, sql` or `)})`
}
