// Searching everything there is: every kind, any field, one query, and only what the caller may read.
import { sql, type RawBuilder } from 'kysely'
import { levels } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import { kindsOf } from './kinds.ts'
import { pageOf, readableAmong } from './page.ts'
import { parseQuery, type Term } from './query.ts'
import { conditionOf } from './query-sql.ts'
import { toResource, type Row } from './store.ts'
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
  const found = await pageOf(ctx, await readableAmong(ctx, kindsIn(ctx, terms)), {
    where: terms.map((term) => conditionOf(term, asking)),
    after: after === undefined ? undefined : beyond(order, after),
    order: { key: sorts[order.key], down: order.down, byKind: order.key === 'name' || order.key === 'kind' },
    limit: limit + 1,
  })
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
