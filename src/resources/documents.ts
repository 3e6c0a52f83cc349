// Resources as guardrails judge them: what is declared, what is observed, and what the room that owns the kind knows.
import type { GuardrailDocument } from '#guardrails'
import type { Context } from '#platform/context.ts'
import { kindOf, type Facts } from './kinds.ts'
import type { Resource } from './schema.ts'
import { toResource, type Row } from './store.ts'

/** In the order of the rows; the rooms are asked once a kind. */
export const documentsFor = async (ctx: Context, rows: readonly Row[]): Promise<GuardrailDocument[]> => {
  const resources = rows.map(toResource)
  const facts = await factsOf(ctx, resources)
  return rows.map((row, i) => documentOf(row, resources[i]!, facts.get(row.id) ?? {}))
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
  classification: { rank: row.rank, caveats: row.caveats },
  ...(resource.criticality === undefined ? {} : { criticality: resource.criticality }),
  owner: row.owner,
  spec: row.spec,
  ...(row.status === null ? {} : { status: row.status }),
  facts: { ...facts, effectiveCriticality: resource.effectiveCriticality },
})
