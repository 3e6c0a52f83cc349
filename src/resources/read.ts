// Reading the inventory: what the caller may see, filtered inside the query; what they may not see is not there.
import { sql, type RawBuilder } from 'kysely'
import { filterFor, findScope, levelName, levels, resolveScope, noScope, visible, type Filter, type Scope } from '#policy'
import type { Context, ResourceRef } from '#platform/context.ts'
import { invalid, notFound, Problem } from '#platform/problem.ts'
import { kindOf } from './kinds.ts'
import { pageOf, readableAmong } from './page.ts'
import { criticalities, type Resource, type Revision } from './schema.ts'
import { columns, labelOf, refOf, rows, select, toResource, type Row, type Tables } from './store.ts'

/** By id, or by name where that is one thing only (`scopePath` narrows). Above your rights and absent look the same. */
export const get = async (ctx: Context, kindName: string, which: string, scopePath?: string): Promise<Resource> => {
  const { kind } = kindOf(ctx.site, kindName)
  let named = select(ctx)
    .where('resource.kind', '=', kind)
    .where((on) => on.or([on('resource.id', '=', which), on('resource.name', '=', which)]))
  if (scopePath !== undefined) named = named.where('policy_scope.path', '=', scopePath)
  const seen = await named
    .where(visible(await filterFor(ctx, `${kind}.read`), ctx.actor.id, columns))
    .limit(2)
    .execute()
  const row = seen.find(({ id }) => id === which) ?? seen[0]
  if (!row) throw await refuse(ctx, kind, which, await named.executeTakeFirst())
  if (seen.length > 1 && row.id !== which)
    throw invalid(`More than one ${kind} is named ${which}. Say which by its id, or by its scope.`)
  return toResource(row)
}

/** The refusal is recorded when there was something to refuse; the answer does not tell. */
const refuse = async (ctx: Context, kind: string, which: string, hidden: Row | undefined): Promise<Problem> => {
  if (hidden)
    await ctx.authorize(`${kind}.read`, refOf(hidden)).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error
    })
  return notFound(`No ${kind} ${which.slice(0, 200)}.`)
}

export type ListQuery = {
  scope?: string | undefined
  q?: string | undefined
  after?: string | undefined
  limit?: number | undefined
}
const pageRowsDefault = 50

/** What the caller may read, in one query: the filter is part of it. Sorted by name. */
export const list = async (
  ctx: Context,
  kindName: string,
  { scope, q, after, limit = pageRowsDefault }: ListQuery,
): Promise<{ items: Resource[]; next?: string }> => {
  const kind = kindOf(ctx.site, kindName)
  const filter = await filterFor(ctx, `${kind.kind}.read`)
  const where: RawBuilder<boolean>[] = []
  if (scope !== undefined) {
    const { id } = await knownScope(ctx, filter, scope)
    where.push(sql`resource.scope_id in (select id from policy_scope where ancestors @> array[${id}])`)
  }
  if (q !== undefined) where.push(sql`resource.name like ${`%${q.replaceAll(/[\\%_]/g, '\\$&')}%`}`)
  const found = await pageOf(ctx, await readableAmong(ctx, [kind.kind]), {
    where,
    after: after === undefined ? undefined : beyondName(after),
    order: { key: sql<string>`resource.name`, down: false, byKind: true },
    limit: limit + 1,
  })
  const items = found.slice(0, limit).map(toResource)
  const last = items.at(-1)
  return { items, ...(found.length > limit && last ? { next: `${last.name}~${last.id}` } : {}) }
}

const beyondName = (after: string): RawBuilder<boolean> => {
  const [name = '', id = ''] = after.split('~')
  return sql`(resource.name, resource.id) > (${name}, ${id})`
}

/** A scope one may look into, or on the way to one; any other is not there, so that names cannot be guessed. */
export const knownScope = async (ctx: Context, filter: Filter, which?: string): Promise<Scope> => {
  const scope = await resolveScope(ctx, which)
  const places = [...filter.scopeIds, ...filter.conditional.map((grant) => grant.scope)]
  if (filter.all || scope.parentId === undefined || places.some((id) => scope.ancestors.includes(id))) return scope
  const mine = await Promise.all(places.map((id) => findScope(ctx, id)))
  if (!mine.some((held) => held?.ancestors.includes(scope.id))) throw noScope(which ?? '/')
  return scope
}

export const history = async (ctx: Context, kindName: string, id: string): Promise<Revision[]> => {
  const { kind } = kindOf(ctx.site, kindName)
  const found = await rows(ctx)
    .selectFrom('resource_revision')
    .selectAll()
    .where('resource_id', '=', id)
    .where('kind', '=', kind)
    .orderBy('generation', 'desc')
    .limit(200)
    .execute()
  const alive = await rows(ctx).selectFrom('resource').selectAll().where('id', '=', id).executeTakeFirst()
  const absent = notFound(`No ${kind} ${id.slice(0, 200)}.`)
  const on = alive ? refOf(alive) : wasAt(found[0] ?? { kind })
  await ctx.authorize(`${kind}.read`, on).catch((error: unknown) => {
    throw error instanceof Problem && error.status === 404 ? absent : error
  })
  if (found.length === 0) throw absent
  const scheme = await levels(ctx)
  const seen = []
  // What was said while it was labelled higher is not told because the label was lowered since.
  for (const row of found)
    if (await ctx.permits(`${kind}.read`, { ...on, label: labelOf(row) })) seen.push(toRevision(row, levelName(scheme, row.rank)))
  return seen
}

