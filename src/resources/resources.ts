// The governed inventory. Files, portal and API all come to `apply`: policy, form, the room's own conditions, then one commit with its record.
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { Errors } from 'typebox/value'
import { record } from '#audit'
import { filterFor, holdScope, putScope, removeScope, resolveScope, scopeNotEmpty, visible, type Scope } from '#policy'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { emit } from '#platform/events.ts'
import { newId } from '#platform/id.ts'
import { invalid, notFound, problem } from '#platform/problem.ts'
import { kindOf, type Kind } from './kinds.ts'
import { namePattern, type Applied, type Desired, type Resource, type Revision } from './schema.ts'
import { announce, etagOf, insert, json, revise, rows, select, toResource, type Row } from './store.ts'
import { wakeWatchers } from './watch.ts'

export const nameTaken = problem('name-taken', 409, 'The name is taken')
export const stale = problem('stale', 412, 'It changed since you read it')

export type Conditions = {
  /** The ETag last read; refuses when the resource has moved on (RFC 9110 §13.1.1). */
  ifMatch?: string | undefined
  /** Only create, never change (If-None-Match: *). */
  create?: boolean | undefined
}

/** Creates or changes. Says which; the same again is `unchanged` and leaves no trace. */
export const apply = (ctx: Context, given: Desired, conditions: Conditions = {}): Promise<Applied> =>
  atomically(ctx, async (tx) => {
    const kind = kindOf(tx.site, given.kind)
    const scope = await resolveScope(tx, given.scope)
    await tx.authorize(`${kind.kind}.apply`, { kind: kind.kind, scope: scope.id, name: given.name })
    checkForm(kind, given)
    await holdScope(tx, scope.id)
    const existing = await lockByName(tx, kind, scope, given.name)
    if (existing) return change(tx, kind, existing, given, conditions)
    if (conditions.ifMatch !== undefined) throw stale(`There is no ${kind.kind} ${given.name} at ${scope.path} any more.`)
    const made = await create(tx, kind, scope, given)
    if (made) return made
    // Someone else took the name while we made ours; theirs is committed now.
    const theirs = await lockByName(tx, kind, scope, given.name)
    if (!theirs) throw nameTaken(`The name ${given.name} was taken and given back a moment ago. Try again.`)
    return change(tx, kind, theirs, given, conditions)
  })

const faultsMax = 20

const checkForm = (kind: Kind, { name, spec = {} }: Desired): void => {
  if (!new RegExp(namePattern).test(name))
    throw invalid(
      `${JSON.stringify(name.slice(0, 80))} cannot be a name: a letter first, then letters, digits and hyphens, all lower case, at most 63.`,
      { faults: [{ at: '/name', message: `must match ${namePattern}` }] },
    )
  const faults = Errors(kind.spec, spec).slice(0, faultsMax)
  if (faults.length > 0)
    throw invalid(`The spec of this ${kind.kind} does not have the form it must have.`, {
      faults: faults.map((fault) => ({ at: `/spec${fault.instancePath}`, message: describe(fault) })),
    })
}

const describe = ({ message, params }: { message: string; params: object }): string => {
  const extra: unknown = Reflect.get(params, 'additionalProperties')
  return Array.isArray(extra) ? `unknown: ${extra.join(', ')}` : message
}

const lockByName = (tx: Context, kind: Kind, scope: Scope, name: string): Promise<Row | undefined> =>
  select(tx)
    .where('resource.kind', '=', kind.kind)
    .where('resource.scope_id', '=', scope.id)
    .where('resource.name', '=', name)
    .forUpdate('resource')
    .executeTakeFirst()

