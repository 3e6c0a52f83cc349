// Pull-through: what a repository does not hold is fetched from its upstream when it is asked for, checked, and held like anything that was pushed.
import { createHash } from 'node:crypto'
import { monotonicMs } from '#platform/clock.ts'
import { systemContext, type Context } from '#platform/context.ts'
import { isDigest as isSha256 } from '#platform/blobs.ts'
import { Problem, tooLarge } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { blobUnknown, heldBlob, type Held } from './content.ts'
import { manifestBytesMax } from './manifest-form.ts'
import { getManifest, manifestUnknown, putManifest, type Origin, type Stored } from './manifests.ts'
import { pushBlob } from './releases.ts'
import type { Place } from './repositories.ts'
import { askUpstream, upstreamFailed } from './upstream-client.ts'
import { upstreamOf, type Upstream } from './upstream-spec.ts'

const revalidateMinutes = 5
const minuteMs = 60_000
/** Beyond this, tags are asked for again sooner. */
const rememberedMax = 10_000

type State = {
  /** By what is fetched. */ readonly fetching: Map<string, Promise<void>>
  /** When a tag was last compared. */ readonly seen: Map<string, number>
}
const states = new WeakMap<Site, State>()
const stateOf = (site: Site): State => {
  const found = states.get(site) ?? { fetching: new Map(), seen: new Map() }
  states.set(site, found)
  return found
}

/** So that each tag is compared again: what a restart does. */
export const forgetTags = (site: Site): void => stateOf(site).seen.clear()

const usableUpstream = ({ site }: Context, { repository }: Place): Upstream | undefined =>
  site.config.upstreams.connected ? upstreamOf(repository) : undefined

const keyOf = ({ repository, name }: Place, what: string): string => `${repository.id} ${name} ${what}`
const below = (upstream: Upstream, { name }: Place, kind: string, what: string): string =>
  `${upstream.path}${name === '' ? '' : `/${name}`}/${kind}/${what}`

/** Several who miss the same thing at once wait for one fetch. */
const fetchOnce = async (ctx: Context, key: string, run: () => Promise<void>): Promise<void> => {
  const { fetching } = stateOf(ctx.site)
  const under = fetching.get(key) ?? run().finally(() => fetching.delete(key))
  fetching.set(key, under)
  await under
}

/** It is the site that fetches, whoever waits for it: who goes away does not stop it for the others. */
const bySite = (ctx: Context): Context => systemContext(ctx.site, 'pull-through')

const isCode = (error: unknown, { code }: { code: string }): boolean => error instanceof Problem && error.code === code

export type Through = Stored & { /** The upstream did not answer: this is what is held. */ readonly stale: boolean }

/** As `getManifest`. A digest is fetched when it is missing; a tag is compared with the upstream's, at most every so many minutes. */
export const getManifestThrough = async (ctx: Context, place: Place, reference: string): Promise<Through> => {
  const upstream = usableUpstream(ctx, place)
  const held = await getManifest(ctx, place, reference).catch((error: unknown) => {
    if (upstream && isCode(error, manifestUnknown)) return undefined
    throw error
  })
  if (held && (!upstream || reference.includes(':') || isFresh(ctx, place, upstream, reference))) return { ...held, stale: false }
  try {
    await fetchOnce(ctx, keyOf(place, reference), () => fetchManifest(ctx, place, upstream!, reference))
    return { ...(await getManifest(ctx, place, reference)), stale: false }
  } catch (error) {
    if (!held) throw error
    if (!isCode(error, upstreamFailed) && !isCode(error, manifestUnknown)) throw error
    ctx.log.warn({ err: error, repository: place.repository.id }, 'the upstream did not answer; what is held was served')
    return { ...held, stale: true }
  }
}

const isFresh = (ctx: Context, place: Place, upstream: Upstream, tag: string): boolean => {
  const at = stateOf(ctx.site).seen.get(keyOf(place, tag))
  return at !== undefined && monotonicMs() - at < (upstream.revalidateMinutes ?? revalidateMinutes) * minuteMs
}

const originOf = (ctx: Context, upstream: Upstream, at: string): Origin => ({
  origin: `${upstream.url}/v2/${at}`,
  pulledBy: ctx.actor.id,
})

const fetchManifest = async (ctx: Context, place: Place, upstream: Upstream, reference: string): Promise<void> => {
  const site = bySite(ctx)
  const at = below(upstream, place, 'manifests', reference)
  const answer = await askUpstream(site, upstream, at)
  if (!answer)
    throw manifestUnknown(`Neither ${place.path} nor its upstream has ${JSON.stringify(reference.slice(0, 160))}.`, { reference })
  const body = await readWhole(answer.body)
  const told = answer.headers.get('docker-content-digest')
  if (told?.startsWith('sha256:') && told !== `sha256:${createHash('sha256').update(body).digest('hex')}`)
    throw upstreamFailed(`${new URL(upstream.url).host} sent a manifest that is not what its digest says.`, { digest: told })
  const mediaType = answer.headers.get('content-type') ?? ''
  await putManifest(site, place, { reference, body, mediaType, origin: originOf(ctx, upstream, at) })
  const { seen } = stateOf(ctx.site)
  if (seen.size >= rememberedMax) seen.clear()
  if (!reference.includes(':')) seen.set(keyOf(place, reference), monotonicMs())
}

const readWhole = async (source: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of source) {
    sizeBytes += chunk.length
    if (sizeBytes > manifestBytesMax)
      throw tooLarge(`A manifest has at most ${manifestBytesMax} bytes.`, { bytesMax: manifestBytesMax })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** As `heldBlob`; what is missing is fetched whole before a byte of it is served, since nothing is served that was not checked. */
export const heldBlobThrough = async (ctx: Context, place: Place, digest: string): Promise<Held> => {
  const upstream = usableUpstream(ctx, place)
  return heldBlob(ctx, place, digest).catch(async (error: unknown) => {
    if (!upstream || !isSha256(digest) || !isCode(error, blobUnknown)) throw error
    await fetchOnce(ctx, keyOf(place, digest), () => fetchBlob(ctx, place, upstream, digest))
    return heldBlob(ctx, place, digest)
  })
}

const fetchBlob = async (ctx: Context, place: Place, upstream: Upstream, digest: string): Promise<void> => {
  const site = bySite(ctx)
  const at = below(upstream, place, 'blobs', digest)
  const answer = await askUpstream(site, upstream, at)
  if (!answer) throw blobUnknown(`Neither ${place.path} nor its upstream holds content with the digest ${digest}.`, { digest })
  await pushBlob(site, place, answer.body, digest, originOf(ctx, upstream, at)).catch((error: unknown) => {
    if (error instanceof Problem && error.code !== 'digest-mismatch') throw error
    throw upstreamFailed(`${new URL(upstream.url).host} did not send what ${digest} is; nothing was stored.`, { digest }, error)
  })
}
