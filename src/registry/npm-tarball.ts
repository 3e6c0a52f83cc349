// What a package says of itself inside its tarball: what is installed is that, so what is shown before must not say otherwise.
import { createGunzip } from 'node:zlib'
import { openBlob } from '#platform/blobs.ts'
import type { Context } from '#platform/context.ts'
import { parseJson } from '#platform/json.ts'
import { invalid, Problem } from '#platform/problem.ts'
import type { Blob } from '#artifacts'

const blockBytes = 512
const manifestBytesMax = 1024 ** 2
/** Against what is small when packed and endless when unpacked. */
const unpackedBytesMax = 1024 ** 3
const extendedBytesMax = 64 * 1024

const unreadable = (what: string, cause?: unknown) => invalid(`The tarball cannot be used: ${what}.`, {}, cause)

/** `package.json` of the tarball, whose first folder may have any name. Throws where there is none, or two. */
export const manifestOf = async ({ site, signal }: Context, { digest }: Blob): Promise<Record<string, unknown>> => {
  const packed = openBlob(site.blobs, digest)
  const plain = packed.pipe(createGunzip())
  packed.once('error', (error) => plain.destroy(error))
  try {
    let found: Buffer | undefined
    for await (const { path, content } of entriesOf(plain, signal)) {
      if (!/^(?:\.\/)?[^/]+\/package\.json$/.test(path)) continue
      if (found) throw unreadable('it holds two package.json')
      found = content
    }
    const manifest = found && parseJson(found.toString('utf8'))
    if (typeof manifest !== 'object' || manifest === null) throw unreadable('it holds no package.json')
    return manifest as Record<string, unknown>
  } catch (error) {
    throw error instanceof Problem ? error : unreadable('it is not a gzipped tar', error)
  } finally {
    packed.destroy()
    plain.destroy()
  }
}

type Entry = { path: string; content: Buffer }

/** Entries with their content where that is small; POSIX.1-2001 `ustar`, with the longer names of pax and GNU. */
async function* entriesOf(source: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Entry> {
  const reader = readerOf(source)
  let longer: string | undefined
  for (;;) {
    signal.throwIfAborted()
    const head = await reader.take(blockBytes)
    if (head === undefined || head.every((byte) => byte === 0)) return
    const sizeText = textAt(head, 124, 12).trim()
    if (!/^[0-7]+$/.test(sizeText)) throw unreadable('an entry has no size')
    const sizeBytes = Number.parseInt(sizeText, 8)
    const type = String.fromCharCode(head[156]!)
    const extended = type === 'x' || type === 'L'
    const kept = sizeBytes <= (extended ? extendedBytesMax : manifestBytesMax)
    if (extended && !kept) throw unreadable('an entry has an endless name')
    const content = kept ? await reader.take(sizeBytes) : await reader.skip(sizeBytes)
    await reader.skip((blockBytes - (sizeBytes % blockBytes)) % blockBytes)
    if (content === undefined) throw unreadable('it ends early')
    if (extended) {
      longer =
        type === 'L' ? textAt(content, 0, content.length) : (/^\d+ path=(.*)$/m.exec(content.toString('utf8'))?.[1] ?? longer)
      continue
    }
    const prefix = textAt(head, 345, 155)
    const path = longer ?? (textAt(head, 257, 5) === 'ustar' && prefix !== '' ? `${prefix}/` : '') + textAt(head, 0, 100)
    longer = undefined
    if (path.endsWith('/package.json') && (!kept || !['0', '\0'].includes(type)))
      throw unreadable('its package.json is no file, or too large')
    yield { path, content }
  }
}

const textAt = (bytes: Buffer, at: number, length: number): string =>
  bytes
    .subarray(at, at + length)
    .toString('utf8')
    .split('\0', 1)[0]!

const readerOf = (source: AsyncIterable<Buffer>) => {
  const chunks = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  let read = 0
  const more = async (): Promise<boolean> => {
    const { value, done } = await chunks.next()
    if (done === true) return false
    read += (value as Buffer).length
    if (read > unpackedBytesMax) throw unreadable(`it has more than ${unpackedBytesMax} bytes when unpacked`)
    held = held.length === 0 ? (value as Buffer) : Buffer.concat([held, value as Buffer])
    return true
  }
  return {
    /** Undefined where the source has ended. */
    take: async (bytes: number): Promise<Buffer | undefined> => {
      while (held.length < bytes) if (!(await more())) return undefined
      const taken = held.subarray(0, bytes)
      held = held.subarray(bytes)
      return taken
    },
    skip: async (bytes: number): Promise<Buffer | undefined> => {
      for (let left = bytes; ;) {
        const step = Math.min(left, held.length)
        held = held.subarray(step)
        left -= step
        if (left === 0) return Buffer.alloc(0)
        if (!(await more())) return undefined
      }
    },
  }
}
