// Files, portal and API all come to `apply`: policy, guardrails, form, labels, locks, the room's own conditions, then one commit with its record.
import { isDeepStrictEqual } from 'node:util'
import { record } from '#audit'
import { admit, amend, type GuardrailDocument, type Verdict } from '#guardrails'
import {
  bottom,
  holdScope,
  labelScope,
  nameTaken,
  noScope,
  parseLabel,
  putScope,
  relabel,
  resolveScope,
  sameLabel,
  type Scope,
} from '#policy'
import { afterCommit, atomically, type Context, type ResourceRef } from '#platform/context.ts'
import { emit } from '#platform/events.ts'
import { newId } from '#platform/id.ts'
import { problem } from '#platform/problem.ts'
import { documentsFor } from './documents.ts'
import { settleEdges } from './edges.ts'
import { checkForm } from './form.ts'
import { kindOf, type Kind } from './kinds.ts'
import { refuseLocked } from './locks.ts'
import { refuseRelabelled } from './relabel-rights.ts'
import { resolveReferences } from './references.ts'
import { revise } from './revise.ts'
import { criticalities, type Applied, type Desired, type Resource } from './schema.ts'
import { announce, etagOf, insert, labelOf, named, refOf, select, toResource, unstated, update, type Row } from './store.ts'
import { wakeWatchers } from './watch.ts'

export const stale = problem('stale', 412, 'It changed since you read it')

export type Conditions = {
  /** The ETag last read; refuses when the resource has moved on (RFC 9110 §13.1.1). */
  ifMatch?: string | undefined
  /** Only create, never change (If-None-Match: *). */
  create?: boolean | undefined
  /** Why, for the history. */
  reason?: string | undefined
  /** Labels put on top of those of the document. */
  labels?: Record<string, string> | undefined
}

/** Creates or changes. Says which; the same again is `unchanged` and leaves no trace. */
export const apply = (ctx: Context, given: Desired, conditions: Conditions = {}): Promise<Applied> =>
  atomically(ctx, async (tx) => {
    const kind = kindOf(tx.site, given.kind)
    const scope = await resolveScope(tx, given.scope)
    await holdScope(tx, scope.id)
    const existing = await lockByName(tx, kind, scope, given.name)
    const from = existing ?? (await unmade(tx, kind, scope, given.name))
    const labels = { ...(given.labels ?? from.labels), ...conditions.labels }
    if (existing && (await mayApply(tx, existing, labels))) {
      checkForm(kind, given)
      requireConditions(kind, scope, given, existing, conditions)
      if (isSame(await stateOf(tx, { ...given, labels }, existing), existing))
        return { outcome: 'unchanged', resource: toResource(existing) }
    }
    await authoriseIn(tx, kind, { scope, which: given.scope, labels })
    if (existing) await authoriseChange(tx, existing)
    checkForm(kind, given)
    requireConditions(kind, scope, given, existing, conditions)
    const wanted = await stateOf(tx, { ...given, labels }, from)
    if (existing && isSame(wanted, existing)) return { outcome: 'unchanged', resource: toResource(existing) }
    return write(tx, kind, wanted, existing, conditions)
  })

/** By right, whoever else must approve: what is so already needs nobody's approval, or files that hold it could not be applied twice. */
const mayApply = async (tx: Context, row: Row, labels: Record<string, string>): Promise<boolean> => {
  const action = `${row.kind}.apply`
  return (
    (await tx.permits(action, { kind: row.kind, scope: row.scope_id, labels })) &&
    (await tx.permits(action, { ...refOf(row), scope: row.scope_id })) &&
    (await tx.permits(action, refOf(row)))
  )
}

/** Where one may neither write nor look, there is no scope: else its name could be guessed. */
export const authoriseIn = async (
  tx: Context,
  kind: Kind,
  { scope, which = '/', labels }: { scope: Scope; which?: string | undefined; labels: Record<string, string> },
): Promise<void> => {
  try {
    await tx.authorize(`${kind.kind}.apply`, { kind: kind.kind, scope: scope.id, labels })
  } catch (refusal) {
    const known = scope.parentId === undefined || (await tx.permits('folder.read', { kind: 'folder', scope: scope.id }))
    throw known || tx.actor.kind === 'anonymous' ? refusal : noScope(which)
  }
}

