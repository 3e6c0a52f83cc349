// What a wheel says of itself: `METADATA` of its zip, read from the stored file by ranges, each bounded. Nothing else is unpacked.
import { buffer } from 'node:stream/consumers'
import { crc32, inflateRawSync } from 'node:zlib'
import { openBlob } from '#platform/blobs.ts'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { Blob } from '#artifacts'

/** APPNOTE 4.3.16: the end record, after which a comment of 65,535 bytes may come. */
const endBytesMax = 22 + 65_535
const directoryBytesMax = 32 * 1024 ** 2
export const metadataBytesMax = 4 * 1024 ** 2

const unreadable = (what: string) => invalid(`The file is not a wheel: ${what}.`)

type ReadAt = (start: number, length: number) => Promise<Buffer>

/** Throws for what is no zip, or holds no metadata or too much of it. */
export const metadataOf = async ({ site }: Context, { digest, sizeBytes }: Blob): Promise<Buffer> => {
  const readAt: ReadAt = async (start, length) => {
    if (start < 0 || length < 1 || start + length > sizeBytes) throw unreadable('it points beyond its end')
    return buffer(openBlob(site.blobs, digest, { start, end: start + length - 1 }))
  }
  const directory = await directoryOf(readAt, sizeBytes)
  const entry = entryOf(directory)
  const head = await readAt(entry.at, 30)
  if (head.readUInt32LE(0) !== 0x04034b50) throw unreadable('its directory points to nothing')
  const from = entry.at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28)
  const plain = unpack(await readAt(from, entry.packedBytes), entry.method)
  if (crc32(plain) !== entry.crc) throw unreadable('its METADATA is damaged')
  return plain
}

const directoryOf = async (readAt: ReadAt, sizeBytes: number): Promise<Buffer> => {
  const tailBytes = Math.min(sizeBytes, endBytesMax)
  const tail = tailBytes < 22 ? Buffer.alloc(0) : await readAt(sizeBytes - tailBytes, tailBytes)
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > tail.length) throw unreadable('it is no zip')
  const [length, at] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
  if (length > directoryBytesMax) throw unreadable(`its directory has more than ${directoryBytesMax} bytes`)
  return readAt(at, length)
}

type Found = { at: number; packedBytes: number; method: number; crc: number }

const entryOf = (directory: Buffer): Found => {
  const found: Found[] = []
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50;) {
    const nameBytes = directory.readUInt16LE(at + 28)
    const name = directory.subarray(at + 46, at + 46 + nameBytes).toString('utf8')
    if (/^[^/]+\.dist-info\/METADATA$/.test(name))
      found.push({
        at: directory.readUInt32LE(at + 42),
        packedBytes: directory.readUInt32LE(at + 20),
        method: directory.readUInt16LE(at + 10),
        crc: directory.readUInt32LE(at + 16),
      })
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  const [one] = found
  if (!one || found.length > 1) throw unreadable(`it holds ${found.length} METADATA`)
  if (one.packedBytes > metadataBytesMax) throw unreadable(`its METADATA has more than ${metadataBytesMax} bytes`)
  return one
}

const unpack = (packed: Buffer, method: number): Buffer => {
  if (method === 0) return packed
  if (method !== 8) throw unreadable('its METADATA is packed in a way that wheels are not')
  try {
    return inflateRawSync(packed, { maxOutputLength: metadataBytesMax })
  } catch (error) {
    throw invalid(
      `The file is not a wheel: its METADATA cannot be unpacked, or has more than ${metadataBytesMax} bytes.`,
      {},
      error,
    )
  }
}

/** A field of the core metadata's head. */
export const fieldOf = (metadata: Buffer, field: string): string | undefined => {
  const head = metadata.toString('utf8').split(/\r?\n\r?\n/, 1)[0] ?? ''
  return new RegExp(`^${field}:[ \\t]*([^\\r\\n]*)`, 'im').exec(head)?.[1]?.trim()
}