const toRevision = (row: Tables['resource_revision'], level: string): Revision => ({
  generation: row.generation,
  change: row.change,
  name: row.name,
  labels: row.labels,
  classification: { level, caveats: row.caveats },
  ...(row.depends_on.length === 0 ? {} : { dependsOn: row.depends_on }),
  ...(row.criticality === null ? {} : { criticality: criticalities[row.criticality]! }),
  spec: row.spec,
  ...(row.reason === null ? {} : { reason: row.reason }),
  actor: row.actor,
  requestId: row.request_id,
  at: row.at.toISOString(),
})

/** A deleted folder governs nothing any more; its history is read by the rights over where it lay. */
export const wasAt = (last: Tables['resource_revision'] | { kind: string }): ResourceRef =>
  'resource_id' in last
    ? { kind: last.kind, id: last.resource_id, scope: last.scope_id, labels: last.labels, label: labelOf(last) }
    : { kind: last.kind }

/** The next five are undecided: for rooms that hold what they made, and decide themselves. */
export const findById = async (ctx: Pick<Context, 'db'>, id: string): Promise<Resource | undefined> => {
  const row = await select(ctx).where('resource.id', '=', id).executeTakeFirst()
  return row && toResource(row)
}

export const findByName = async (
  ctx: Pick<Context, 'db'>,
  kind: string,
  scopePath: string,
  name: string,
): Promise<Resource | undefined> => {
  const row = await select(ctx)
    .where('resource.kind', '=', kind)
    .where('policy_scope.path', '=', scopePath)
    .where('resource.name', '=', name)
    .executeTakeFirst()
  return row && toResource(row)
}

/** Something labelled with one of these ranks or caveats, if there is any. */
export const bearing = async (
  ctx: Pick<Context, 'db'>,
  { ranks, caveats }: { ranks: readonly number[]; caveats: readonly string[] },
): Promise<Resource | undefined> => {
  const row = await select(ctx)
    .where(sql<boolean>`(resource.rank = any(${[...ranks]}::int[]) or resource.caveats && ${[...caveats]}::text[])`)
    .limit(1)
    .executeTakeFirst()
  return row && toResource(row)
}

/** Every resource of a kind, for the room that runs them. */
export const allOf = async (ctx: Pick<Context, 'db'>, kind: string): Promise<Resource[]> =>
  (await select(ctx).where('resource.kind', '=', kind).orderBy('resource.id').execute()).map(toResource)

/** Those called one of these, by id or by name, at one of these scopes. */
export const namedAt = async (
  ctx: Pick<Context, 'db'>,
  kind: string,
  { called, scopeIds }: { called: readonly string[]; scopeIds: readonly string[] },
): Promise<Resource[]> => {
  if (called.length === 0 || scopeIds.length === 0) return []
  const found = await select(ctx)
    .where('resource.kind', '=', kind)
    .where((on) => on.or([on('resource.name', 'in', [...called]), on('resource.id', 'in', [...called])]))
    .where('resource.scope_id', 'in', [...scopeIds])
    .execute()
  return found.map(toResource)
}

/** Every one of a kind on which the caller may do `action`. */
export const permitted = async (ctx: Context, kind: string, action: string): Promise<Resource[]> =>
  (
    await select(ctx)
      .where('resource.kind', '=', kind)
      .where(visible(await filterFor(ctx, action), ctx.actor.id, columns))
      .orderBy('resource.id')
      .execute()
  ).map(toResource)

/** The one that lies deepest, of these names at these paths. */
export const deepestAt = async (
  ctx: Pick<Context, 'db'>,
  kind: string,
  places: readonly { path: string; name: string }[],
): Promise<Resource | undefined> => {
  const found = await select(ctx)
    .where('resource.kind', '=', kind)
    .where((on) =>
      on.or(places.map(({ path, name }) => on.and([on('policy_scope.path', '=', path), on('resource.name', '=', name)]))),
    )
    .execute()
  const deepest = found.toSorted((a, b) => b.path.length - a.path.length)[0]
  return deepest && toResource(deepest)
}

/** Whether a resource of that name was ever made, also if it was deleted since. */
export const everExisted = async (ctx: Pick<Context, 'db'>, kind: string, name: string): Promise<boolean> => {
  const past = rows(ctx).selectFrom('resource_revision').select('resource_id').where('kind', '=', kind).where('name', '=', name)
  return (await past.limit(1).executeTakeFirst()) !== undefined
}

export const countByKind = async (ctx: Pick<Context, 'db'>): Promise<Record<string, number>> => {
  const { rows: counts } = await sql<{
    kind: string
    count: number
  }>`select kind, count(*)::int as count from resource group by kind`.execute(ctx.db)
  return Object.fromEntries(counts.map(({ kind, count }) => [kind, count]))
}

/** How many of a kind lie in each of these scopes itself. */
export const countIn = async (
  ctx: Pick<Context, 'db'>,
  kind: string,
  scopeIds: readonly string[],
): Promise<Map<string, number>> => {
  if (scopeIds.length === 0) return new Map()
  const found = await rows(ctx)
    .selectFrom('resource')
    .select(({ fn }) => ['scope_id', fn.countAll<number>().as('count')])
    .where('kind', '=', kind)
    .where('scope_id', 'in', [...scopeIds])
    .groupBy('scope_id')
    .execute()
  return new Map(found.map(({ scope_id, count }) => [scope_id, Number(count)]))
}
