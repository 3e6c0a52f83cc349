import { sql, type Generated, type RawBuilder } from 'kysely'
import { join, levelName, levels } from '#policy'
import type { Context, Label, ResourceRef } from '#platform/context.ts'
import { criticalities, type Resource, type Revision } from './schema.ts'

type Labels = Record<string, string>
type Body = Record<string, unknown>
export type Tables = {
  resource: {
    id: string
    kind: string
    scope_id: string
    governing_scope_id: string
    name: string
    labels: Labels
    owner: string
    spec: Body
    status: Body | null
    generation: number
    created_at: Date
    updated_at: Date
    rank: number
    caveats: string[]
    /** Its own, 0 to 3; null where nobody said. */
    criticality: number | null
    depends_on: string[]
  }
  resource_edge: { from_id: string; to_id: string; relation: string }
  resource_criticality: { resource_id: string; effective: number }
  resource_revision: {
    resource_id: string
    generation: number
    change: Revision['change']
    kind: string
    scope_id: string
    name: string
    labels: Labels
    spec: Body
    rank: number
    caveats: string[]
    criticality: number | null
    depends_on: string[]
    reason: string | null
    actor: string
    request_id: string
    at: Date
  }
  resource_change: {
    xact: Generated<string>
    seq: Generated<number>
    resource_id: string
    kind: string
    governing_scope_id: string
    change: ChangeWord
    at: Date
  }
}
export type ChangeWord = Revision['change'] | 'status'
/** What is joined to a row: where it lies, and what follows from all that depends on it. */
type Joined = {
  path: string
  effective_criticality: number | null
  /** The name of its own level; that of the scope it lies in is joined to it. */
  level: string
  scope_rank: number
  scope_caveats: string[]
  effective_level: string
}
export type Row = Tables['resource'] & Joined

type Scopes = { policy_scope: { id: string; path: string; effective_rank: number; effective_caveats: string[] } }
export const rows = (ctx: Pick<Context, 'db'>) => ctx.db.withTables<Tables & Scopes>()

/** As policy names a rank: by the highest level at or below it. */
const levelOf = (rank: RawBuilder<unknown>) =>
  sql<string>`coalesce((select name from policy_level where rank <= ${rank} order by rank desc limit 1), (${rank})::text)`

export const select = (ctx: Pick<Context, 'db'>) =>
  rows(ctx)
    .selectFrom('resource')
    .innerJoin('policy_scope', 'policy_scope.id', 'resource.scope_id')
    .leftJoin('resource_criticality', 'resource_criticality.resource_id', 'resource.id')
    .selectAll('resource')
    .select([
      'policy_scope.path',
      'resource_criticality.effective as effective_criticality',
      'policy_scope.effective_rank as scope_rank',
      'policy_scope.effective_caveats as scope_caveats',
      levelOf(sql`resource.rank`).as('level'),
      levelOf(sql`greatest(resource.rank, policy_scope.effective_rank)`).as('effective_level'),
    ])

/** Where policy looks when it filters rows. */
export const columns = {
  scope: 'resource.governing_scope_id',
  owner: 'resource.owner',
  labels: 'resource.labels',
  rank: 'resource.rank',
  caveats: 'resource.caveats',
}

export const labelOf = ({ rank, caveats }: Pick<Row, 'rank' | 'caveats'>): Label => ({ rank, caveats })
/** Its own label and that of where it lies, joined. */
export const effectiveOf = (row: Row): Label => join(labelOf(row), { rank: row.scope_rank, caveats: row.scope_caveats })

/** The row under another label of its own, or in another scope, named anew. */
export const named = async (tx: Context, row: Row): Promise<Row> => {
  const scheme = await levels(tx)
  return { ...row, level: levelName(scheme, row.rank), effective_level: levelName(scheme, effectiveOf(row).rank) }
}

/** How policy is asked of a resource that a room holds. What is told of it names its level only, which a change of the levels makes another's. */
export const refFor = (resource: Resource): ResourceRef => {
  const ref = refs.get(resource)
  if (!ref) throw new Error(`${resource.kind} ${resource.id} was not read from the inventory`)
  return ref
}
const refs = new WeakMap<Resource, ResourceRef>()

