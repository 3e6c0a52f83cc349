// The catalog: what may be run here. A model is a name for weights we hold, pinned by digest, with a passport read from the weights.
import { Type } from 'typebox'
import { releaseArtifact, requireArtifact } from '#artifacts'
import { allOf, defineKind, type Change, type Resource } from '#resources'
import type { Context } from '#platform/context.ts'
import { conflict } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { modelFacts } from './facts.ts'
import { digestOf, ModelStatus, readPassport } from './weights.ts'

const line = { maxLength: 500, pattern: '^[^\\u0000-\\u001f]*$' }

export const ModelSpec = Type.Object(
  {
    digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description: 'Of the GGUF file, uploaded before' }),
    licence: Type.Optional(Type.String(line)),
    source: Type.Optional(Type.String(line)),
    description: Type.Optional(Type.String(line)),
  },
  { additionalProperties: false },
)
export const defineModels = (site: Site): void =>
  defineKind(site, {
    kind: 'model',
    plural: 'models',
    title: 'Model',
    description: 'Weights in the store, by digest, with a passport read from the file.',
    spec: ModelSpec,
    status: ModelStatus,
    idPrefix: 'model',
    admit: admitModel,
    removed: removeModel,
    facts: modelFacts,
  })

const admitModel = async (tx: Context, { resource, before }: Change): Promise<Record<string, unknown> | void> => {
  const digest = digestOf(resource)
  await requireArtifact(tx, digest, resource.id)
  if (before && digestOf(before) === digest) return
  if (before) await releaseArtifact(tx, digestOf(before), resource.id)
  // Other weights are approved anew.
  return { passport: await readPassport(tx, digest), digest, broughtBy: tx.actor.id }
}

const removeModel = async (tx: Context, model: Resource): Promise<void> => {
  // Resolved when the deployment was admitted: a name alone may mean another model at another scope.
  const user = (await allOf(tx, 'deployment')).find(({ status }) => status?.['modelId'] === model.id)
  if (user)
    throw conflict(`The deployment ${user.name} at ${user.scope} runs this model. Delete the deployment first.`, {
      deployment: user.id,
    })
  await releaseArtifact(tx, digestOf(model), model.id)
}
