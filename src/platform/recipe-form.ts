// A recipe: of which chunks a blob consists, in their order. Kept beside the blob and made from it, so losing one loses nothing.
// docs/chunk-recipes.md has the form of the file.
import { createHash } from 'node:crypto'
import type { Digest } from './blobs.ts'
import { standardLimits } from './chunks.ts'
import { problem } from './problem.ts'

const magic = Buffer.from('HFCDC\x01\r\n', 'latin1') // the 1 is the version; a file that went through text mode has lost its \r
const headBytes = 64
const hashBytes = 32
const rowBytes = 4 + hashBytes
/** 2 TiB on average, and 512 GiB whatever it holds: what is larger is carried whole. */
export const chunksMax = 4 * 1024 ** 2

export const recipeTooLarge = problem('recipe-too-large', 413, 'The content is too large for a recipe')

export type Chunk = { readonly offset: number; readonly length: number; readonly digest: Digest }

export type Recipe = {
  readonly digest: Digest
  readonly sizeBytes: number
  readonly count: number
  /** A length and a hash for each chunk. */ readonly rows: Buffer
}

/** Rows are added while the blob is read. */
export type RecipeRows = { add(length: number, hash: Buffer): void; whole(digest: Digest, sizeBytes: number): Buffer }

const rowsAtOnce = 4_096

export const startRows = (): RecipeRows => {
  const parts: Buffer[] = []
  let count = 0
  return {
    add(length, hash) {
      if (count >= chunksMax)
        throw recipeTooLarge(`A recipe has at most ${chunksMax} chunks; this content has more. It is carried whole.`, {
          chunksMax,
        })
      const at = count++ % rowsAtOnce
      if (at === 0) parts.push(Buffer.alloc(rowsAtOnce * rowBytes))
      const part = parts.at(-1)!
      part.writeUInt32LE(length, at * rowBytes)
      hash.copy(part, at * rowBytes + 4)
    },
    whole(digest, sizeBytes) {
      const head = Buffer.alloc(headBytes)
      magic.copy(head)
      head.writeUInt32LE(standardLimits.minBytes, 8)
      head.writeUInt32LE(standardLimits.onBytes, 12)
      head.writeUInt32LE(standardLimits.maxBytes, 16)
      head.writeUInt32LE(count, 20)
      head.writeBigUInt64LE(BigInt(sizeBytes), 24)
      Buffer.from(digest.slice('sha256:'.length), 'hex').copy(head, 32)
      const whole = Buffer.concat([head, ...parts], headBytes + count * rowBytes)
      return Buffer.concat([whole, createHash('sha256').update(whole).digest()])
    },
  }
}

/** Undefined for anything but the whole recipe of this blob, as this release makes it: then it is made again. */
export const readRecipe = (bytes: Buffer, digest: Digest): Recipe | undefined => {
  const rowsEnd = bytes.length - hashBytes
  if (rowsEnd < headBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined
  const { minBytes, onBytes, maxBytes } = standardLimits
  const limits = [bytes.readUInt32LE(8), bytes.readUInt32LE(12), bytes.readUInt32LE(16)]
  const count = bytes.readUInt32LE(20)
  const sizeBytes = Number(bytes.readBigUInt64LE(24))
  if (limits[0] !== minBytes || limits[1] !== onBytes || limits[2] !== maxBytes) return undefined
  if (count > chunksMax || rowsEnd !== headBytes + count * rowBytes) return undefined
  if (bytes.toString('hex', 32, headBytes) !== digest.slice('sha256:'.length)) return undefined
  if (!createHash('sha256').update(bytes.subarray(0, rowsEnd)).digest().equals(bytes.subarray(rowsEnd))) return undefined
  const recipe = { digest, sizeBytes, count, rows: bytes.subarray(headBytes, rowsEnd) }
  let sum = 0
  for (let row = 0; row < count; row++) sum += lengthOf(recipe, row)
  return sum === sizeBytes ? recipe : undefined
}

/** What a recipe of so many bytes takes at most; a larger file is none. */
export const recipeBytesMax = headBytes + chunksMax * rowBytes + hashBytes

const lengthOf = ({ rows }: Pick<Recipe, 'rows'>, row: number): number => rows.readUInt32LE(row * rowBytes)
/** As a key of a map: a character a byte. */
const hashOf = ({ rows }: Recipe, row: number): string => rows.toString('latin1', row * rowBytes + 4, (row + 1) * rowBytes)

export function* chunksOf(recipe: Recipe): Generator<Chunk> {
  let offset = 0
  for (let row = 0; row < recipe.count; row++) {
    const length = lengthOf(recipe, row)
    yield { offset, length, digest: `sha256:${Buffer.from(hashOf(recipe, row), 'latin1').toString('hex')}` }
    offset += length
  }
}

/** A run of what is wanted: to be copied out of the base, from there on, or to be brought. */
export type Run = { readonly offset: number; readonly length: number; readonly baseOffset: number | undefined }

export type Common = { readonly runs: readonly Run[]; readonly sharedBytes: number }

/** What of `wanted` lies in `base` already. The runs, in their order, are the whole of `wanted`; those that follow each other in both are one. Pure. */
export const commonWith = (base: Recipe, wanted: Recipe): Common => {
  const held = new Map<string, number>()
  for (let row = 0, offset = 0; row < base.count; offset += lengthOf(base, row++)) {
    const hash = hashOf(base, row)
    if (!held.has(hash)) held.set(hash, offset)
  }
  const runs: Run[] = []
  let sharedBytes = 0
  for (let row = 0, offset = 0; row < wanted.count; row++) {
    const length = lengthOf(wanted, row)
    const baseOffset = held.get(hashOf(wanted, row))
    if (baseOffset !== undefined) sharedBytes += length
    const last = runs.at(-1)
    if (last && follows(last, baseOffset)) runs[runs.length - 1] = { ...last, length: last.length + length }
    else runs.push({ offset, length, baseOffset })
    offset += length
  }
  return { runs, sharedBytes }
}

const follows = (last: Run, baseOffset: number | undefined): boolean =>
  last.baseOffset === undefined ? baseOffset === undefined : baseOffset === last.baseOffset + last.length
