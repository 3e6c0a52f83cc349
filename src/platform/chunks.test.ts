import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { boundOf, gear, startCutter, standardLimits, windowBytes, type ChunkLimits } from './chunks.ts'
import { kernelBytes, kernelFile } from '../../scripts/chunk-kernel.ts'
import { chance, type Chance } from '../../test/chance.ts'

const small: ChunkLimits = { minBytes: 64, maxBytes: 4_096, onBytes: 300 }
const seeded = (t: { diagnostic(text: string): void }): Chance => {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 2 ** 31)
  t.diagnostic(`HOLDFAST_TEST_SEED=${seed}`)
  return chance(seed)
}

/** Runs of one byte, of a period and of noise: what content is made of. */
const content = (random: Chance, bytes: number): Buffer => {
  const made = Buffer.alloc(bytes)
  for (let at = 0; at < bytes;) {
    const [end, kind, byte] = [Math.min(bytes, at + 1 + random.below(6_000)), random.below(4), random.below(256)]
    for (; at < end; at++) made[at] = kind === 0 ? byte : kind === 1 ? (at * byte) & 255 : random.below(256)
  }
  return made
}

/** As the rule is written down, a byte at a time over the whole. */
const reference = (bytes: Buffer, limits: ChunkLimits): number[] => {
  const found: number[] = []
  for (let start = 0; start < bytes.length;) {
    let hash = 0n
    let length = 0
    for (let at = start; at < bytes.length; at++) {
      length++
      if (length > limits.minBytes - 64) hash = BigInt.asUintN(64, (hash << 1n) + gear[bytes[at]!]!)
      if ((length >= limits.minBytes && hash < boundOf(limits)) || length === limits.maxBytes) {
        found.push(at + 1)
        break
      }
    }
    start += length
  }
  return found
}

const cut = (bytes: Buffer, limits: ChunkLimits, piece: () => number): number[] => {
  const cutter = startCutter(limits)
  const found: number[] = []
  for (let at = 0; at < bytes.length;) {
    const read = bytes.copy(cutter.window, 0, at, at + Math.max(1, Math.min(piece(), windowBytes)))
    found.push(...cutter.ends(read).map((end) => at + end))
    at += read
  }
  return found
}

test('the kernel that is carried is the one its source builds', () => {
  assert.deepEqual(Buffer.from(kernelBytes()), readFileSync(kernelFile))
})

test('the rule of cutting is the same in every release: recipes of different sites are compared', () => {
  const bytes = createHash('shake256', { outputLength: 4 * 1024 ** 2 })
    .update('holdfast')
    .digest()
  assert.deepEqual(
    cut(bytes, standardLimits, () => windowBytes),
    [213_483, 1_121_742, 1_266_845, 1_495_571, 1_638_589, 3_392_256, 3_854_556],
  )
})

test('the kernel cuts where a plain reading of the rule does, however its input comes', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 30; round++) {
    const limits = random.one([small, { ...small, minBytes: 100 }, { minBytes: 64, maxBytes: 64, onBytes: 1 }])
    const bytes = content(random, random.below(40_000))
    const expected = reference(bytes, limits)
    assert.deepEqual(
      cut(bytes, limits, () => windowBytes),
      expected,
    )
    assert.deepEqual(
      cut(bytes, limits, () => 1 + random.below(700)),
      expected,
    )
    assert.deepEqual(
      cut(bytes, limits, () => 1),
      expected,
    )
  }
})

test('what is put in, taken out or changed moves no boundary but those beside it', (t) => {
  const random = seeded(t)
  const distances: number[] = []
  for (let round = 0; round < 40; round++) {
    const before = content(random, 60_000)
    const at = random.below(before.length)
    const put = content(random, random.below(300))
    const taken = random.below(300)
    const after = Buffer.concat([before.subarray(0, at), put, before.subarray(at + taken)])
    const [old, now] = [reference(before, small), cut(after, small, () => windowBytes)]
    const moved = put.length - taken
    assert.deepEqual(
      now.filter((end) => end <= at),
      old.filter((end) => end <= at),
      'what lies before it is cut as it was',
    )
    const again = old.find((end) => end >= at + taken && now.includes(end + moved))
    if (again === undefined) continue // it never met again: only where nothing random is left; counted below
    distances.push(again - at)
    assert.deepEqual(
      now.filter((end) => end >= again + moved),
      old.filter((end) => end >= again).map((end) => end + moved),
      'from where they meet, all is cut as it was',
    )
  }
  assert.ok(distances.length >= 30, `they met again in ${distances.length} of 40`)
  const typical = distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)]!
  assert.ok(typical < 4_096, `half meet again within ${typical} bytes`)
})

test('chunks are as large as was said', () => {
  const bytes = createHash('shake256', { outputLength: 64 * 1024 ** 2 })
    .update('sizes')
    .digest()
  const ends = cut(bytes, standardLimits, () => windowBytes)
  const sizes = ends.map((end, index) => end - (ends[index - 1] ?? 0))
  assert.ok(Math.min(...sizes) >= 128 * 1024 && Math.max(...sizes) <= 2 * 1024 ** 2)
  const mean = ends.at(-1)! / ends.length
  assert.ok(mean > 420 * 1024 && mean < 610 * 1024, `${mean}`)
})
