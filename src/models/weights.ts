// The weights of a model: their passport, read once, and where they lie, checked.
import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { verifyStored } from '#artifacts'
import type { Resource } from '#resources'
import { fileOf } from '#platform/blob-cache.ts'
import { startChild } from '#platform/child.ts'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { ModelApproval } from './approval-schema.ts'
import { Passport } from './passport.ts'

export const modelUnreadable = problem('model-unreadable', 422, 'The file is not a usable model')

const readMsMax = 30_000
const readMemoryMbMax = 512

export const ModelStatus = Type.Object({
  passport: Passport,
  digest: Type.Optional(Type.String({ description: 'Of the file the passport was read from' })),
  broughtBy: Type.Optional(Type.String({ description: 'Who gave it these weights' })),
  approval: Type.Optional(ModelApproval),
})
export type ModelStatus = Static<typeof ModelStatus>

export const digestOf = (model: Resource): string => String(model.spec['digest'])

/** The head of the file, read where a hostile file can do no harm. Throws `model-unreadable` with what is wrong. */
export const readPassport = async (ctx: Context, digest: string): Promise<Passport> => {
  const read = passportsOf(ctx.site)
  const known = read.get(digest)
  if (known) return known
  const passport = await readHead(ctx, digest)
  if (read.size >= passportsKeptMax) read.delete(read.keys().next().value!)
  read.set(digest, passport)
  return passport
}

/** What is read is what its digest says, so it is read once: for guardrails, and then to admit it. */
const passportsKeptMax = 200
const passports = new WeakMap<Site, Map<string, Passport>>()
const passportsOf = (site: Site): Map<string, Passport> => {
  const found = passports.get(site) ?? new Map<string, Passport>()
  passports.set(site, found)
  return found
}

const readHead = async (ctx: Context, digest: string): Promise<Passport> => {
  const path = await fileOf(ctx.site.blobs, digest)
  const child = startChild({
    module: new URL('./gguf-child.ts', import.meta.url),
    name: 'gguf reader',
    network: 'none',
    memoryMbMax: readMemoryMbMax,
    log: ctx.log,
  })
  const heard = new Promise<{ passport?: unknown; fault?: unknown }>((resolve) =>
    child.onMessage((message) => resolve(message as { passport?: unknown; fault?: unknown })),
  ) // checked below
  const timer = setTimeout(() => child.kill(), readMsMax)
  child.send(path)
  const answer = await Promise.race([
    heard,
    child.exited.then((exit) => ({
      fault:
        exit.reason === 'memory'
          ? `reading its head took more than ${readMemoryMbMax} MB`
          : 'reading it crashed or took too long',
    })),
  ])
  clearTimeout(timer)
  child.kill()
  if ('passport' in answer && passportCheck.Check(answer.passport)) return answer.passport
  throw modelUnreadable(
    `The file cannot be used as a model: ${typeof answer.fault === 'string' ? answer.fault : 'its head makes no sense'}.`,
    { digest },
  )
}

const passportCheck = Compile(Passport)

/** A model as an engine needs it: where its bytes lie, checked against their digest. Throws when they are not what they were. */
export const weightsOf = async (ctx: Context, model: Resource): Promise<string> => {
  const digest = digestOf(model)
  if (!(await verifyStored(ctx, digest)))
    throw modelUnreadable(
      `The stored weights of ${model.name} are no longer what their digest says: the disk is faulty or someone changed the file. Upload them again.`,
      { digest },
    )
  return fileOf(ctx.site.blobs, digest)
}
