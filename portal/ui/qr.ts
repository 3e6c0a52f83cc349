// A QR code drawn here, so that a TOTP secret goes to no drawing service: byte mode, level L, versions 1 to 10 (271 bytes), one mask.
// ISO/IEC 18004; a reader tries every mask, so a fixed one (checkerboard rows) only costs a little contrast.
type Bits = number[]

const blocks: Record<number, { total: number; ecc: number; groups: number[] }> = {
  1: { total: 26, ecc: 7, groups: [19] },
  2: { total: 44, ecc: 10, groups: [34] },
  3: { total: 70, ecc: 15, groups: [55] },
  4: { total: 100, ecc: 20, groups: [80] },
  5: { total: 134, ecc: 26, groups: [108] },
  6: { total: 172, ecc: 18, groups: [68, 68] },
  7: { total: 196, ecc: 20, groups: [78, 78] },
  8: { total: 242, ecc: 24, groups: [97, 97] },
  9: { total: 292, ecc: 30, groups: [116, 116] },
  10: { total: 346, ecc: 18, groups: [68, 68, 69, 69] },
}
const alignments: Record<number, number[]> = {
  1: [],
  2: [6, 18],
  3: [6, 22],
  4: [6, 26],
  5: [6, 30],
  6: [6, 34],
  7: [6, 22, 38],
  8: [6, 24, 42],
  9: [6, 26, 46],
  10: [6, 28, 50],
}

const exp = new Uint8Array(512)
const log = new Uint8Array(256)
for (let power = 0, value = 1; power < 255; power++) {
  exp[power] = exp[power + 255] = value
  log[value] = power
  value = (value << 1) ^ (value & 128 ? 0x11d : 0)
}
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : exp[log[a]! + log[b]!]!)

const remainder = (data: number[], length: number): number[] => {
  let generator = [1]
  for (let root = 0; root < length; root++) {
    const next = [...generator, 0]
    generator.forEach((term, at) => (next[at + 1]! ^= times(term, exp[root]!)))
    generator = next
  }
  const rest = [...data, ...Array<number>(length).fill(0)]
  for (let at = 0; at < data.length; at++) {
    const factor = rest[at]!
    generator.forEach((term, offset) => (rest[at + offset]! ^= times(term, factor)))
  }
  return rest.slice(data.length)
}

const push = (bits: Bits, value: number, length: number): void => {
  for (let bit = length - 1; bit >= 0; bit--) bits.push((value >> bit) & 1)
}

const codewords = (bytes: Uint8Array, version: number): number[] => {
  const { ecc, groups } = blocks[version]!
  const capacity = groups.reduce((sum, size) => sum + size, 0)
  const bits: Bits = []
  push(bits, 4, 4)
  push(bits, bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) push(bits, byte, 8)
  push(bits, 0, Math.min(4, capacity * 8 - bits.length))
  while (bits.length % 8) bits.push(0)
  const data = Array.from({ length: bits.length / 8 }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0),
  )
  for (let pad = 0; data.length < capacity; pad++) data.push(pad % 2 ? 0x11 : 0xec)
  let start = 0
  const parts = groups.map((size) => data.slice(start, (start += size)))
  const checks = parts.map((part) => remainder(part, ecc))
  const weave = (rows: number[][]) =>
    Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, at) => rows.flatMap((row) => row[at] ?? [])).flat()
  return [...weave(parts), ...weave(checks)]
}

/** Rows of modules, true is dark; undefined when the text is too long. */
export const qr = (text: string): boolean[][] | undefined => {
  const bytes = new TextEncoder().encode(text)
  const version = Object.keys(blocks)
    .map(Number)
    .find((each) => blocks[each]!.groups.reduce((sum, size) => sum + size, 0) >= bytes.length + (each < 10 ? 2 : 3))
  if (version === undefined) return undefined
  const size = 17 + 4 * version
  const dark = Array.from({ length: size }, () => Array<boolean>(size).fill(false))
  const fixed = Array.from({ length: size }, () => Array<boolean>(size).fill(false))
  const set = (row: number, column: number, value: boolean) => {
    if (row < 0 || column < 0 || row >= size || column >= size) return
    dark[row]![column] = value
    fixed[row]![column] = true
  }
  drawPatterns(set, size, version)
  fill(codewords(bytes, version), dark, fixed)
  return dark
}

type Set = (row: number, column: number, value: boolean) => void

const drawPatterns = (set: Set, size: number, version: number): void => {
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0)
    set(at, 6, at % 2 === 0)
  }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    for (let y = -4; y <= 4; y++)
      for (let x = -4; x <= 4; x++) {
        const ring = Math.max(Math.abs(x), Math.abs(y))
        set(row + y, column + x, ring !== 2 && ring !== 4)
      }
  const centres = alignments[version]!
  const last = centres.at(-1)
  for (const row of centres)
    for (const column of centres) {
      if ((row === 6 && column === 6) || (row === 6 && column === last) || (row === last && column === 6)) continue
      for (let y = -2; y <= 2; y++)
        for (let x = -2; x <= 2; x++) set(row + y, column + x, Math.max(Math.abs(x), Math.abs(y)) !== 1)
    }
  drawFormat(set, size)
  if (version >= 7) drawVersion(set, size, version)
}

const check = (value: number, generator: number, length: number): number => {
  let rest = value << length
  const width = 31 - Math.clz32(generator)
  for (let bit = 31 - Math.clz32(rest || 1); bit >= width; bit--) if ((rest >> bit) & 1) rest ^= generator << (bit - width)
  return (value << length) | rest
}

/** Level L (01) and mask 1 (001), protected and whitened. */
const drawFormat = (set: Set, size: number): void => {
  const bits = check(0b01001, 0x537, 10) ^ 0x5412
  const bit = (at: number) => ((bits >> at) & 1) === 1
  for (let at = 0; at < 15; at++) {
    const near = at < 6 ? at : at < 8 ? at + 1 : size - 15 + at
    set(near, 8, bit(at))
    const across = at < 8 ? size - 1 - at : at === 8 ? 7 : 14 - at
    set(8, across, bit(at))
  }
  set(size - 8, 8, true)
}

const drawVersion = (set: Set, size: number, version: number): void => {
  const bits = check(version, 0x1f25, 12)
  for (let at = 0; at < 18; at++) {
    const value = ((bits >> at) & 1) === 1
    set(Math.floor(at / 3), size - 11 + (at % 3), value)
    set(size - 11 + (at % 3), Math.floor(at / 3), value)
  }
}

const fill = (words: number[], dark: boolean[][], fixed: boolean[][]): void => {
  const size = dark.length
  let at = 0
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right--
    const upward = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step++)
      for (const column of [right, right - 1]) {
        const row = upward ? size - 1 - step : step
        if (fixed[row]![column]) continue
        const bit = ((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1
        dark[row]![column] = (bit === 1) !== (row % 2 === 0) // mask 1
        at++
      }
  }
}
