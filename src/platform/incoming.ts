// Content on its way in, piece by piece: each piece is durable when it is acknowledged, and a blob only once the whole is what its digest says.
import { createHash, randomUUID } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { adopt, digestMismatch, type Blobs, type Digest, type Put } from './blobs.ts'
import { asDiskProblem } from './files.ts'
import { notFound } from './problem.ts'
import { writeThrough, type Running } from './write-through.ts'

const readBytes = 1024 ** 2

type Algorithm = 'sha256' | 'sha512'

/** The running hashes of what is in the files, while this process wrote all of it. */
const running = new WeakMap<Blobs, Map<string, Running>>()

const runningOf = (blobs: Blobs): Map<string, Running> => {
  const found = running.get(blobs) ?? new Map<string, Running>()
  running.set(blobs, found)
  return found
}

const pathOf = (blobs: Blobs, id: string): string => join(blobs.root, 'uploads', id)

export type Piece = {
  /** Where the piece begins: what was acknowledged before. Anything beyond it was not, and is written over. */
  atBytes: number
  sizeBytesMax: number
  signal?: AbortSignal
}

/** Appends with bounded memory; what it answers is on the disk. When the source breaks off, `broken` is told how far it came, then the break is thrown. */
export const appendIncoming = async (
  blobs: Blobs,
  id: string,
  source: AsyncIterable<Buffer>,
  { atBytes, sizeBytesMax, signal, broken }: Piece & { broken: (sizeBytes: number) => Promise<void> },
): Promise<number> => {
  const file = await openAt(blobs, id, atBytes)
  const state = await stateAt(blobs, id, atBytes)
  try {
    await writeThrough(source, file, { state, sizeBytesMax, signal })
    await file.datasync()
    return state.sizeBytes
  } catch (error) {
    if (state.writtenBytes !== state.sizeBytes) runningOf(blobs).delete(id) // a write failed: the hash knows more than the file
    await file.datasync()
    await broken(state.writtenBytes)
    throw asDiskProblem(error)
  } finally {
    await file.close()
  }
}

const openAt = async (blobs: Blobs, id: string, atBytes: number): Promise<FileHandle> => {
  if (atBytes === 0) return openFirst(blobs, id)
  await unshare(blobs, id)
  const file = await open(pathOf(blobs, id), 'r+').catch((error: unknown) => {
    throw notFound(`The upload ${id.slice(0, 80)} is not here any more. Start again.`, {}, error)
  })
  await file.truncate(atBytes)
  return file
}

/** With the first piece. What lies there was not acknowledged, and may be a blob's other name: it is not written over. */
const openFirst = async (blobs: Blobs, id: string): Promise<FileHandle> => {
  const path = pathOf(blobs, id)
  const create = () => open(path, 'wx', 0o600)
  return create()
    .catch(async (error: unknown) => {
      if (!isCode(error, 'EEXIST', 'ENOENT')) throw error
      await mkdir(join(blobs.root, 'uploads'), { recursive: true, mode: 0o700 })
      await rm(path, { force: true })
      return create()
    })
    .catch((error: unknown) => {
      throw asDiskProblem(error)
    })
}

const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))

/** A site that was killed while it finished an upload left one file under two names. To write on would change the blob, so the upload gets a file of its own. */
const unshare = async (blobs: Blobs, id: string): Promise<void> => {
  const path = pathOf(blobs, id)
  const found = await stat(path).catch(() => undefined)
  if (!found || (found.nlink === 1 && (found.mode & 0o200) !== 0)) return
  if (found.nlink === 1) return chmod(path, 0o600)
  const aside = join(blobs.root, 'incoming', randomUUID())
  try {
    await copyFile(path, aside, constants.COPYFILE_FICLONE)
    await chmod(aside, 0o600)
    await rename(aside, path)
  } catch (error) {
    throw asDiskProblem(error)
  } finally {
    await rm(aside, { force: true })
  }
}

/** After a restart, or a piece that broke off unheard, the hash is made anew from the file. */
const stateAt = async (blobs: Blobs, id: string, atBytes: number): Promise<Running> => {
  const known = runningOf(blobs).get(id)
  if (known?.sizeBytes === atBytes) return known
  const hash = createHash('sha256')
  if (atBytes > 0)
    for await (const chunk of createReadStream(pathOf(blobs, id), { end: atBytes - 1, highWaterMark: readBytes }))
      hash.update(chunk)
  const state = { hash, sizeBytes: atBytes, writtenBytes: atBytes }
  runningOf(blobs).set(id, state)
  return state
}

/** The whole, as a blob under its sha256. What came in lies there still, until it is dropped: killed before the record is made, the sender finishes again. Throws `digest-mismatch`. */
export const finishIncoming = async (blobs: Blobs, id: string, expected: string, sizeBytes: number): Promise<Put> => {
  const state = await stateAt(blobs, id, sizeBytes)
  const digest: Digest = `sha256:${state.hash.copy().digest('hex')}`
  const algorithm = expected.slice(0, expected.indexOf(':')) as Algorithm // checked by who asks
  const actual = algorithm === 'sha256' ? digest : `${algorithm}:${await hashFile(pathOf(blobs, id), algorithm)}`
  if (actual !== expected)
    throw digestMismatch('The bytes that arrived do not have the digest that was announced; nothing was stored.', {
      expected,
      actual,
    })
  if (sizeBytes === 0) await (await openFirst(blobs, id)).close() // nothing was ever sent: the blob of no bytes
  const { size } = await stat(pathOf(blobs, id))
  if (size !== sizeBytes) throw new Error(`The upload ${id} has ${size} bytes on the disk and ${sizeBytes} by its record`)
  await chmod(pathOf(blobs, id), 0o400)
  const mended = await adopt(blobs, pathOf(blobs, id), digest).catch((error: unknown) => {
    throw asDiskProblem(error)
  })
  return { digest, sizeBytes, mended }
}

export const hashFile = async (path: string, algorithm: Algorithm): Promise<string> => {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path, { highWaterMark: readBytes })) hash.update(chunk)
  return hash.digest('hex')
}

export const dropIncoming = async (blobs: Blobs, id: string): Promise<void> => {
  runningOf(blobs).delete(id)
  await rm(pathOf(blobs, id), { force: true })
}

/** Ids of what lies there, whoever began it. */
export const listIncoming = async (blobs: Blobs): Promise<string[]> => readdir(join(blobs.root, 'uploads')).catch(() => [])
