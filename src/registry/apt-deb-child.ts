// Runs in a process of its own, without network, with bounded memory: takes the control file out of one Debian package (deb(5)).
import { spawnSync } from 'node:child_process'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'

class Fault extends Error {}

const packedBytesMax = 8 * 1024 ** 2
const unpackedBytesMax = 32 * 1024 ** 2
const controlBytesMax = 64 * 1024
const membersMax = 8
const xzMemory = '128MiB'

const readAt = (file: number, at: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  const read = readSync(file, bytes, 0, length, at)
  if (read < length) throw new Fault('it ends early')
  return bytes
}

/** ar(5): the member that holds the control files, and how it is packed. */
const packedControl = (file: number): { packing: string; packed: Buffer } => {
  const { size } = fstatSync(file)
  if (size < 68 || readAt(file, 0, 8).toString('latin1') !== '!<arch>\n')
    throw new Fault('it is no archive of the kind that Debian packages are')
  let at = 8
  for (let count = 0; count < membersMax && at + 60 <= size; count++) {
    const head = readAt(file, at, 60).toString('latin1')
    const name = head.slice(0, 16).trim().replace(/\/$/, '')
    const sizeText = head.slice(48, 58).trim()
    if (!/^\d{1,10}$/.test(sizeText) || head.slice(58) !== '`\n') throw new Fault('a member of it has no size')
    const length = Number(sizeText)
    if (count === 0 && name !== 'debian-binary') throw new Fault('it does not begin as Debian packages do')
    const packing = /^control\.tar(?:\.(gz|xz|zst))?$/.exec(name)
    if (packing) {
      if (length > packedBytesMax) throw new Fault(`its control files have more than ${packedBytesMax} bytes`)
      return { packing: packing[1] ?? 'tar', packed: readAt(file, at + 60, length) }
    }
    at += 60 + length + (length % 2)
  }
  throw new Fault('it holds no control files')
}

const unpack = (packing: string, packed: Buffer): Buffer => {
  try {
    if (packing === 'gz') return gunzipSync(packed, { maxOutputLength: unpackedBytesMax })
    if (packing === 'zst') return zstdDecompressSync(packed, { maxOutputLength: unpackedBytesMax })
  } catch {
    throw new Fault('its control files cannot be unpacked, or are too large')
  }
  return packing === 'xz' ? unpackXz(packed) : packed
}

/** Node has no xz; every system that Debian packages come from has the program. */
const unpackXz = (packed: Buffer): Buffer => {
  const { status, stdout, error } = spawnSync('xz', ['--decompress', '--stdout', `--memlimit-decompress=${xzMemory}`], {
    input: packed,
    maxBuffer: unpackedBytesMax,
  })
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new Fault('its control files are packed with xz, and this site has no program xz')
  if (status !== 0) throw new Fault('its control files cannot be unpacked, or are too large')
  return stdout
}

const textAt = (bytes: Buffer, at: number, length: number): string =>
  bytes
    .subarray(at, at + length)
    .toString('latin1')
    .split('\0', 1)[0]!

const controlIn = (tar: Buffer): string => {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const sizeText = textAt(tar, at + 124, 12).trim()
    if (!/^[0-7]{1,11}$/.test(sizeText)) throw new Fault('one of its control files has no size')
    const length = Number.parseInt(sizeText, 8)
    if (/^(?:\.\/)?control$/.test(textAt(tar, at, 100)) && ['0', ''].includes(textAt(tar, at + 156, 1))) {
      if (length > controlBytesMax) throw new Fault(`its control file has more than ${controlBytesMax} bytes`)
      if (at + 512 + length > tar.length) throw new Fault('its control file ends early')
      return tar.subarray(at + 512, at + 512 + length).toString('utf8')
    }
    at += 512 + Math.ceil(length / 512) * 512
  }
  throw new Fault('it holds no control file')
}

process.once('message', (path: string) => {
  const file = openSync(path, 'r')
  try {
    const { packing, packed } = packedControl(file)
    process.send?.({ control: controlIn(unpack(packing, packed)) })
  } catch (error) {
    process.send?.({ fault: error instanceof Fault ? error.message : 'it could not be read' })
  } finally {
    closeSync(file)
  }
  process.disconnect?.()
})
