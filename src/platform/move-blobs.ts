// From files to a bucket and back: what lies in the place that is not for new content is copied over, checked, and only then removed there.
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { adopt, blobKey, blobPath, isDigest, listBlobs, type Blobs, type Digest } from './blobs.ts'
import type { Bucket } from './bucket.ts'
import { asDiskProblem } from './files.ts'
import { hashFile } from './incoming.ts'
import { writeAside } from './write-through.ts'

export type Moved = {
  readonly moved: number
  readonly bytes: number
  /** Damaged: left where it is, for the scrub to tell. */ readonly left: number
}

/** All that is in the wrong place now. Killed at any moment, each blob is in one place or in both, and the next call goes on. */
export const moveBlobs = async (blobs: Blobs, signal: AbortSignal): Promise<Moved> => {
  const told = { moved: 0, bytes: 0, left: 0 }
  if (!blobs.bucket) return told
  for await (const { digest, sizeBytes } of blobs.keepIn === 'bucket' ? filesOf(blobs) : objectsOf(blobs.bucket)) {
    signal.throwIfAborted()
    const done =
      blobs.keepIn === 'bucket'
        ? await moveUp(blobs, blobs.bucket, digest)
        : await moveDown(blobs, blobs.bucket, digest, sizeBytes)
    if (done) {
      told.moved++
      told.bytes += sizeBytes
    } else told.left++
  }
  return told
}

type At = { digest: Digest; sizeBytes: number }

async function* filesOf(blobs: Blobs): AsyncGenerator<At> {
  for await (const { lying } of listBlobs({ ...blobs, bucket: undefined })) yield* lying
}

async function* objectsOf(bucket: Bucket): AsyncGenerator<At> {
  for await (const { key, sizeBytes } of bucket.list('sha256/')) {
    const digest = `sha256:${key.slice(key.lastIndexOf('/') + 1)}`
    if (isDigest(digest)) yield { digest, sizeBytes }
  }
}

/** `adopt` removes the file once the object is known to be right. */
const moveUp = async (blobs: Blobs, bucket: Bucket, digest: Digest): Promise<boolean> => {
  const path = blobPath(blobs, digest)
  const actual = await hashFile(path, 'sha256').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined // removed meanwhile
    throw error
  })
  if (actual === undefined) return true
  if (`sha256:${actual}` !== digest) return false
  await adopt(blobs, path, digest)
  return (await bucket.size(blobKey(digest))) !== undefined
}

const moveDown = async (blobs: Blobs, bucket: Bucket, digest: Digest, sizeBytes: number): Promise<boolean> => {
  const aside = join(blobs.root, 'incoming', randomUUID())
  try {
    const got = await bucket.get(blobKey(digest))
    if (!got) return true // removed meanwhile
    const { sha256 } = await writeAside(got.body as AsyncIterable<Buffer>, aside, { sizeBytesMax: sizeBytes }) // nobody set an encoding
    if (`sha256:${sha256}` !== digest) return false
    await adopt(blobs, aside, digest)
    await bucket.remove(blobKey(digest))
    return true
  } catch (error) {
    throw asDiskProblem(error)
  } finally {
    await rm(aside, { force: true })
  }
}
