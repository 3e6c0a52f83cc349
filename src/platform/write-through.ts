import { createHash, type Hash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { tooLarge } from './problem.ts'

/** Gathered before it is written: small writes cost more than they carry. */
const writeBytes = 1024 ** 2

/** `sizeBytes` are hashed, `writtenBytes` are in the file; the two differ only while writing, or when a write failed. */
export type Running = { hash: Hash; sizeBytes: number; writtenBytes: number }

type Through = {
  state: Running
  sizeBytesMax: number
  signal?: AbortSignal | undefined
  onProgress?: ((bytes: number) => void) | undefined
}

/** The disk is set to work while more arrives, so that the sync at the end waits for the last of it only. */
const syncEveryBytes = 64 * 1024 ** 2

/** Streams into the file from where it is, hashing one piece while the one before it is being written; two pieces are held at most. */
export const writeThrough = async (
  source: AsyncIterable<Buffer>,
  file: FileHandle,
  { state, sizeBytesMax, signal, onProgress }: Through,
): Promise<void> => {
  let gathered: Buffer[] = []
  let gatheredBytes = 0
  let writing: Promise<void> = Promise.resolve()
  let [syncing, syncedBytes]: [Promise<void> | undefined, number] = [undefined, state.writtenBytes]
  const faults: unknown[] = []
  const write = async (): Promise<void> => {
    await writing
    const [pieces, sizeBytes] = [gathered, gatheredBytes]
    ;[gathered, gatheredBytes] = [[], 0]
    writing = writeAll(file, pieces, state.writtenBytes).then(() => void (state.writtenBytes += sizeBytes))
    writing.catch(() => {}) // heard where it is awaited
    if (syncing || state.writtenBytes - syncedBytes < syncEveryBytes) return
    syncedBytes = state.writtenBytes
    // The kernel tells of a write that failed once, and then no more: what is heard here must not be lost.
    syncing = file
      .datasync()
      .catch((error: unknown) => void faults.push(error))
      .finally(() => void (syncing = undefined))
  }
  try {
    for await (const chunk of source) {
      signal?.throwIfAborted()
      if (state.sizeBytes + chunk.length > sizeBytesMax)
        throw tooLarge(`The content is larger than the ${sizeBytesMax} bytes this site accepts.`, { bytesMax: sizeBytesMax })
      state.hash.update(chunk)
      state.sizeBytes += chunk.length
      gathered.push(chunk)
      gatheredBytes += chunk.length
      if (gatheredBytes < writeBytes) continue
      await write()
      onProgress?.(state.sizeBytes)
    }
  } finally {
    if (gatheredBytes > 0) await write()
    await writing.finally(() => syncing) // the file is closed next
  }
  if (faults.length > 0) throw faults[0]
}

/** `writev` may write less than it is given, on a disk that runs full. */
const writeAll = async (file: FileHandle, pieces: readonly Buffer[], at: number): Promise<void> => {
  const whole = pieces.reduce((sum, { length }) => sum + length, 0)
  const { bytesWritten } = await file.writev(pieces, at)
  if (bytesWritten === whole) return
  let done = bytesWritten
  const rest = Buffer.concat(pieces)
  while (done < whole) done += (await file.write(rest, done, whole - done, at + done)).bytesWritten
}

/** The whole of it into a new read-only file, on the disk when this answers. */
export const writeAside = async (
  source: AsyncIterable<Buffer>,
  path: string,
  through: Omit<Through, 'state'>,
): Promise<{ sha256: string; sizeBytes: number }> => {
  const state = { hash: createHash('sha256'), sizeBytes: 0, writtenBytes: 0 }
  const file = await open(path, 'wx', 0o400)
  try {
    await writeThrough(source, file, { ...through, state })
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: state.hash.digest('hex'), sizeBytes: state.sizeBytes }
}
