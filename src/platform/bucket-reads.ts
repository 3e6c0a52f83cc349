// What comes out of a bucket on its way to someone: another party keeps it, so the whole of it is hashed as it passes.
import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import type { Bucket, Got } from './bucket.ts'
import { storeUnreachable } from './s3-call.ts'
import { isGone, send } from './send-file.ts'

/** The digest of what lies there, whatever it is called. */
export const digestIn = async (bucket: Bucket, key: string): Promise<string | undefined> => {
  const got = await bucket.get(key)
  if (!got) return undefined
  const hash = createHash('sha256')
  for await (const chunk of got.body) hash.update(chunk as Buffer) // nobody set an encoding
  return `sha256:${hash.digest('hex')}`
}

type Asked = { digest: string; range: { start: number; end: number } }

/** An object that is shorter than its blob is refused before a byte is sent; one that was altered is cut off before its last piece, so that nobody has it whole. */
export const sendFromBucket = async (got: Got, { digest, range }: Asked, begin: () => Writable): Promise<void> => {
  const { start, end } = range
  if (got.length !== end - start + 1) {
    got.body.destroy()
    throw storeUnreachable(`The object store holds ${got.sizeBytes} bytes of ${digest}, which is not all of it.`)
  }
  const hash = start === 0 && got.sizeBytes === end + 1 ? createHash('sha256') : undefined
  const sink = begin()
  try {
    let held: Buffer | undefined
    for await (const chunk of got.body as AsyncIterable<Buffer>) {
      hash?.update(chunk)
      if (held) await send(sink, held)
      held = chunk
    }
    if (hash && `sha256:${hash.digest('hex')}` !== digest)
      throw new Error(`The object store holds something else under ${digest}`)
    if (held) await send(sink, held)
    sink.end()
  } catch (error) {
    got.body.destroy()
    if (sink.destroyed && isGone(error)) return
    sink.destroy() // cut off, so that half is not taken for the whole
    throw error
  }
}
