// Where content is cut into chunks: by what the content says (a Gear hash of the last 64 bytes), so that bytes put in or taken out move no boundary but those
// beside them. Cut like this for good: recipes made by different releases and different sites are compared with each other.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export type ChunkLimits = {
  /** Of each chunk but the last; at least `hashedBytes`. */
  readonly minBytes: number
  readonly maxBytes: number
  /** Beyond the least, a chunk goes on for so many bytes on average. */
  readonly onBytes: number
}

/** 509 KiB on average, and one chunk in 150 is ended by the limit: 128 KiB + 384 KiB × (1 − e⁻⁵). */
export const standardLimits: ChunkLimits = { minBytes: 128 * 1024, maxBytes: 2 * 1024 ** 2, onBytes: 384 * 1024 }

/** Each byte moves the hash one bit on: what is older has left it. */
export const hashedBytes = 64

/** A random word for each byte, by a rule that anyone can follow. */
export const gear = BigUint64Array.from({ length: 256 }, (_, byte) =>
  createHash('sha256').update(`holdfast gear 1 ${byte}`).digest().readBigUInt64LE(),
)

/** A hash below this ends a chunk. */
export const boundOf = ({ onBytes }: ChunkLimits): bigint => 2n ** 64n / BigInt(onBytes)

/** All of it that is used here; the types of browsers have it, those of Node do not. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: unknown }
}

type Kernel = {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly hash: { value: bigint }
  scan(from: number, to: number, below: bigint): number
}

const windowAt = gear.byteLength
/** Small enough that what is hashed after it was cut is still in the processor's cache. */
export const windowBytes = 256 * 1024

const startKernel = (): Kernel => {
  const module = new WebAssembly.Module(readFileSync(new URL('./chunk-kernel.wasm', import.meta.url)))
  const kernel = new WebAssembly.Instance(module).exports as Kernel // scripts/chunk-kernel.ts exports these
  new BigUint64Array(kernel.memory.buffer, 0, gear.length).set(gear)
  return kernel
}

export type Cutter = {
  /** Put content here, */
  readonly window: Buffer
  /** then ask where chunks end in the first `bytes` of it. Goes on where the last call stopped. */
  ends(bytes: number): number[]
}

export const startCutter = (limits: ChunkLimits = standardLimits): Cutter => {
  const { minBytes, maxBytes } = limits
  if (minBytes < hashedBytes) throw new Error(`A chunk has at least ${hashedBytes} bytes: the hash looks back so far`)
  const kernel = startKernel()
  const bound = boundOf(limits)
  let length = 0 // of the chunk that has not ended
  const to = (at: number, bytes: number, goal: number): number => Math.min(bytes, at + Math.max(0, goal - length))
  return {
    window: Buffer.from(kernel.memory.buffer, windowAt, windowBytes),
    ends(bytes) {
      const found: number[] = []
      const move = (at: number, next: number): number => {
        length += next - at
        return next
      }
      for (let at = 0; at < bytes;) {
        at = move(at, to(at, bytes, minBytes - hashedBytes)) // no chunk ends here, and nothing of it is in the hash when one may
        const warm = to(at, bytes, minBytes - 1)
        if (warm > at) kernel.scan(windowAt + at, windowAt + warm, 0n)
        at = move(at, warm)
        const last = to(at, bytes, maxBytes)
        const end = last > at ? kernel.scan(windowAt + at, windowAt + last, bound) : 0
        at = move(at, end === 0 ? last : end - windowAt)
        if (end === 0 && length < maxBytes) continue
        found.push(at)
        length = 0
        kernel.hash.value = 0n
      }
      return found
    },
  }
}
