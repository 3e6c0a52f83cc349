// The head of a GGUF file (versions 2 and 3), read as what it is: bytes from anyone. Every count, length and offset is bounded before it is believed.
// Format: the ggml project's gguf.md. Runs in a child process (gguf-child.ts); this module only reads.
import { fstatSync, readSync } from 'node:fs'

export class GgufFault extends Error {
  override readonly name = 'GgufFault'
}

export const ggufLimits = {
  entries: 4096,
  tensors: 65_536,
  keyBytes: 256,
  textBytes: 1024 ** 2,
  templateBytes: 256 * 1024,
  arrayItems: 4_000_000,
  arrayDepth: 2,
  headBytes: 256 * 1024 ** 2,
  dimensions: 4,
} as const

export type GgufHead = {
  readonly version: number
  /** Scalars and texts; an array is told by its length alone. */
  readonly metadata: ReadonlyMap<string, number | bigint | boolean | string | { readonly items: number }>
  readonly tensors: number
  readonly parameters: number
  /** Tensor type by number of elements, most first. */
  readonly tensorTypes: readonly string[]
  readonly sizeBytes: number
}

/** Elements in a block and bytes of it, by ggml type number (ggml.h). Types not listed are refused: their size cannot be checked. */
const tensorTypes: Record<number, readonly [name: string, elements: number, bytes: number]> = {
  0: ['F32', 1, 4],
  1: ['F16', 1, 2],
  2: ['Q4_0', 32, 18],
  3: ['Q4_1', 32, 20],
  6: ['Q5_0', 32, 22],
  7: ['Q5_1', 32, 24],
  8: ['Q8_0', 32, 34],
  9: ['Q8_1', 32, 36],
  10: ['Q2_K', 256, 84],
  11: ['Q3_K', 256, 110],
  12: ['Q4_K', 256, 144],
  13: ['Q5_K', 256, 176],
  14: ['Q6_K', 256, 210],
  15: ['Q8_K', 256, 292],
  16: ['IQ2_XXS', 256, 66],
  17: ['IQ2_XS', 256, 74],
  18: ['IQ3_XXS', 256, 98],
  19: ['IQ1_S', 256, 50],
  20: ['IQ4_NL', 32, 18],
  21: ['IQ3_S', 256, 110],
  22: ['IQ2_S', 256, 82],
  23: ['IQ4_XS', 256, 136],
  24: ['I8', 1, 1],
  25: ['I16', 1, 2],
  26: ['I32', 1, 4],
  27: ['I64', 1, 8],
  28: ['F64', 1, 8],
  29: ['IQ1_M', 256, 56],
  30: ['BF16', 1, 2],
  34: ['TQ1_0', 256, 54],
  35: ['TQ2_0', 256, 66],
  39: ['MXFP4', 32, 17],
}

const windowBytes = 1024 ** 2

/** Reads forward through a window; nothing is read past the end of the file or of the head's own bound. */
class Cursor {
  readonly sizeBytes: number
  position = 0
  private window = Buffer.alloc(0)
  private windowStart = 0
  private readonly file: number

  constructor(file: number) {
    this.file = file
    this.sizeBytes = fstatSync(file).size
  }

  take(count: number, what: string): Buffer {
    if (count > this.sizeBytes - this.position) throw new GgufFault(`the file ends inside ${what}: it is cut off`)
    if (this.position + count > ggufLimits.headBytes) throw new GgufFault(`its head is larger than ${ggufLimits.headBytes} bytes`)
    const offset = this.position - this.windowStart
    if (offset + count > this.window.length) this.fill(Math.max(count, windowBytes))
    const start = this.position - this.windowStart
    this.position += count
    return this.window.subarray(start, start + count)
  }

  private fill(count: number): void {
    const wanted = Buffer.alloc(Math.min(count, this.sizeBytes - this.position))
    let got = 0
    while (got < wanted.length) {
      const read = readSync(this.file, wanted, got, wanted.length - got, this.position + got)
      if (read === 0) throw new GgufFault('the file became shorter while it was read')
      got += read
    }
    this.window = wanted
    this.windowStart = this.position
  }

  u32 = (what: string): number => this.take(4, what).readUInt32LE()
  u64 = (what: string, max: number): number => {
    const value = this.take(8, what).readBigUInt64LE()
    if (value > BigInt(max)) throw new GgufFault(`${what} is ${value}, more than ${max}`)
    return Number(value)
  }
  text = (what: string, bytesMax: number): string => {
    const bytes = this.take(this.u64(`the length of ${what}`, bytesMax), what)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      throw new GgufFault(`${what} is not UTF-8`)
    }
  }
}

const scalarBytes: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 }
const textType = 8
const arrayType = 9

/** Throws GgufFault with what is wrong, in words for a person. */
export const readGguf = (file: number): GgufHead => {
  const cursor = new Cursor(file)
  if (cursor.sizeBytes < 24 || cursor.take(4, 'its mark').toString('latin1') !== 'GGUF')
    throw new GgufFault('it does not begin with GGUF: it is another kind of file')
  const version = cursor.u32('its version')
  if (version !== 2 && version !== 3) throw new GgufFault(`it is GGUF version ${version}; versions 2 and 3 are read`)
  const tensorCount = cursor.u64('the number of tensors', ggufLimits.tensors)
  const entryCount = cursor.u64('the number of metadata entries', ggufLimits.entries)
  const metadata = new Map<string, number | bigint | boolean | string | { items: number }>()
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.text(`key ${i}`, ggufLimits.keyBytes)
    if (!/^[a-zA-Z0-9_.-]+$/.test(key)) throw new GgufFault(`metadata key ${i} has characters that a key has not`)
    if (metadata.has(key)) throw new GgufFault(`the metadata names ${key} twice`)
    metadata.set(key, readValue(cursor, cursor.u32(`the type of ${key}`), key, 0))
  }
  return {
    version,
    metadata,
    sizeBytes: cursor.sizeBytes,
    ...readTensors(cursor, tensorCount, alignmentOf(metadata.get('general.alignment'))),
  }
}