const create = async (tx: Context, kind: Kind, scope: Scope, given: Desired): Promise<Applied | undefined> => {
  const at = tx.now()
  const id = newId(kind.idPrefix, at)
  const row: Row = {
    id,
    kind: kind.kind,
    scope_id: scope.id,
    governing_scope_id: kind.isScope ? id : scope.id,
    name: given.name,
    labels: given.labels ?? {},
    owner: tx.actor.id,
    spec: given.spec ?? {},
    status: null,
    generation: 1,
    created_at: at,
    updated_at: at,
    path: scope.path,
  }
  row.status = (await kind.admit?.(tx, { resource: toResource(row), before: undefined })) ?? null
  if (!(await insert(tx, withoutPath(row)))) return undefined
  if (kind.isScope)
    await putScope(tx, { id, parentId: scope.id, kind: kind.kind === 'folder' ? 'folder' : 'project', name: row.name })
  return commit(tx, kind, row, undefined)
}

const withoutPath = ({ path: _, ...row }: Row): Omit<Row, 'path'> => row

const change = async (tx: Context, kind: Kind, existing: Row, given: Desired, conditions: Conditions): Promise<Applied> => {
  const before = toResource(existing)
  if (conditions.create)
    throw nameTaken(`A ${kind.kind} named ${given.name} is at ${existing.path} already.`, { name: given.name })
  if (conditions.ifMatch !== undefined && conditions.ifMatch !== before.etag)
    throw stale(`The ${kind.kind} ${given.name} is at generation ${existing.generation}, not the one you read.`, {
      etag: before.etag,
    })
  const row: Row = { ...existing, labels: given.labels ?? existing.labels, spec: given.spec ?? {} }
  if (isDeepStrictEqual(row.spec, existing.spec) && isDeepStrictEqual(row.labels, existing.labels))
    return { outcome: 'unchanged', resource: before }
  row.generation++
  row.updated_at = tx.now()
  row.status = (await kind.admit?.(tx, { resource: toResource(row), before })) ?? existing.status
  await rows(tx)
    .updateTable('resource')
    .set({
      labels: json(row.labels),
      spec: json(row.spec),
      status: row.status && json(row.status),
      generation: row.generation,
      updated_at: row.updated_at,
    })
    .where('id', '=', row.id)
    .execute()
  return commit(tx, kind, row, before)
}

/** What every change ends with, in its own transaction: the room's rows, a revision, news, a record. */
const commit = async (tx: Context, kind: Kind, row: Row, before: Resource | undefined): Promise<Applied> => {
  const resource = toResource(row)
  const outcome = before ? 'changed' : 'created'
  await kind.applied?.(tx, { resource, before })
  await revise(tx, row, outcome)
  await tell(tx, row, outcome)
  await record(
    tx,
    `${kind.kind}.apply`,
    { kind: kind.kind, id: row.id, scope: row.scope_id },
    { change: outcome, generation: row.generation, fields: changedFields(before, resource) },
  )
  return { outcome, resource, ...(before ? { before } : {}) }
}

const tell = async (tx: Context, row: Row, word: 'created' | 'changed' | 'deleted'): Promise<void> => {
  await announce(tx, row, word)
  await emit(tx, 'resource.changed', { id: row.id, kind: row.kind, change: word })
  afterCommit(tx, () => wakeWatchers(tx.site))
}

/** Names of what changed, not values: a spec may hold what no one should read in the log. */
const changedFields = (before: Resource | undefined, after: Resource): string[] =>
  [...new Set([...Object.keys(before?.spec ?? {}), ...Object.keys(after.spec)])]
    .filter((key) => !isDeepStrictEqual(before?.spec[key], after.spec[key]))
    .sort()
    .slice(0, 50)

class DryRun extends Error {
  readonly changes: Applied[]
  constructor(changes: Applied[]) {
    super('a dry run is rolled back')
    this.changes = changes
  }
}

export const documentsMax = 500

/** All or nothing, scopes before what lies in them. A dry run does everything and takes it back. */
export const applyAll = async (ctx: Context, documents: readonly Desired[], { dryRun = false } = {}): Promise<Applied[]> => {
  const depth = ({ kind, scope = '/' }: Desired) => (kindOf(ctx.site, kind).isScope ? scope.split('/').length : 1000)
  const ordered = documents
    .map((document, i) => ({ document, i }))
    .sort((a, b) => depth(a.document) - depth(b.document) || a.i - b.i)
  const run = atomically(ctx, async (tx) => {
    const changes = new Array<Applied>(documents.length)
    for (const { document, i } of ordered) changes[i] = await apply(tx, document)
    if (dryRun) throw new DryRun(changes)
    return changes
  })
  return run.catch((error: unknown) => {
    if (error instanceof DryRun) return error.changes
    throw error
  })
}

