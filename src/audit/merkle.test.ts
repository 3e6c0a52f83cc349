import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  append,
  consistencyRanges,
  cover,
  emptyRoot,
  fold,
  inclusionRanges,
  leafHash,
  nodeHash,
  rootFromInclusion,
  type Hash,
  type NodeHash,
} from './merkle.ts'

/** RFC 6962 §2.1 word for word: slow, and obviously right. */
const mth = (leaves: Hash[]): Hash => {
  if (leaves.length === 0) return emptyRoot
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}
const leavesOf = (count: number) => Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))
const rangeHash = (leaves: Hash[], [start, end]: readonly [number, number]) => mth(leaves.slice(start, end))

test('the root of the empty log is the hash of nothing (RFC 6962 §2.1)', () => {
  assert.equal(emptyRoot.toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.equal(leafHash(Buffer.alloc(0)).toString('hex'), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
})

test('appending in batches of any sizes gives the tree of the definition', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }), (batches) => {
      const all = leavesOf(batches.reduce((a, b) => a + b, 0))
      let right: NodeHash[] = []
      let size = 0
      const stored = new Map<string, Hash>()
      for (const count of batches) {
        const grown = append(right, size, all.slice(size, size + count))
        for (const { level, index, hash } of grown.added) stored.set(`${level}/${index}`, hash)
        right = grown.right
        size += count
      }
      assert.ok(fold(right.map(({ hash }) => hash)).equals(mth(all)))
      for (const { level, index } of cover(0, size))
        assert.ok(stored.get(`${level}/${index}`)!.equals(mth(all.slice(index * 2 ** level, (index + 1) * 2 ** level))))
    }),
  )
})

test('every leaf of every tree has a proof that leads to its root, and to no other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (size, pick) => {
      const index = pick % size
      const leaves = leavesOf(size)
      const proof = inclusionRanges(index, size).map((range) => rangeHash(leaves, range))
      assert.ok(rootFromInclusion(leaves[index]!, index, size, proof)!.equals(mth(leaves)))
      if (size > 1) assert.ok(!rootFromInclusion(leaves[(index + 1) % size]!, index, size, proof)!.equals(mth(leaves)))
      assert.equal(rootFromInclusion(leaves[index]!, index, size, [...proof, leaves[0]!]), undefined)
    }),
  )
})

/** RFC 9162 §2.1.4.2, written from its text: an implementation of its own to check ours against. */
const verifyConsistency = (first: number, second: number, firstRoot: Hash, secondRoot: Hash, proof: Hash[]): boolean => {
  const path = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : [...proof]
  let fn = first - 1
  let sn = second - 1
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  let [fr, sr] = [path[0]!, path[0]!]
  for (const c of path.slice(1)) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr)
      sr = nodeHash(c, sr)
      while (fn !== 0 && fn % 2 === 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
    } else sr = nodeHash(sr, c)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return fr.equals(firstRoot) && sr.equals(secondRoot) && sn === 0
}

test('of any two states of the log it is provable that the later begins with the earlier', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }), (a, b) => {
      const [first, second] = a < b ? [a, b] : [b, a + 1]
      const leaves = leavesOf(second)
      const proof = consistencyRanges(first, second).map((range) => rangeHash(leaves, range))
      assert.ok(verifyConsistency(first, second, mth(leaves.slice(0, first)), mth(leaves), proof))
      assert.ok(!verifyConsistency(first, second, leafHash(Buffer.from('other')), mth(leaves), proof))
    }),
  )
})
