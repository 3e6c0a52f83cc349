// Files, portal and API all come to `apply`: policy, form, the room's own conditions, then one commit with its record.
import { isDeepStrictEqual } from 'node:util'
import { Errors } from 'typebox/value'
import { record } from '#audit'
import { holdScope, nameTaken, noScope, putScope, resolveScope, type Scope } from '#policy'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { emit } from '#platform/events.ts'
import { newId } from '#platform/id.ts'
import { invalid, Problem, problem } from '#platform/problem.ts'
import { kindOf, type Kind } from './kinds.ts'
import { Labels, namePattern, type Applied, type Desired, type Resource } from './schema.ts'
import { revise } from './revise.ts'
import { announce, etagOf, insert, json, rows, select, toResource, unstated, withoutPath, type Row } from './store.ts'
import { wakeWatchers } from './watch.ts'

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
    await authoriseIn(tx, kind, scope, given.scope)
    checkForm(kind, given)
    await holdScope(tx, scope.id)
    const existing = await lockByName(tx, kind, scope, given.name)
    if (existing) return change(tx, kind, existing, given, conditions)
    if (conditions.ifMatch !== undefined) throw stale(`There is no ${kind.kind} ${given.name} at ${scope.path} any more.`)
    return create(tx, kind, scope, given)
  })

/** Where one may neither write nor look, there is no scope: else its name could be guessed. */
export const authoriseIn = async (tx: Context, kind: Kind, scope: Scope, which = '/'): Promise<void> => {
  try {
    await tx.authorize(`${kind.kind}.apply`, { kind: kind.kind, scope: scope.id })
  } catch (refusal) {
    const known = scope.parentId === undefined || (await tx.permits('folder.read', { kind: 'folder', scope: scope.id }))
    throw known || tx.actor.kind === 'anonymous' ? refusal : noScope(which)
  }
}

const faultsMax = 20

const checkForm = (kind: Kind, { name, labels = {}, spec = {} }: Desired): void => {
  if (!new RegExp(namePattern).test(name))
    throw invalid(
      `${JSON.stringify(name.slice(0, 80))} cannot be a name: a letter first, then letters, digits and hyphens, all lower case, at most 63.`,
      { faults: [{ at: '/name', message: `must match ${namePattern}` }] },
    )
  const faults = [
    ...Errors(Labels, labels).map((fault) => ({ at: `/labels${fault.instancePath}`, message: fault.message })),
    // What an unknown member is refused for is said once, by its name.
    ...Errors(kind.spec, spec)
      .filter(({ keyword }) => keyword !== 'boolean')
      .map((fault) => ({ at: `/spec${fault.instancePath}`, message: describe(fault) })),
    ...unstorable(spec, '/spec'),
  ]
  if (faults.length > 0)
    throw invalid(`The spec of this ${kind.kind} does not have the form it must have.`, { faults: faults.slice(0, faultsMax) })
}

const describe = ({ message, params }: { message: string; params: object }): string => {
  const extra: unknown = Reflect.get(params, 'additionalProperties')
  return Array.isArray(extra) ? `unknown: ${extra.join(', ')}` : message
}

/** PostgreSQL's jsonb holds neither NUL nor half a surrogate pair. */
const unstorable = (value: unknown, at: string): { at: string; message: string }[] => {
  if (typeof value === 'string')
    return value.includes('\0') || !value.isWellFormed() ? [{ at, message: 'must be well-formed text without NUL' }] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [
    ...unstorable(key, at),
    ...unstorable(member, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  ])
}

const lockByName = (tx: Context, kind: Kind, scope: Scope, name: string): Promise<Row | undefined> =>
  select(tx)
    .where('resource.kind', '=', kind.kind)
    .where('resource.scope_id', '=', scope.id)
    .where('resource.name', '=', name)
    .forUpdate('resource')
    .executeTakeFirst()

