// Content by digest: `blobs/sha256/ab/abcd…`. A blob appears whole and fsynced under its digest or not at all, and is read-only from then on.
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { asDiskProblem, syncFolderLater } from './files.ts'
import { invalid, notFound, problem } from './problem.ts'
import { sendFile } from './send-file.ts'
import { writeThrough } from './write-through.ts'

export type Blobs = { readonly root: string }
export type Digest = `sha256:${string}`

export const digestMismatch = problem('digest-mismatch', 400, 'The content is not what its digest says')

const digestPattern = /^sha256:[0-9a-f]{64}$/

export const isDigest = (text: string): text is Digest => digestPattern.test(text)

export const openBlobs = async (root: string): Promise<Blobs> => {
  mkdirSync(join(root, 'sha256'), { recursive: true, mode: 0o700 })
  mkdirSync(join(root, 'incoming'), { recursive: true, mode: 0o700 })
  // What a crash left half-written was never acknowledged.
  for (const name of await readdir(join(root, 'incoming'))) await rm(join(root, 'incoming', name), { force: true })
  return { root }
}

export const blobPath = (blobs: Blobs, digest: string): string => {
  if (!isDigest(digest)) throw invalid(`${JSON.stringify(digest.slice(0, 80))} is not a sha256 digest.`)
  const hex = digest.slice('sha256:'.length)
  return join(blobs.root, 'sha256', hex.slice(0, 2), hex)
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
  const state = { hash: createHash('sha256'), sizeBytes: 0, writtenBytes: 0 }
  try {
    const file = await open(aside, 'wx', 0o400)
    try {
      const { sizeBytesMax, signal, onProgress } = options
      await writeThrough(source, file, { state, sizeBytesMax, signal, onProgress })
      await file.sync()
    } finally {
      await file.close()
    }
    const digest: Digest = `sha256:${state.hash.digest('hex')}`
    if (options.expectedDigest !== undefined && options.expectedDigest !== digest)
      throw digestMismatch('The bytes that arrived do not have the digest that was announced; nothing was stored.', {
        expected: options.expectedDigest,
        actual: digest,
      })
    return { digest, sizeBytes: state.sizeBytes, mended: await adopt(blobs, aside, digest) }
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

/**
 * `link`, not `rename`: two writers of the same content both end with it stored once, and neither replaces the other's file. What is there already is
 * read through before it is trusted, since whoever uploads content again may do so because it rotted; only then is it replaced. True when it was.
 */
export const adopt = async (blobs: Blobs, aside: string, digest: Digest): Promise<boolean> => {
  const path = blobPath(blobs, digest)
  const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const stored = await link(aside, path).then(
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
  return found && { sizeBytes: found.size }
}

export type Reading = { start?: number; end?: number; /** At once. */ chunkBytes?: number }

export const openBlob = (blobs: Blobs, digest: string, { chunkBytes, ...range }: Reading = {}): Readable =>
  createReadStream(blobPath(blobs, digest), { ...range, ...(chunkBytes === undefined ? {} : { highWaterMark: chunkBytes }) })

/** As `openBlob` to a sink, which `begin` gives once it is sure that there is something to send. Ends the sink; a sink that goes away is no fault of ours. */
export const sendBlob = async (
  blobs: Blobs,
  digest: string,
  range: { start: number; end: number },
  begin: () => Writable,
): Promise<void> => {
  const file = await open(blobPath(blobs, digest), 'r')
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

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE'].includes(String(error.code))

/** Reads the whole blob again: bit rot and tampering show here, before anything is served or run. */
export const verifyBlob = async (blobs: Blobs, digest: string): Promise<boolean> => {
  if (!(await statBlob(blobs, digest))) throw notFound(`No blob ${digest} is stored here.`)
  const hash = createHash('sha256')
  for await (const chunk of openBlob(blobs, digest)) hash.update(chunk)
  return `sha256:${hash.digest('hex')}` === digest
}

/** With its recipe. */
export const removeBlob = async (blobs: Blobs, digest: string): Promise<void> => {
  const path = blobPath(blobs, digest)
  await rm(path, { force: true })
  await rm(recipePath(blobs, digest), { force: true })
}

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
    yield { prefix, lying }
  }
}
