// Deleting what is here, was made from the same files, and is in them no more. Only what those files made is ever deleted.
import { sql } from 'kysely'
import { resolveScope } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid, problem } from '#platform/problem.ts'
import { kindsOf } from './kinds.ts'
import { remove } from './remove.ts'
import type { Applied } from './schema.ts'
import { visibleAmong } from './page.ts'
import { rows, select, toResource, type Row } from './store.ts'

export const pruneEmpty = problem('prune-empty', 409, 'The files hold nothing')

export type Prune = { scope: string; force?: boolean | undefined }
export const managerLabel = 'managed-by'
const pruneMax = 500

export const managedBy = (manager: string | undefined): Record<string, string> =>
  manager === undefined ? {} : { [managerLabel]: manager }

type Pruning = {
  manager: string | undefined
  reason: string | undefined
  /** Ids of what the files hold. */
  kept: readonly string[]
  withApprovals: (tx: Context, run: () => Promise<Applied>) => Promise<Applied>
}

export const prune = async (tx: Context, { scope, force }: Prune, pruning: Pruning): Promise<Applied[]> => {
  const { manager, reason, kept } = pruning
  if (manager === undefined)
    throw invalid('To prune, say whose files these are: only what the same manager made before is deleted.', {
      faults: [{ at: '/manager', message: 'missing' }],
    })
  if (kept.length === 0 && !force)
    throw pruneEmpty(`These files hold nothing, so everything of ${manager} at ${scope} would go. If that is meant, force it.`)
  const deleted: Applied[] = []
  for (const row of await leftOver(tx, scope, manager, kept))
    deleted.push(
      await pruning.withApprovals(tx, async () => {
        await remove(tx, row.kind, row.id, { reason })
        return { outcome: 'deleted', resource: toResource(row) }
      }),
    )
  return deleted
}

const leftOver = async (tx: Context, which: string, manager: string, kept: readonly string[]): Promise<Row[]> => {
  const scope = await resolveScope(tx, which)
  const found = await select(tx)
    .where(sql<boolean>`resource.labels @> ${JSON.stringify(managedBy(manager))}::jsonb`)
    .where(sql<boolean>`resource.scope_id in (select id from policy_scope where ancestors @> array[${scope.id}])`)
    .where(sql<boolean>`resource.id <> all(${[...kept]}::text[])`)
    .where(
      await visibleAmong(
        tx,
        kindsOf(tx.site).map(({ kind }) => kind),
      ),
    )
    .limit(pruneMax + 1)
    .execute()
  if (found.length > pruneMax) throw invalid(`More than ${pruneMax} things would be deleted at once. Prune a smaller scope.`)
  return dependentsFirst(tx, lastFirst(tx, found))
}

/** The way they were applied, backwards: what needs before what is needed, locks before what they hold, scopes when they are empty. */
const lastFirst = (tx: Context, found: readonly Row[]): Row[] => {
  const rank = new Map(kindsOf(tx.site).map(({ kind, isScope }, i) => [kind, { i, isScope }]))
  const key = (row: Row) => {
    const { i, isScope } = rank.get(row.kind)!
    return { row, depth: isScope ? row.path.split('/').filter((part) => part !== '').length : Infinity, kind: i }
  }
  const sorted = found.map(key).sort((a, b) => (a.depth === b.depth ? b.kind - a.kind : a.depth < b.depth ? 1 : -1))
  return sorted.map(({ row }) => row)
}

const dependentsFirst = async (tx: Context, sorted: readonly Row[]): Promise<Row[]> => {
  if (sorted.length === 0) return []
  const ids = sorted.map(({ id }) => id)
  const edges = await rows(tx)
    .selectFrom('resource_edge')
    .selectAll()
    .where('from_id', 'in', ids)
    .where('to_id', 'in', ids)
    .execute()
  const ordered = new Set<Row>()
  const place = (row: Row): void => {
    if (ordered.has(row)) return
    for (const { from_id } of edges.filter(({ to_id }) => to_id === row.id)) place(sorted.find(({ id }) => id === from_id)!)
    ordered.add(row)
  }
  for (const row of sorted) place(row)
  return [...ordered]
}