export const toResource = (row: Row): Resource => {
  const resource = resourceOf(row)
  refs.set(resource, refOf(row))
  return resource
}

const resourceOf = (row: Row): Resource => ({
  id: row.id,
  kind: row.kind,
  scope: row.path,
  scopeId: row.scope_id,
  name: row.name,
  labels: row.labels,
  owner: row.owner,
  spec: row.spec,
  ...(row.status === null ? {} : { status: row.status }),
  classification: { level: row.level, caveats: row.caveats },
  effectiveClassification: { level: row.effective_level, caveats: [...effectiveOf(row).caveats] },
  ...(row.criticality === null ? {} : { criticality: criticalities[row.criticality]! }), // the column's check holds it within
  effectiveCriticality: criticalities[row.effective_criticality ?? 0]!,
  ...(row.depends_on.length === 0 ? {} : { dependsOn: row.depends_on }),
  generation: row.generation,
  etag: etagOf(row),
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
})

/** A resource of which nothing but its spec is said. */
export const unstated = {
  labels: {},
  status: null,
  rank: 0,
  caveats: [],
  criticality: null,
  effective_criticality: null,
  depends_on: [],
  level: '',
  effective_level: '',
} satisfies Partial<Row>

const joined = new Set<string>([
  'path',
  'effective_criticality',
  'level',
  'scope_rank',
  'scope_caveats',
  'effective_level',
] satisfies (keyof Joined)[])
const withoutJoined = (row: Row): Tables['resource'] =>
  Object.fromEntries(Object.entries(row).filter(([column]) => !joined.has(column))) as Tables['resource'] // a row less what was joined to it

export const refOf = (row: Tables['resource']) =>
  ({
    kind: row.kind,
    id: row.id,
    scope: row.governing_scope_id,
    owner: row.owner,
    labels: row.labels,
    label: labelOf(row),
  }) satisfies ResourceRef

export const etagOf = ({ id, generation }: { id: string; generation: number }): string => `"${id}.${generation}"`

/** Undefined when the name was taken a moment ago: the unique index decides, and waits for a rival's transaction to end first. */
export const insert = async (tx: Context, row: Row): Promise<boolean> => {
  const made = await rows(tx)
    .insertInto('resource')
    .values({ ...withoutJoined(row), labels: json(row.labels), spec: json(row.spec), status: row.status && json(row.status) })
    .onConflict((on) => on.columns(['kind', 'scope_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return made !== undefined
}

/** What people and rooms state of it, and that it moved on. */
export const update = async (tx: Context, row: Row): Promise<void> => {
  const { id, labels, spec, status, generation, updated_at, rank, caveats, criticality, depends_on } = row
  await rows(tx)
    .updateTable('resource')
    .set({
      labels: json(labels),
      spec: json(spec),
      status: status && json(status),
      generation,
      updated_at,
      rank,
      caveats,
      criticality,
      depends_on,
    })
    .where('id', '=', id)
    .execute()
}

/** pg would send a JavaScript array as a PostgreSQL array; JSON is sent as text. */
export const json = <T>(value: T): T => JSON.stringify(value) as T // a jsonb column takes the text and gives the value back

export const changesKeptDays = 30
const sweepEvery = 512

export const announce = async (
  tx: Context,
  row: Pick<Row, 'id' | 'kind' | 'governing_scope_id'>,
  change: ChangeWord,
): Promise<void> => {
  const { seq } = await rows(tx)
    .insertInto('resource_change')
    .values({ resource_id: row.id, kind: row.kind, governing_scope_id: row.governing_scope_id, change, at: tx.now() })
    .returning('seq')
    .executeTakeFirstOrThrow()
  if (seq % sweepEvery !== 0) return
  const before = new Date(tx.now().getTime() - changesKeptDays * 86_400_000)
  await rows(tx).deleteFrom('resource_change').where('at', '<', before).execute()
}