/** By id, or by name where that is one thing only (`scope` narrows). Above your rights and absent look the same. */
export const get = async (ctx: Context, kindName: string, which: string, scopePath?: string): Promise<Resource> => {
  const kind = kindOf(ctx.site, kindName)
  let query = select(ctx)
    .where('resource.kind', '=', kind.kind)
    .where((on) => on.or([on('resource.id', '=', which), on('resource.name', '=', which)]))
  if (scopePath !== undefined) query = query.where('policy_scope.path', '=', scopePath)
  const found = (await query.limit(2).execute()) as Row[]
  const row = found.find(({ id }) => id === which) ?? found[0]
  if (!row) {
    await ctx.permits(`${kind.kind}.read`, { kind: kind.kind })
    throw notFound(`No ${kind.kind} ${which.slice(0, 200)}.`)
  }
  await ctx.authorize(`${kind.kind}.read`, refOf(row))
  if (found.length > 1 && row.id !== which)
    throw invalid(`${found.length} or more are named ${which}. Say which by its id, or by its scope.`)
  return toResource(row)
}

const refOf = (row: Row) => ({ kind: row.kind, id: row.id, scope: row.governing_scope_id, owner: row.owner })

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
  let query = select(ctx)
    .where('resource.kind', '=', kind.kind)
    .where(visible(filter, ctx.actor.id, { scope: 'resource.governing_scope_id', owner: 'resource.owner' }))
    .orderBy('resource.name')
    .orderBy('resource.id')
    .limit(limit + 1)
  if (scope !== undefined)
    query = query.where(
      sql<boolean>`resource.scope_id in (select id from policy_scope where ancestors @> array[${(await resolveScope(ctx, scope)).id}])`,
    )
  if (q !== undefined) query = query.where('resource.name', 'like', `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`)
  if (after !== undefined) {
    const [name = '', id = ''] = after.split('~')
    query = query.where(sql<boolean>`(resource.name, resource.id) > (${name}, ${id})`)
  }
  const found = (await query.execute()) as Row[]
  const items = found.slice(0, limit).map(toResource)
  const last = items.at(-1)
  return { items, ...(found.length > limit && last ? { next: `${last.name}~${last.id}` } : {}) }
}

export const remove = (ctx: Context, kindName: string, which: string, conditions: Conditions = {}): Promise<void> =>
  atomically(ctx, async (tx) => {
    const kind = kindOf(tx.site, kindName)
    const { id } = await get(tx, kindName, which)
    const row = (await select(tx).where('resource.id', '=', id).forUpdate('resource').executeTakeFirst()) as Row | undefined
    if (!row) throw notFound(`No ${kind.kind} ${which}: someone deleted it a moment ago.`)
    await tx.authorize(`${kind.kind}.delete`, refOf(row))
    if (conditions.ifMatch !== undefined && conditions.ifMatch !== etagOf(row))
      throw stale(`The ${kind.kind} ${row.name} is at generation ${row.generation}, not the one you read.`, { etag: etagOf(row) })
    await kind.removed?.(tx, toResource(row))
    if (kind.isScope) await removeOwnScope(tx, row)
    await rows(tx).deleteFrom('resource').where('id', '=', row.id).execute()
    await revise(tx, { ...withoutPath(row), generation: row.generation + 1 }, 'deleted')
    await tell(tx, row, 'deleted')
    await record(tx, `${kind.kind}.delete`, { kind: kind.kind, id: row.id, scope: row.scope_id }, { generation: row.generation })
  })

