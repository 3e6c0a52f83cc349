// Content by digest: `blobs/sha256/ab/abcd…`. A blob appears whole and fsynced under its digest or not at all, and is read-only from then on. Where a bucket
// is set, content comes in here, is checked here, and then lies there; what lies in either place is served.
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { asDiskProblem, syncFolderLater } from './files.ts'
import { digestIn, sendFromBucket } from './bucket-reads.ts'
import type { Bucket } from './bucket.ts'
import { invalid, notFound, problem } from './problem.ts'
import { isGone, sendFile } from './send-file.ts'
import { writeAside } from './write-through.ts'

export type Blobs = {
  readonly root: string
  readonly bucket: Bucket | undefined
  /** Where new content goes; what lies in the other place is moved over at leisure. */ readonly keepIn: 'files' | 'bucket'
}
export type Digest = `sha256:${string}`

export const digestMismatch = problem('digest-mismatch', 400, 'The content is not what its digest says')

const digestPattern = /^sha256:[0-9a-f]{64}$/

export const isDigest = (text: string): text is Digest => digestPattern.test(text)

export const openBlobs = async (root: string, far: Pick<Blobs, 'bucket' | 'keepIn'> = filesOnly): Promise<Blobs> => {
  mkdirSync(join(root, 'sha256'), { recursive: true, mode: 0o700 })
  mkdirSync(join(root, 'incoming'), { recursive: true, mode: 0o700 })
  // What a crash left half-written was never acknowledged.
  for (const name of await readdir(join(root, 'incoming'))) await rm(join(root, 'incoming', name), { force: true })
  // Of this process there are none yet. A store that is away is no reason not to start; the next start does it.
  await far.bucket?.abortLeft().catch(() => {})
  return { root, ...far }
}
const filesOnly = { bucket: undefined, keepIn: 'files' } as const

export const blobPath = (blobs: Blobs, digest: string): string => {
  if (!isDigest(digest)) throw invalid(`${JSON.stringify(digest.slice(0, 80))} is not a sha256 digest.`)
  const hex = digest.slice('sha256:'.length)
  return join(blobs.root, 'sha256', hex.slice(0, 2), hex)
}

/** Of the object that is the blob. */
export const blobKey = (digest: string): string => {
  const hex = digest.slice('sha256:'.length)
  return `sha256/${hex.slice(0, 2)}/${hex}`
}

/** Where the chunks of a blob are written down, once someone has asked. */
export const recipePath = (blobs: Blobs, digest: string): string =>
  `${join(blobs.root, 'recipes', relative(blobs.root, blobPath(blobs, digest)))}.cdc`

export type PutOptions = {
  sizeBytesMax: number
  expectedDigest?: string
  signal?: AbortSignal
  onProgress?: (bytes: number) => void
}

/** `mended`: there was a file under this digest already, and it was no longer what its digest says. */
export type Put = { digest: Digest; sizeBytes: number; mended: boolean }

/** Streams in with bounded memory. Throws `too-large`, `digest-mismatch` or `disk-full`, and then leaves nothing behind. */
export const putBlob = async (blobs: Blobs, source: Readable, options: PutOptions): Promise<Put> => {
  const aside = join(blobs.root, 'incoming', randomUUID())
  try {
    const { sha256, sizeBytes } = await writeAside(source, aside, options)
    const digest: Digest = `sha256:${sha256}`
    if (options.expectedDigest !== undefined && options.expectedDigest !== digest)
      throw digestMismatch('The bytes that arrived do not have the digest that was announced; nothing was stored.', {
        expected: options.expectedDigest,
        actual: digest,
      })
    return { digest, sizeBytes, mended: await adopt(blobs, aside, digest) }
  } catch (error) {
    throw asDiskProblem(error)
  } finally {
    await rm(aside, { force: true })
  }
}

/** What lies aside stays there: an upload is over only when its record says so. */
const replace = async (aside: string, path: string): Promise<void> => {
  const next = `${path}.${randomUUID()}`
  await link(aside, next)
  await rename(next, path)
  await rm(next, { force: true }) // still there when both were names of one file
}

/** Under its digest, in the place for new content. True when what was there already was damaged, and is mended. */
export const adopt = (blobs: Blobs, aside: string, digest: Digest): Promise<boolean> =>
  blobs.bucket && blobs.keepIn === 'bucket' ? adoptObject(blobs, blobs.bucket, aside, digest) : adoptFile(blobs, aside, digest)

/** As with files: what is there already is read through before it is trusted, and is only then not overwritten. A file of the same content is not needed any more. */
const adoptObject = async (blobs: Blobs, bucket: Bucket, aside: string, digest: Digest): Promise<boolean> => {
  const [key, sha256] = [blobKey(digest), digest.slice('sha256:'.length)]
  const isNew = await bucket.put(key, aside, { sha256, overwrite: false })
  const mended = !isNew && (await digestIn(bucket, key)) !== digest
  if (mended) await bucket.put(key, aside, { sha256, overwrite: true })
  await rm(blobPath(blobs, digest), { force: true })
  return mended
}

/**
 * `link`, not `rename`: two writers of the same content both end with it stored once, and neither replaces the other's file. What is there already is
 * read through before it is trusted, since whoever uploads content again may do so because it rotted; only then is it replaced. True when it was.
 */
