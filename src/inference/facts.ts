// What guardrails may ask of a deployment: the model it runs, and what else its project runs.
import { modelFacts } from '#models'
import { findScopes } from '#policy'
import { countIn, namedAt, type Facts, type Resource } from '#resources'
import type { Context } from '#platform/context.ts'

/** By id, or by name: the nearest one up the scope tree. */
export const nearest = (models: readonly Resource[], { spec }: Resource, chain: readonly string[]): Resource | undefined =>
  models
    .filter((model) => chain.includes(model.scopeId) && (model.id === spec['model'] || model.name === spec['model']))
    .sort((a, b) => chain.indexOf(a.scopeId) - chain.indexOf(b.scopeId))[0]

/** An engine here is one process on the CPU; how often another server runs what it answers for is not known. */
const replicas = 1
const accelerators = 0

export const deploymentFacts = async (ctx: Context, deployments: readonly Resource[]): Promise<Facts[]> => {
  const scopes = await findScopes(ctx, [...new Set(deployments.map(({ scopeId }) => scopeId))])
  const models = await namedAt(ctx, 'model', {
    called: [...new Set(deployments.filter(isLocal).map(({ spec }) => String(spec['model'])))],
    scopeIds: [...new Set([...scopes.values()].flatMap(({ ancestors }) => ancestors))],
  })
  const used = deployments.map((one) =>
    isLocal(one) ? nearest(models, one, scopes.get(one.scopeId)?.ancestors ?? []) : undefined,
  )
  const distinct = [...new Set(used.filter((model) => model !== undefined))]
  const told = new Map((await modelFacts(ctx, distinct)).map((facts, i) => [distinct[i]!, facts]))
  const counts = await countIn(ctx, 'deployment', [...scopes.keys()])
  return deployments.map((one, i) => {
    const model = used[i]
    // Generation 0: it is being made, and not counted yet.
    const project = { deployments: (counts.get(one.scopeId) ?? 0) + (one.generation === 0 ? 1 : 0), accelerators }
    return { project, ...(isLocal(one) ? { replicas } : {}), ...(model ? { model: told.get(model) } : {}) }
  })
}

const isLocal = ({ spec }: Resource): boolean => (spec['engine'] ?? 'llama') === 'llama'