const create = async (tx: Context, kind: Kind, scope: Scope, given: Desired): Promise<Applied> => {
  const at = tx.now()
  const id = newId(kind.idPrefix, at)
  const row: Row = {
    id,
    kind: kind.kind,
    scope_id: scope.id,
    governing_scope_id: kind.isScope ? id : scope.id,
    name: given.name,
    ...unstated,
    labels: given.labels ?? {},
    owner: tx.actor.id,
    spec: given.spec ?? {},
    generation: 1,
    created_at: at,
    updated_at: at,
    path: scope.path,
  }
  row.status = (await kind.admit?.(tx, { resource: toResource(row), before: undefined })) ?? null
  // The index decides, having waited for a rival's transaction to end. What the rival made is not overwritten unseen.
  if (!(await insert(tx, withoutPath(row))))
    throw nameTaken(
      `Someone made a ${kind.kind} named ${given.name} at ${scope.path} a moment ago. Read it before you change it.`,
      {
        name: given.name,
      },
    )
  if (kind.isScope)
    await putScope(tx, { id, parentId: scope.id, kind: kind.kind === 'folder' ? 'folder' : 'project', name: row.name })
  return commit(tx, kind, row, undefined)
}

const change = async (tx: Context, kind: Kind, existing: Row, given: Desired, conditions: Conditions): Promise<Applied> => {
  const before = toResource(existing)
  if (conditions.create)
    throw nameTaken(`A ${kind.kind} named ${given.name} is at ${existing.path} already.`, { name: given.name })
  requireMatch(existing, conditions)
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
  return commit(tx, kind, row, existing)
}

export const requireMatch = (row: Row, { ifMatch }: Conditions): void => {
  if (ifMatch === undefined || ifMatch === '*') return
  const given = ifMatch.startsWith('"') ? ifMatch : `"${ifMatch}"` // people type it without the quotes
  if (given !== etagOf(row))
    throw stale(`The ${row.kind} ${row.name} is at generation ${row.generation}, not the one you read.`, { etag: etagOf(row) })
}

/** What every change ends with, in its own transaction: the room's rows, a revision, news, a record. */
const commit = async (tx: Context, kind: Kind, row: Row, existing: Row | undefined): Promise<Applied> => {
  const resource = toResource(row)
  const before = existing && toResource(existing)
  const outcome = before ? 'changed' : 'created'
  await kind.applied?.(tx, { resource, before })
  await revise(tx, row, outcome, { before: existing })
  await tell(tx, row, outcome)
  await record(
    tx,
    `${kind.kind}.apply`,
    { kind: kind.kind, id: row.id, scope: row.scope_id },
    { change: outcome, generation: row.generation, fields: changedFields(before, resource) },
  )
  return { outcome, resource, ...(before ? { before } : {}) }
}

export const tell = async (tx: Context, row: Row, word: 'created' | 'changed' | 'deleted'): Promise<void> => {
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
  await ctx.authorize('organisation.read', { kind: 'organisation' }) // open to all who are signed in; each document is decided below
  if (dryRun && ctx.inTransaction) throw new Error('A dry run is rolled back, so it cannot join a transaction that is kept')
  const depth = ({ kind, scope = '/' }: Desired) =>
    kindOf(ctx.site, kind).isScope ? scope.split('/').filter((part) => part !== '').length : 1000
  const ordered = documents
    .map((document, i) => ({ document, i, depth: within(document, i, () => depth(document)) }))
    .sort((a, b) => a.depth - b.depth || a.i - b.i)
  const run = atomically(ctx, async (tx) => {
    const changes = Array.from<Applied>({ length: documents.length })
    for (const { document, i } of ordered)
      changes[i] = await apply(tx, document).catch((error: unknown) => {
        throw located(error, document, i)
      })
    if (dryRun) throw new DryRun(changes)
    return changes
  })
  return run.catch((error: unknown) => {
    if (error instanceof DryRun) return error.changes
    throw error
  })
}

const within = <T>(document: Desired, i: number, run: () => T): T => {
  try {
    return run()
  } catch (error) {
    throw located(error, document, i)
  }
}

/** Says which of many documents was refused. */
const located = (error: unknown, { kind, scope = '/', name }: Desired, i: number): unknown =>
  error instanceof Problem
    ? new Problem(
        error,
        `Document ${i + 1} (${kind.slice(0, 80)} ${name.slice(0, 80)} at ${scope.slice(0, 200)}): ${error.message} Nothing was applied.`,
        { ...error.facts, headers: error.headers, document: i },
        error,
      )
    : error