export const adoptFile = async (blobs: Blobs, aside: string, digest: Digest): Promise<boolean> => {
  const path = blobPath(blobs, digest)
  let made: string | undefined
  const linked = link(aside, path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    made = await mkdir(dirname(path), { recursive: true, mode: 0o700 }) // the first whose digest begins so
    await link(aside, path)
  })
  const stored = await linked.then(
    () => 'new' as const,
    async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      if (await verifyBlob(blobs, digest).catch(() => false)) return 'there' as const // a disk that cannot read it back has not got it
      await replace(aside, path)
      return 'mended' as const
    },
  )
  await syncFolderLater(dirname(path))
  if (made !== undefined) await syncFolderLater(dirname(dirname(path)))
  return stored === 'mended'
}

export const statBlob = async (blobs: Blobs, digest: string): Promise<{ sizeBytes: number } | undefined> => {
  const found = await stat(blobPath(blobs, digest)).catch(() => undefined)
  if (found) return { sizeBytes: found.size }
  const sizeBytes = await blobs.bucket?.size(blobKey(digest))
  return sizeBytes === undefined ? undefined : { sizeBytes }
}

export type Reading = { start?: number; end?: number; /** At once, of a file. */ chunkBytes?: number }

export const openBlob = (blobs: Blobs, digest: string, { chunkBytes, ...range }: Reading = {}): Readable => {
  const path = blobPath(blobs, digest)
  const reading = { ...range, ...(chunkBytes === undefined ? {} : { highWaterMark: chunkBytes }) }
  return blobs.bucket
    ? Readable.from(readEither(blobs.bucket, { path, key: blobKey(digest) }, reading), { objectMode: false })
    : createReadStream(path, reading)
}

/** The file first: it is nearer, and while content is moved either may be there. */
async function* readEither(
  bucket: Bucket,
  { path, key }: { path: string; key: string },
  reading: { start?: number; end?: number; highWaterMark?: number },
): AsyncGenerator<Buffer> {
  const file = await openIfThere(path)
  if (file) return yield* file.createReadStream(reading) as AsyncIterable<Buffer> // nobody set an encoding
  const got = await bucket.get(key, reading)
  if (!got) throw absent(key)
  yield* got.body as AsyncIterable<Buffer> // as above
}

const openIfThere = (path: string) =>
  open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })

/** Like a file that is not there. */
const absent = (key: string): Error => Object.assign(new Error(`There is no ${key}`), { code: 'ENOENT' })

/** As `openBlob` to a sink, which `begin` gives once it is sure that there is something to send. Ends the sink; a sink that goes away is no fault of ours. */
export const sendBlob = async (
  blobs: Blobs,
  digest: string,
  range: { start: number; end: number },
  begin: () => Writable,
): Promise<void> => {
  const path = blobPath(blobs, digest)
  const file = blobs.bucket ? await openIfThere(path) : await open(path, 'r')
  if (!file) {
    const got = await blobs.bucket?.get(blobKey(digest), range)
    if (!got) throw absent(blobKey(digest))
    return sendFromBucket(got, { digest, range }, begin)
  }
  const sink = begin()
  try {
    await sendFile(file, range, sink)
    sink.end()
  } catch (error) {
    if (sink.destroyed && isGone(error)) return
    sink.destroy() // cut off, so that half is not taken for the whole
    throw error
  } finally {
    await file.close()
  }
}

/** Reads the whole blob again: bit rot and tampering show here, before anything is served or run. */
export const verifyBlob = async (blobs: Blobs, digest: string): Promise<boolean> => {
  if (!(await statBlob(blobs, digest))) throw notFound(`No blob ${digest} is stored here.`)
  const hash = createHash('sha256')
  for await (const chunk of openBlob(blobs, digest)) hash.update(chunk)
  return `sha256:${hash.digest('hex')}` === digest
}

/** With its recipe, wherever it lies. */
export const removeBlob = async (blobs: Blobs, digest: string): Promise<void> => {
  const path = blobPath(blobs, digest)
  await rm(path, { force: true })
  await rm(cachePath(blobs, digest), { force: true })
  await rm(recipePath(blobs, digest), { force: true })
  await blobs.bucket?.remove(blobKey(digest))
}

/** A copy of what lies in the bucket, for programs that read files. */
export const cachePath = (blobs: Blobs, digest: string): string => join(blobs.root, 'cache', digest.slice('sha256:'.length))

export type Lying = {
  readonly digest: Digest
  readonly sizeBytes: number
  /** Since when it has this name. */ readonly since: Date
}

const prefixes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** All that lies there, a part at a time: whoever compares it with a record holds 1/256 of it. */
export async function* listBlobs(blobs: Blobs): AsyncGenerator<{ readonly prefix: string; readonly lying: readonly Lying[] }> {
  for (const prefix of prefixes) {
    const folder = join(blobs.root, 'sha256', prefix)
    const lying: Lying[] = []
    for (const name of await readdir(folder).catch(() => [])) {
      const digest = `sha256:${name}`
      const found = isDigest(digest) ? await stat(join(folder, name)).catch(() => undefined) : undefined
      if (found && isDigest(digest)) lying.push({ digest, sizeBytes: found.size, since: found.ctime })
    }
    const here = new Set(lying.map(({ digest }) => digest))
    for await (const { key, sizeBytes, since } of blobs.bucket?.list(`sha256/${prefix}/`) ?? []) {
      const digest = `sha256:${key.slice(key.lastIndexOf('/') + 1)}`
      if (isDigest(digest) && !here.has(digest)) lying.push({ digest, sizeBytes, since })
    }
    yield { prefix, lying }
  }
}