const alignmentOf = (value: unknown): number => {
  if (value === undefined) return 32
  if (typeof value !== 'number' || value < 8 || value > 65_536 || !Number.isInteger(Math.log2(value)))
    throw new GgufFault('general.alignment is not a power of two from 8 to 65536')
  return value
}

const readValue = (
  cursor: Cursor,
  type: number,
  key: string,
  depth: number,
): number | bigint | boolean | string | { items: number } => {
  if (type === textType)
    return cursor.text(key, key === 'tokenizer.chat_template' ? ggufLimits.templateBytes : ggufLimits.textBytes)
  if (type === arrayType) return readArray(cursor, key, depth)
  const bytes = cursor.take(scalarBytes[type] ?? fault(`${key} is of type ${type}, which GGUF has not`), key)
  switch (type) {
    case 0:
      return bytes.readUInt8()
    case 1:
      return bytes.readInt8()
    case 2:
      return bytes.readUInt16LE()
    case 3:
      return bytes.readInt16LE()
    case 4:
      return bytes.readUInt32LE()
    case 5:
      return bytes.readInt32LE()
    case 6:
      return bytes.readFloatLE()
    case 7:
      return bytes[0]! > 1 ? fault(`${key} is neither true nor false`) : bytes[0] === 1
    case 10:
      return bytes.readBigUInt64LE()
    case 11:
      return bytes.readBigInt64LE()
    default:
      return bytes.readDoubleLE()
  }
}

/** Passed over, not kept: a vocabulary is a hundred thousand texts that nobody here needs. */
const readArray = (cursor: Cursor, key: string, depth: number): { items: number } => {
  if (depth >= ggufLimits.arrayDepth) throw new GgufFault(`${key} nests arrays deeper than ${ggufLimits.arrayDepth}`)
  const type = cursor.u32(`the type of ${key}'s items`)
  const items = cursor.u64(`the number of ${key}'s items`, ggufLimits.arrayItems)
  const size = scalarBytes[type]
  if (size !== undefined)
    for (let left = items * size; left > 0; left -= windowBytes) cursor.take(Math.min(left, windowBytes), key)
  else if (type === textType)
    for (let i = 0; i < items; i++) cursor.take(cursor.u64(`the length of an item of ${key}`, ggufLimits.textBytes), key)
  else if (type === arrayType) for (let i = 0; i < items; i++) readArray(cursor, key, depth + 1)
  else throw new GgufFault(`the items of ${key} are of type ${type}, which GGUF has not`)
  return { items }
}

const fault = (text: string): never => {
  throw new GgufFault(text)
}

type Tensor = { name: string; elements: number; bytes: number; offset: number; type: string }

const readTensors = (
  cursor: Cursor,
  count: number,
  alignment: number,
): Pick<GgufHead, 'tensors' | 'parameters' | 'tensorTypes'> => {
  const names = new Set<string>()
  const tensors: Tensor[] = []
  for (let i = 0; i < count; i++) {
    const tensor = readTensor(cursor, i, alignment)
    if (names.has(tensor.name)) throw new GgufFault(`two tensors are named ${tensor.name.slice(0, 80)}`)
    names.add(tensor.name)
    tensors.push(tensor)
  }
  const dataStart = Math.ceil(cursor.position / alignment) * alignment
  const beyond = tensors.find(({ offset, bytes }) => dataStart + offset + bytes > cursor.sizeBytes)
  if (beyond)
    throw new GgufFault(
      `tensor ${beyond.name.slice(0, 80)} lies beyond the end of the file: the file is cut off or its offsets are wrong`,
    )
  const byType = new Map<string, number>()
  for (const { type, elements } of tensors) byType.set(type, (byType.get(type) ?? 0) + elements)
  return {
    tensors: count,
    parameters: tensors.reduce((sum, { elements }) => sum + elements, 0),
    tensorTypes: [...byType].sort((a, b) => b[1] - a[1]).map(([type]) => type),
  }
}

const readTensor = (cursor: Cursor, i: number, alignment: number): Tensor => {
  const name = cursor.text(`the name of tensor ${i}`, ggufLimits.keyBytes)
  const dimensions = cursor.u32(`the dimensions of tensor ${i}`)
  if (dimensions < 1 || dimensions > ggufLimits.dimensions) throw new GgufFault(`tensor ${i} has ${dimensions} dimensions`)
  let elements = 1
  let rowElements = 1
  for (let d = 0; d < dimensions; d++) {
    const length = cursor.u64(`dimension ${d} of tensor ${i}`, 2 ** 40)
    if (d === 0) rowElements = length
    elements *= length
    if (length === 0 || elements > 2 ** 48) throw new GgufFault(`tensor ${i} has an absurd size`)
  }
  const number = cursor.u32(`the type of tensor ${i}`)
  const type = tensorTypes[number] ?? fault(`tensor ${i} is of type ${number}, which is not known here`)
  if (rowElements % type[1] !== 0) throw new GgufFault(`the rows of tensor ${i} do not hold whole blocks of ${type[0]}`)
  const offset = cursor.u64(`the offset of tensor ${i}`, 2 ** 48)
  if (offset % alignment !== 0) throw new GgufFault(`tensor ${i} is not aligned to ${alignment} bytes`)
  return { name, elements, bytes: (elements / type[1]) * type[2], offset, type: type[0] }
}