/** Of a thing as it is, or as it would be: its labels and its classification count, and a folder or project is also a place. */
const authoriseChange = async (tx: Context, row: Row): Promise<void> => {
  const on: ResourceRef = refOf(row)
  await tx.authorize(`${row.kind}.apply`, { ...on, scope: row.scope_id })
  if (row.governing_scope_id !== row.scope_id && row.generation > 0) await tx.authorize(`${row.kind}.apply`, on)
}

/** Against other changes of it. Not against being needed, or two who need each other would wait for each other. */
const lockByName = (tx: Context, kind: Kind, scope: Scope, name: string): Promise<Row | undefined> =>
  select(tx)
    .where('resource.kind', '=', kind.kind)
    .where('resource.scope_id', '=', scope.id)
    .where('resource.name', '=', name)
    .forNoKeyUpdate('resource')
    .executeTakeFirst()

const requireConditions = (
  kind: Kind,
  scope: Scope,
  { name }: Desired,
  existing: Row | undefined,
  conditions: Conditions,
): void => {
  if (existing && conditions.create) throw nameTaken(`A ${kind.kind} named ${name} is at ${existing.path} already.`, { name })
  if (existing) requireMatch(existing, conditions)
  else if (conditions.ifMatch !== undefined) throw stale(`There is no ${kind.kind} ${name} at ${scope.path} any more.`)
}

export const requireMatch = (row: Row, { ifMatch }: Conditions): void => {
  if (ifMatch === undefined || ifMatch === '*') return
  const given = ifMatch.startsWith('"') ? ifMatch : `"${ifMatch}"` // people type it without the quotes
  if (given !== etagOf(row))
    throw stale(`The ${row.kind} ${row.name} is at generation ${row.generation}, not the one you read.`, { etag: etagOf(row) })
}

/** Generation 0: what would be made, before anything of it is. */
const unmade = (tx: Context, kind: Kind, scope: Scope, name: string): Promise<Row> => {
  const at = tx.now()
  const id = newId(kind.idPrefix, at)
  return named(tx, {
    ...unstated,
    id,
    kind: kind.kind,
    scope_id: scope.id,
    governing_scope_id: kind.isScope ? id : scope.id,
    name,
    owner: tx.actor.id,
    spec: {},
    generation: 0,
    created_at: at,
    updated_at: at,
    path: scope.path,
    scope_rank: scope.effective.rank,
    scope_caveats: [...scope.effective.caveats],
  })
}

/** What a document leaves out stays as it is; only the spec is always said whole. */
const stateOf = async (tx: Context, given: Desired, from: Row): Promise<Row> => ({
  ...(await labelled(tx, given, from)),
  labels: given.labels ?? from.labels,
  criticality: given.criticality === undefined ? from.criticality : criticalities.indexOf(given.criticality),
  depends_on: given.dependsOn === undefined ? from.depends_on : await resolveReferences(tx, given.dependsOn),
  spec: given.spec ?? {},
})

const labelled = async (tx: Context, { classification }: Desired, from: Row): Promise<Row> => {
  if (classification === undefined) return from
  const { rank, caveats } = await parseLabel(tx, classification)
  return named(tx, { ...from, rank, caveats: [...caveats] })
}

const statement = ({ spec, labels, criticality, depends_on, rank, caveats }: Row) => ({
  spec,
  labels,
  criticality,
  depends_on,
  rank,
  caveats,
})
export const isSame = (a: Row, b: Row): boolean => isDeepStrictEqual(statement(a), statement(b))

