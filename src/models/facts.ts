// What guardrails may ask of a model: what its weights are, and whether someone approved exactly these.
import { signersOf } from '#artifacts'
import type { Facts, Resource } from '#resources'
import { statBlob } from '#platform/blobs.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/problem.ts'
import { digestOf, modelUnreadable, readPassport, type ModelStatus } from './weights.ts'
import type { Passport } from './passport.ts'

export const modelFacts = async (ctx: Context, models: readonly Resource[]): Promise<Facts[]> => {
  const signers = await signersOf(ctx, models.map(digestOf))
  const facts: Facts[] = []
  for (const model of models) facts.push(factsOf(model, await passportFor(ctx, model), signers.has(digestOf(model))))
  return facts
}

const statusOf = ({ status }: Resource): Partial<ModelStatus> => (status ?? {}) as Partial<ModelStatus> // written by this room

export const isApproved = (model: Resource): boolean => statusOf(model).approval?.digest === digestOf(model)

/** `signed`: a publisher of the site signed exactly these weights, as a file of a model that a repository here holds. */
const factsOf = (model: Resource, passport: Passport | undefined, signed: boolean): Facts => {
  const approval = { approved: isApproved(model), signed, digest: digestOf(model) }
  if (!passport) return approval
  const { format, architecture, sizeBytes, quantisation, tools } = passport
  const stated = model.spec['licence']
  const licence = typeof stated === 'string' ? stated : passport.licence
  return { ...approval, format, architecture, sizeBytes, quantisation, tools, licence: licence?.toLowerCase() ?? null }
}

/** Of a model that is being made, the file is read now: what is not known then would be refused. */
const passportFor = async (ctx: Context, model: Resource): Promise<Passport | undefined> => {
  const { passport, digest } = statusOf(model)
  if (passport && digest === digestOf(model)) return passport
  if (!/^sha256:[0-9a-f]{64}$/.test(digestOf(model)) || !(await statBlob(ctx.site.blobs, digestOf(model)))) return undefined
  return readPassport(ctx, digestOf(model)).catch((error: unknown) => {
    if (error instanceof Problem && error.code === modelUnreadable.code) return undefined
    throw error
  })
}