const removeOwnScope = async (tx: Context, row: Row): Promise<void> => {
  const inside = await rows(tx)
    .selectFrom('resource')
    .select(['kind', 'name'])
    .where('scope_id', '=', row.id)
    .limit(1)
    .executeTakeFirst()
  if (inside)
    throw scopeNotEmpty(
      `The ${row.kind} ${row.name} still holds the ${inside.kind} ${inside.name}. Delete what is in it first.`,
      { kind: inside.kind, name: inside.name },
    )
  await removeScope(tx, row.id)
}

export const history = async (ctx: Context, kindName: string, id: string): Promise<Revision[]> => {
  const kind = kindOf(ctx.site, kindName)
  const found = await rows(ctx)
    .selectFrom('resource_revision')
    .selectAll()
    .where('resource_id', '=', id)
    .where('kind', '=', kind.kind)
    .orderBy('generation', 'desc')
    .limit(200)
    .execute()
  // A deleted folder governs nothing any more; its history is read by the rights over where it lay.
  const alive = await rows(ctx)
    .selectFrom('resource')
    .select(['governing_scope_id', 'owner'])
    .where('id', '=', id)
    .executeTakeFirst()
  const scope = alive?.governing_scope_id ?? found[0]?.scope_id
  await ctx.authorize(`${kind.kind}.read`, { kind: kind.kind, id, ...(scope === undefined ? {} : { scope }) })
  if (found.length === 0) throw notFound(`No ${kind.kind} ${id.slice(0, 200)}.`)
  return found.map((row) => ({
    generation: row.generation,
    change: row.change,
    name: row.name,
    labels: row.labels,
    spec: row.spec,
    actor: row.actor,
    requestId: row.request_id,
    at: row.at.toISOString(),
  }))
}

/** Observed state, by the room that observes it: no generation, no audit entry, but watchers see it. */
export const setStatus = (ctx: Context, id: string, status: Record<string, unknown>): Promise<void> =>
  atomically(ctx, async (tx) => {
    const row = await rows(tx)
      .updateTable('resource')
      .set({ status: json(status) })
      .where('id', '=', id)
      .returning(['id', 'kind', 'governing_scope_id'])
      .executeTakeFirst()
    if (!row) return // deleted meanwhile: nothing is observed any more
    await announce(tx, row, 'status')
    afterCommit(tx, () => wakeWatchers(tx.site))
  })

export const findById = async (ctx: Pick<Context, 'db'>, id: string): Promise<Resource | undefined> => {
  const row = (await select(ctx).where('resource.id', '=', id).executeTakeFirst()) as Row | undefined
  return row && toResource(row)
}

/** For rooms that hold what they made: undecided, so the caller decides. */
export const findByName = async (
  ctx: Pick<Context, 'db'>,
  kind: string,
  scopePath: string,
  name: string,
): Promise<Resource | undefined> => {
  const row = (await select(ctx)
    .where('resource.kind', '=', kind)
    .where('policy_scope.path', '=', scopePath)
    .where('resource.name', '=', name)
    .executeTakeFirst()) as Row | undefined
  return row && toResource(row)
}

/** Undecided as well: every resource of a kind, for the room that runs them. */
export const allOf = async (ctx: Pick<Context, 'db'>, kind: string): Promise<Resource[]> =>
  ((await select(ctx).where('resource.kind', '=', kind).orderBy('resource.id').execute()) as Row[]).map(toResource)

export const countByKind = async (ctx: Pick<Context, 'db'>): Promise<Record<string, number>> => {
  const { rows: counts } = await sql<{
    kind: string
    count: number
  }>`select kind, count(*)::int as count from resource group by kind`.execute(ctx.db)
  return Object.fromEntries(counts.map(({ kind, count }) => [kind, count]))
}

/** Whether a resource of that name was ever made, also if it was deleted since. */
export const everExisted = async (ctx: Pick<Context, 'db'>, kind: string, name: string): Promise<boolean> =>
  (await rows(ctx)
    .selectFrom('resource_revision')
    .select('resource_id')
    .where('kind', '=', kind)
    .where('name', '=', name)
    .limit(1)
    .executeTakeFirst()) !== undefined
