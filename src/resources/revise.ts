// Every state a resource had, by whom and why; also told to whoever tries a change, or carries out an approved one.
import type { Context } from '#platform/context.ts'
import type { MovePreview } from './move-schema.ts'
import { referencesTo } from './references.ts'
import { criticalities, type Revision } from './schema.ts'
import { json, rows, type Row } from './store.ts'

export type Said = {
  before?: Row | undefined
  reason?: string | undefined
  /** What else changes by it, for all that lies in what moves. */
  move?: MovePreview | undefined
}

export const revise = async (
  tx: Context,
  row: Row,
  change: Revision['change'],
  { before, reason, move }: Said = {},
): Promise<void> => {
  const { id, generation, kind, scope_id, name, labels, spec, rank, caveats, criticality, depends_on } = row
  const after = { kind, scope_id, name, labels: json(labels), spec: json(spec), rank, caveats, criticality, depends_on }
  const by = { actor: tx.actor.id, request_id: tx.requestId, at: tx.now(), reason: reason ?? null }
  await rows(tx)
    .insertInto('resource_revision')
    .values({ resource_id: id, generation, change, ...after, ...by })
    .execute()
  await tell(tx, row, change, { before, move })
}

/** What is shown of one change before others approve it. It says the same at every trial, so it holds no time and no id that was only just made. */
const tell = async (tx: Context, row: Row, change: Revision['change'], { before, move }: Said): Promise<void> => {
  if (!tx.trace) return
  const { id, kind, name, path: scope } = row
  const refs = await referencesTo(tx, [...(before?.depends_on ?? []), ...row.depends_on])
  tx.trace.changes.push({
    ...(change === 'created' ? {} : { id }),
    kind,
    scope,
    name,
    change,
    ...(before ? { before: stated(before, refs) } : {}),
    ...(change === 'deleted' ? {} : { after: stated(row, refs) }),
    ...(move ? { move } : {}),
  })
}

/** What people state of a resource, and nothing that the site adds. */
export const stated = (row: Row, refs: ReadonlyMap<string, string>) => ({
  scope: row.path,
  name: row.name,
  labels: row.labels,
  classification: { level: row.level, caveats: row.caveats },
  ...(row.criticality === null ? {} : { criticality: criticalities[row.criticality] }),
  ...(row.depends_on.length === 0 ? {} : { dependsOn: row.depends_on.map((id) => refs.get(id) ?? id) }),
  spec: row.spec,
})
