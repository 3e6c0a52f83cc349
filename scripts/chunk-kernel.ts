// Builds src/platform/chunk-kernel.wasm, instruction by instruction: the loop that looks for the ends of chunks, which JavaScript runs at a quarter of the
// speed. A test holds that the committed file is what this writes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where it reads: the table of 256 words first, then the window. */
const pages = 5

const i32 = 0x7f
const i64 = 0x7e
const op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  load64: 0x29,
  load8u: 0x2d,
  const32: 0x41,
  const64: 0x42,
  gtU32: 0x4b,
  ltU64: 0x54,
  add32: 0x6a,
  shl32: 0x74,
  add64: 0x7c,
  shl64: 0x86,
}
const empty = 0x40

/** LEB128; the few numbers here are below 2^13, and need no sign. */
const leb = (value: number): number[] => (value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)])
const counted = (...items: number[][]): number[] => [...leb(items.length), ...items.flat()]
const sized = (bytes: number[]): number[] => [...leb(bytes.length), ...bytes]
const section = (id: number, bytes: number[]): number[] => [id, ...sized(bytes)]
const name = (text: string): number[] => sized([...Buffer.from(text)])

const [from, to, below, hash] = [0, 1, 2, 3] // parameters and the one local

const code = (...parts: number[][]): number[] => parts.flat()

/** hash = (hash << 1) + gear[the byte at from + ahead]; where it is below the bound, the chunk ends after that byte. */
const step = (ahead: number): number[] =>
  code(
    [op.get, hash, op.const64, 1, op.shl64],
    [op.get, from, op.load8u, 0, ...leb(ahead), op.const32, 3, op.shl32, op.load64, 3, 0],
    [op.add64, op.tee, hash, op.get, below, op.ltU64],
    [op.if, empty],
    [op.get, hash, op.globalSet, 0],
    [op.get, from, op.const32, ...leb(ahead + 1), op.add32, op.return],
    [op.end],
  )

/** While `steps` bytes are left, so many at a time. */
const run = (steps: number): number[] =>
  code(
    [op.block, empty, op.loop, empty],
    [op.get, from, op.const32, steps, op.add32, op.get, to, op.gtU32, op.brIf, 1],
    ...Array.from({ length: steps }, (_, ahead) => step(ahead)),
    [op.get, from, op.const32, steps, op.add32, op.set, from, op.br, 0],
    [op.end, op.end],
  )

/** scan(from, to, below): where the chunk ends, or 0 when it does not end in what is there; the hash is kept for what comes next. */
const scan = code([op.globalGet, 0, op.set, hash], run(16), run(1), [op.get, hash, op.globalSet, 0, op.const32, 0, op.end])

export const kernelBytes = (): Uint8Array =>
  Uint8Array.from(
    code(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, counted([0x60, ...counted([i32], [i32], [i64]), ...counted([i32])])),
      section(3, counted([0])),
      section(5, counted([1, pages, pages])),
      section(6, counted([i64, 1, op.const64, 0, op.end])),
      section(7, counted([...name('memory'), 2, 0], [...name('hash'), 3, 0], [...name('scan'), 0, 0])),
      section(10, counted(sized([...counted([1, i64]), ...scan]))),
    ),
  )

export const kernelFile = join(import.meta.dirname, '../src/platform/chunk-kernel.wasm')

if (process.argv[1] === import.meta.filename) writeFileSync(kernelFile, kernelBytes())
