// Blobs as files, for programs that read nothing else (engines, readers of heads). What lies in a bucket is fetched, checked, and kept while there is room.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { blobPath, cachePath, openBlob, statBlob, type Blobs } from './blobs.ts'
import { asDiskProblem } from './files.ts'
import { hashFile } from './incoming.ts'
import { notFound, problem } from './problem.ts'
import { writeAside } from './write-through.ts'

export const cacheTooSmall = problem('cache-too-small', 507, 'The content does not fit the cache')
export const storedAltered = problem('stored-altered', 500, 'The stored content is not what its digest says')

const fetching = new WeakMap<Blobs, Map<string, Promise<string>>>()

/** Where the blob's bytes lie. A file of the store may have rotted, which `verifyBlob` tells; a copy is read through before it is used again. */
export const fileOf = async (blobs: Blobs, digest: string): Promise<string> => {
  const path = blobPath(blobs, digest)
  if (!blobs.bucket || (await stat(path).catch(() => undefined))) return path
  const cached = cachePath(blobs, digest)
  if (`sha256:${await hashFile(cached, 'sha256').catch(() => '')}` === digest) {
    await touch(cached)
    return cached
  }
  const under = fetching.get(blobs) ?? new Map<string, Promise<string>>()
  fetching.set(blobs, under)
  const fetched = under.get(digest) ?? fetchFile(blobs, digest).finally(() => under.delete(digest))
  under.set(digest, fetched)
  return fetched
}

/** What was used last goes last. */
const touch = async (path: string): Promise<void> => {
  const file = await open(path, 'r')
  try {
    const at = new Date()
    await file.utimes(at, at)
  } finally {
    await file.close()
  }
}

const fetchFile = async (blobs: Blobs, digest: string): Promise<string> => {
  const found = await statBlob(blobs, digest)
  if (!found) throw notFound(`No blob ${digest} is stored here.`)
  await makeRoom(blobs, found.sizeBytes)
  const aside = join(blobs.root, 'incoming', randomUUID())
  try {
    const { sha256 } = await writeAside(openBlob(blobs, digest), aside, { sizeBytesMax: found.sizeBytes })
    if (`sha256:${sha256}` !== digest)
      throw storedAltered(`The object store holds something else under ${digest}. Push the content again, and it is mended.`)
    await rename(aside, cachePath(blobs, digest))
  } catch (error) {
    throw asDiskProblem(error)
  } finally {
    await rm(aside, { force: true })
  }
  return cachePath(blobs, digest)
}

/** What was not asked for longest goes. A program that has it open keeps it until it ends. */
const makeRoom = async (blobs: Blobs, sizeBytes: number): Promise<void> => {
  const bytesMax = blobs.bucket?.settings.cacheBytesMax ?? 0
  if (sizeBytes > bytesMax)
    throw cacheTooSmall(
      `The content has ${sizeBytes} bytes, and what is read from the object store may take ${bytesMax} here. Raise HOLDFAST_S3_CACHE_BYTES.`,
      { bytesMax },
    )
  const folder = join(blobs.root, 'cache')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const held = await Promise.all(
    (await readdir(folder)).map(async (name) => ({ path: join(folder, name), ...(await heldOf(join(folder, name))) })),
  )
  let bytes = held.reduce((sum, file) => sum + file.sizeBytes, sizeBytes)
  for (const file of held.sort((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= bytesMax) return
    await rm(file.path, { force: true })
    bytes -= file.sizeBytes
  }
}

const heldOf = async (path: string): Promise<{ sizeBytes: number; usedMs: number }> => {
  const found = await stat(path).catch(() => undefined)
  return { sizeBytes: found?.size ?? 0, usedMs: found?.mtimeMs ?? 0 }
}
