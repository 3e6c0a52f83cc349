// What needs what. Edges are settled last in a transaction, under one lock and without touching a row of another's, so that two changes wait for each other at most once.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { emit } from '#platform/events.ts'
import { invalid, problem } from '#platform/problem.ts'
import type { Dependency, Kind } from './kinds.ts'
import { announce, refOf, rows, select, toResource, type Row } from './store.ts'

export const dependencyCycle = problem('dependency-cycle', 409, 'A thing cannot need itself')
export const needed = problem('needed', 409, 'Something needs it')

const edgesLock = 4_600_010
/** How many things one thing may need, near and far: what a change has to walk through is bounded by it. */
export const reachMax = 1_000
const declaredRelation = 'declared'

const holdEdges = async (tx: Context): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${edgesLock})`.execute(tx.db)
}

/** Puts what a resource needs now in place of what it needed, and keeps every criticality that follows from it right. Its own effective one, if that was worked out anew. */
export const settleEdges = async (tx: Context, kind: Kind, row: Row, before: Row | undefined): Promise<number | undefined> => {
  const wanted = await heldTargets(tx, neededBy(kind, row))
  const present = before ? await edgesFrom(tx, row.id) : []
  const gone = present.filter((edge) => !wanted.some((other) => sameEdge(edge, other)))
  const added = wanted.filter((edge) => !present.some((other) => sameEdge(edge, other)))
  if (gone.length + added.length === 0 && (row.criticality ?? 0) === (before?.criticality ?? 0)) return undefined
  await holdEdges(tx)
  for (const { id, relation } of gone)
    await rows(tx)
      .deleteFrom('resource_edge')
      .where('from_id', '=', row.id)
      .where('to_id', '=', id)
      .where('relation', '=', relation)
      .execute()
  if (added.length > 0) {
    await refuseCycle(tx, row, added)
    await rows(tx)
      .insertInto('resource_edge')
      .values(added.map(({ id, relation }) => ({ from_id: row.id, to_id: id, relation })))
      .execute()
  }
  await spread(tx, row.id, [row.id, ...gone.map(({ id }) => id)])
  const own = await rows(tx)
    .selectFrom('resource_criticality')
    .select('effective')
    .where('resource_id', '=', row.id)
    .executeTakeFirst()
  return own?.effective
}

const sameEdge = (a: Dependency, b: Dependency): boolean => a.id === b.id && a.relation === b.relation

const neededBy = (kind: Kind, row: Row): Dependency[] => {
  const declared = row.depends_on.map((id) => ({ id, relation: declaredRelation }))
  const known = kind.dependsOn?.(toResource(row)) ?? []
  return [...declared, ...known].filter((edge, i, all) => all.findIndex((other) => sameEdge(edge, other)) === i)
}

/** What is needed stays until we are done. What is gone by now is needed no more. */
const heldTargets = async (tx: Context, wanted: Dependency[]): Promise<Dependency[]> => {
  if (wanted.length === 0) return []
  const held = await rows(tx)
    .selectFrom('resource')
    .select('id')
    .where(
      'id',
      'in',
      wanted.map(({ id }) => id),
    )
    .orderBy('id')
    .forKeyShare()
    .execute()
  return wanted.filter((edge) => held.some(({ id }) => id === edge.id))
}

const edgesFrom = async (tx: Context, id: string): Promise<Dependency[]> =>
  (await rows(tx).selectFrom('resource_edge').select(['to_id', 'relation']).where('from_id', '=', id).execute()).map(
    ({ to_id, relation }) => ({ id: to_id, relation }),
  )

const refuseCycle = async (tx: Context, row: Row, added: Dependency[]): Promise<void> => {
  const { rows: reached } = await sql<{ id: string }>`
    with recursive reach(id) as (
      select unnest(${added.map(({ id }) => id)}::text[])
      union select to_id from resource_edge join reach on from_id = reach.id)
    select id from reach limit ${reachMax + 1}`.execute(tx.db)
  if (reached.some(({ id }) => id === row.id))
    throw dependencyCycle(`The ${row.kind} ${row.name} would need itself, directly or through what it needs.`)
  if (reached.length > reachMax)
    throw invalid(`The ${row.kind} ${row.name} would need more than ${reachMax} things, near and far.`)
}

/** Works out anew, from these resources downward, how much each matters; in waves, until nothing changes. A wave is one step along the edges, and there is no circle. */
const spread = async (tx: Context, cause: string, from: readonly string[]): Promise<void> => {
  const touched = new Set<string>()
  for (let wave = 0; wave <= reachMax; wave++) {
    const changed = await onceAlong(tx, from)
    for (const id of changed) touched.add(id)
    if (changed.length === 0) break
  }
  touched.delete(cause)
  await tellOf(tx, [...touched])
}

const onceAlong = async (tx: Context, from: readonly string[]): Promise<string[]> => {
  const { rows: changed } = await sql<{ resource_id: string }>`
    with recursive reach(id) as (
      select unnest(${[...from]}::text[]) union select to_id from resource_edge join reach on from_id = reach.id),
    now as (
      select resource.id, greatest(coalesce(resource.criticality, 0), coalesce(max(above.effective), 0)) as effective
      from reach join resource on resource.id = reach.id
        left join resource_edge on to_id = resource.id
        left join resource_criticality above on above.resource_id = from_id
      group by resource.id)
    insert into resource_criticality (resource_id, effective)
    select id, effective from now
    where effective <> coalesce((select former.effective from resource_criticality former where former.resource_id = now.id), 0)
    on conflict (resource_id) do update set effective = excluded.effective
    returning resource_id`.execute(tx.db)
  return changed.map(({ resource_id }) => resource_id)
}

/** Others matter more or less than before, without having changed themselves: watchers and judges look again. */
const tellOf = async (tx: Context, ids: string[]): Promise<void> => {
  if (ids.length === 0) return
  const found = await rows(tx)
    .selectFrom('resource')
    .select(['id', 'kind', 'governing_scope_id'])
    .where('id', 'in', ids)
    .orderBy('id')
    .execute()
  for (const row of found) {
    await announce(tx, row, 'status')
    await emit(tx, 'resource.changed', { id: row.id, kind: row.kind, change: 'criticality' })
  }
}

const neededTold = 5

/** The edges of what is being removed. Refused while something needs it; of what needs it, only what the caller may see is named. */
export const releaseEdges = async (tx: Context, row: Row): Promise<void> => {
  await holdEdges(tx)
  const dependents = await select(tx)
    .innerJoin('resource_edge', 'resource_edge.from_id', 'resource.id')
    .where('resource_edge.to_id', '=', row.id)
    .orderBy('resource.id')
    .limit(neededTold)
    .execute()
  if (dependents.length > 0) {
    const seen = []
    for (const one of dependents) if (await tx.permits(`${one.kind}.read`, refOf(one))) seen.push(one)
    throw needed(
      `${seen.map(({ kind, name, path }) => `The ${kind} ${name} at ${path}`).join(', ') || 'Something that you may not see'} needs the ${row.kind} ${row.name}. Take that dependency away first.`,
      { neededBy: seen.map(({ id }) => id) },
    )
  }
  const targets = await edgesFrom(tx, row.id)
  await rows(tx).deleteFrom('resource_edge').where('from_id', '=', row.id).execute()
  await rows(tx).deleteFrom('resource_criticality').where('resource_id', '=', row.id).execute()
  await spread(
    tx,
    row.id,
    targets.map(({ id }) => id),
  )
}