const write = async (
  tx: Context,
  kind: Kind,
  wanted: Row,
  existing: Row | undefined,
  { reason }: Conditions,
): Promise<Applied> => {
  const { row, verdicts } = await guarded(tx, kind, wanted, existing)
  const before = existing && toResource(existing)
  if (existing && isSame(row, existing)) return { outcome: 'unchanged', resource: toResource(existing), verdicts }
  await authoriseChange(tx, row)
  await authoriseLabel(tx, row, existing)
  if (existing) await refuseRelabelled(tx, existing, row)
  await refuseLocked(tx, existing ?? row, 'apply')
  row.generation++
  row.updated_at = tx.now()
  row.status = (await kind.admit?.(tx, { resource: toResource(row), before })) ?? row.status
  await (existing ? update(tx, row) : make(tx, kind, row))
  if (kind.isScope && !sameLabel(labelOf(row), existing ? labelOf(existing) : bottom)) await labelScope(tx, row.id, labelOf(row))
  return { ...(await commit(tx, kind, row, existing, reason)), verdicts }
}

/** As `modify` guardrails want it. Refused by what must not be. */
const guarded = async (
  tx: Context,
  kind: Kind,
  wanted: Row,
  existing: Row | undefined,
): Promise<{ row: Row; verdicts: readonly Verdict[] }> => {
  const [doc, before] = await documentsFor(tx, existing ? [wanted, existing] : [wanted])
  const row = amendedRow(wanted, await amend(tx, doc!, before))
  if (isSame(row, wanted)) return { row, verdicts: (await admit(tx, doc!, before)).verdicts }
  checkForm(kind, { kind: kind.kind, name: row.name, labels: row.labels, spec: row.spec })
  // What the rooms know is asked anew of what it became; the verdicts then say what was changed, too.
  const [{ facts } = doc!] = await documentsFor(tx, [row])
  return { row, verdicts: (await admit(tx, { ...doc!, facts }, before)).verdicts }
}

export const amendedRow = (wanted: Row, { labels, spec, criticality }: GuardrailDocument): Row => {
  const level = criticalities.findIndex((word) => word === criticality)
  return { ...wanted, labels: { ...labels }, spec: { ...spec }, criticality: level < 0 ? null : level }
}

/** Raised at will, up to one's own clearance; lowered only by decision. */
const authoriseLabel = async (tx: Context, row: Row, existing: Row | undefined): Promise<void> => {
  const [before, after] = [existing ? labelOf(existing) : bottom, labelOf(row)]
  if (sameLabel(before, after)) return
  await relabel(tx, { kind: row.kind, id: row.id, scope: existing?.governing_scope_id ?? row.scope_id }, { before, after })
}

const make = async (tx: Context, kind: Kind, row: Row): Promise<void> => {
  const { id, name, path, scope_id: parentId } = row
  // The index decides, having waited for a rival's transaction to end. What the rival made is not overwritten unseen.
  if (!(await insert(tx, row)))
    throw nameTaken(`Someone made a ${kind.kind} named ${name} at ${path} a moment ago. Read it before you change it.`, { name })
  if (kind.isScope) await putScope(tx, { id, parentId, kind: kind.kind === 'folder' ? 'folder' : 'project', name })
}

/** What every change ends with, in its own transaction: the room's rows, a revision, news, a record; and last, since all wait there for each other, its edges. */
const commit = async (
  tx: Context,
  kind: Kind,
  row: Row,
  existing: Row | undefined,
  reason: string | undefined,
): Promise<Applied> => {
  const resource = toResource(row)
  const before = existing && toResource(existing)
  const outcome = before ? 'changed' : 'created'
  await kind.applied?.(tx, { resource, before })
  await revise(tx, row, outcome, { before: existing, reason })
  await tell(tx, row, outcome)
  await record(
    tx,
    `${kind.kind}.apply`,
    { kind: kind.kind, id: row.id, scope: row.scope_id },
    { change: outcome, generation: row.generation, fields: changedFields(before, resource) },
  )
  const effective = await settleEdges(tx, kind, row, existing)
  return {
    outcome,
    resource: toResource({ ...row, effective_criticality: effective ?? row.effective_criticality }),
    ...(before ? { before } : {}),
  }
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
