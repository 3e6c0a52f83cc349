// Who signed what is in the store: for other rooms, which ask it of every model they show, so each signature is read once.
import { buffer } from 'node:stream/consumers'
import { sql } from 'kysely'
import { modelPublishers, type ModelKey, type ModelPublisher } from '#compliance'
import { openBlob, type Digest } from '#platform/blobs.ts'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { bundleType, isMadeBy, openBundle, type Opened } from './model-signature.ts'
import { bundleBytesMax } from './signatures.ts'

type Candidate = { digest: Digest; bundle: Digest; size: number }
const candidatesMax = 1_000
/** Of bundles, as they lie on the disk; opened they take some times as much. */
const rememberedBytesMax = 16 * 1024 ** 2

type Read = { readonly opened: Opened | undefined; readonly files: ReadonlySet<string>; readonly by: Map<string, boolean> }
type Remembered = { sizeBytes: number; readonly read: Map<string, Read> }
/** What a bundle lists, and whom it is by, never change. */
const remembered = new WeakMap<Site, Remembered>()

/** Of these contents, those that a publisher of the site signed as a file of a model here; by which. What is not told is not signed. */
export const signersOf = async (ctx: Context, digests: readonly string[]): Promise<Map<string, string[]>> => {
  const publishers = digests.length === 0 ? [] : await modelPublishers(ctx)
  if (publishers.length === 0) return new Map()
  const found = new Map<string, string[]>()
  for (const candidate of await candidatesFor(ctx, digests)) {
    const names = publishersOf(candidate, await readOnce(ctx, candidate), publishers)
    if (names.length > 0) found.set(candidate.digest, [...new Set([...(found.get(candidate.digest) ?? []), ...names])])
  }
  return found
}

const candidatesFor = async (ctx: Context, digests: readonly string[]): Promise<Candidate[]> =>
  (
    await sql<Candidate>`
      select distinct link.blob as digest, bundle.blob as bundle, bundle.size_bytes as size from artifact_link link
      join artifact_reference file on file.package_id = link.package_id and file.digest = link.digest and file.role = 'layer'
      join artifact_manifest signature on signature.package_id = link.package_id and signature.subject = file.manifest and signature.artifact_type = ${bundleType}
      join artifact_reference layer on layer.package_id = signature.package_id and layer.manifest = signature.digest and layer.role = 'layer' and layer.media_type = ${bundleType}
      join artifact_link bundle on bundle.package_id = layer.package_id and bundle.digest = layer.digest
      where link.blob = any(${[...digests]}::text[]) and bundle.size_bytes <= ${bundleBytesMax} limit ${candidatesMax}`.execute(
      ctx.db,
    )
  ).rows

const publishersOf = ({ digest }: Candidate, { opened, files, by }: Read, publishers: readonly ModelPublisher[]): string[] => {
  if (!opened || !files.has(digest.slice('sha256:'.length))) return []
  const made = (key: ModelKey): boolean => {
    const name = key.certificate?.fingerprint256 ?? key.hint
    const is = by.get(name) ?? isMadeBy(opened, key)
    by.set(name, is)
    return is
  }
  return publishers.filter(({ keys }) => keys.some(made)).map(({ name }) => name)
}

const readOnce = async (ctx: Context, { bundle, size }: Candidate): Promise<Read> => {
  const memory = remembered.get(ctx.site) ?? { sizeBytes: 0, read: new Map<string, Read>() }
  remembered.set(ctx.site, memory)
  const known = memory.read.get(bundle)
  if (known) return known
  const read = await readBundle(ctx, bundle)
  if (memory.sizeBytes + size > rememberedBytesMax) {
    memory.read.clear()
    memory.sizeBytes = 0
  }
  if (read.opened && size <= rememberedBytesMax) {
    memory.read.set(bundle, read)
    memory.sizeBytes += size
  }
  return read
}

/** A bundle that cannot be read, or is none, signs nothing: the models it would speak of are shown all the same. */
const readBundle = async (ctx: Context, bundle: Digest): Promise<Read> => {
  const by = new Map<string, boolean>()
  try {
    const opened = openBundle((await buffer(openBlob(ctx.site.blobs, bundle))).toString('utf8'))
    return { opened, files: new Set(opened.files.map(({ sha256 }) => sha256)), by }
  } catch (error) {
    ctx.log.warn({ err: error, digest: bundle }, 'a signature over a model cannot be read')
    return { opened: undefined, files: new Set(), by }
  }
}
