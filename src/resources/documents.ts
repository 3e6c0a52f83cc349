// Resources as guardrails judge them: what is declared, what is observed, and what the room that owns the kind knows.
import type { GuardrailDocument } from '#guardrails'
import type { Context } from '#platform/context.ts'
import { kindOf, type Facts } from './kinds.ts'
import { knownOf } from './known.ts'
import { criticalities, type Resource } from './schema.ts'
import { effectiveOf, rows as tables, toResource, type Row } from './store.ts'

/** In the order of the rows; the rooms are asked once a kind. */
export const documentsFor = async (ctx: Context, rows: readonly Row[]): Promise<GuardrailDocument[]> => {
  const resources = rows.map(toResource)
  const facts = await factsOf(ctx, resources)
  const above = await criticalityAbove(ctx, rows)
  const known = await knownOf(ctx, rows)
  return rows.map((row, i) => {
    const effectiveCriticality = criticalities[Math.max(row.criticality ?? 0, above.get(row.id) ?? 0)]
    return documentOf(row, resources[i]!, { ...known[i], ...facts.get(row.id), effectiveCriticality })
  })
}

/** How much matters what depends on each: that of a resource as it would be is stored nowhere. */
const criticalityAbove = async (ctx: Context, rows: readonly Row[]): Promise<Map<string, number>> => {
  if (rows.length === 0) return new Map()
  const found = await tables(ctx)
    .selectFrom('resource_edge')
    .innerJoin('resource_criticality', 'resource_criticality.resource_id', 'resource_edge.from_id')
    .select(({ fn }) => ['resource_edge.to_id', fn.max('resource_criticality.effective').as('effective')])
    .where(
      'resource_edge.to_id',
      'in',
      rows.map(({ id }) => id),
    )
    .groupBy('resource_edge.to_id')
    .execute()
  return new Map(found.map(({ to_id, effective }) => [to_id, Number(effective)]))
}

const factsOf = async (ctx: Context, resources: readonly Resource[]): Promise<Map<string, Facts>> => {
  const known = new Map<string, Facts>()
  for (const [name, ofKind] of Map.groupBy(resources, ({ kind }) => kind)) {
    const answers = (await kindOf(ctx.site, name).facts?.(ctx, ofKind)) ?? []
    for (const [i, { id }] of ofKind.entries()) known.set(id, answers[i] ?? {})
  }
  return known
}

const documentOf = (row: Row, resource: Resource, facts: Facts): GuardrailDocument => ({
  kind: row.kind,
  id: row.id,
  scope: row.path,
  scopeId: row.scope_id,
  name: row.name,
  labels: row.labels,
  classification: { ...effectiveOf(row), level: row.effective_level },
  ...(resource.criticality === undefined ? {} : { criticality: resource.criticality }),
  owner: row.owner,
  spec: row.spec,
  ...(row.status === null ? {} : { status: row.status }),
  facts,
})
