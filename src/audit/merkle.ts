// The Merkle tree of RFC 6962 §2.1, as arithmetic: which hashes make a root, an inclusion proof, a consistency proof. No storage, no I/O.
import { createHash } from 'node:crypto'

export type Hash = Buffer
/** A complete subtree: leaves index·2^level up to (index+1)·2^level − 1. */
export type Node = { readonly level: number; readonly index: number }
export type NodeHash = Node & { readonly hash: Hash }

export const hashBytes = 32

/** The first byte keeps leaves and nodes apart, or a node could be passed off as a leaf (RFC 6962 §2.1). */
export const leafHash = (leaf: Uint8Array): Hash => createHash('sha256').update(leafPrefix).update(leaf).digest()
export const nodeHash = (left: Uint8Array, right: Uint8Array): Hash =>
  createHash('sha256').update(nodePrefix).update(left).update(right).digest()
const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)

export const emptyRoot: Hash = createHash('sha256').digest()

/** Sizes reach past 2^31: no bit operators. */
const powerBelow = (size: number): number => {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

/** The complete subtrees, left to right, that leaves [start, end) fall into, where start is a multiple of the largest of them. */
export const cover = (start: number, end: number): Node[] => {
  const nodes: Node[] = []
  for (let at = start; at < end;) {
    let level = 0
    let width = 1
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2
      level++
    }
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

/** Hash of a range out of the hashes of its cover: complete subtrees fold from the right, as MTH splits at powers of two. */
export const fold = (hashes: readonly Hash[]): Hash => {
  const last = hashes.at(-1)
  if (!last) return emptyRoot
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}

type Range = readonly [start: number, end: number]

/** PATH(m, D[n]) of RFC 6962 §2.1.1, as the leaf ranges whose hashes it lists. */
export const inclusionRanges = (index: number, size: number): Range[] => path(index, 0, size)

const path = (index: number, start: number, end: number): Range[] => {
  if (end - start <= 1) return []
  const split = start + powerBelow(end - start)
  return index < split ? [...path(index, start, split), [split, end]] : [...path(index, split, end), [start, split]]
}

/** PROOF(m, D[n]) of RFC 6962 §2.1.2, as leaf ranges. */
export const consistencyRanges = (from: number, to: number): Range[] =>
  from === 0 || from === to ? [] : subproof(from, 0, to, true)

const subproof = (from: number, start: number, end: number, whole: boolean): Range[] => {
  if (from === end) return whole ? [] : [[start, end]]
  const split = start + powerBelow(end - start)
  return from <= split
    ? [...subproof(from, start, split, whole), [split, end]]
    : [...subproof(from, split, end, false), [start, split]]
}

/** Root that an inclusion proof leads to (RFC 9162 §2.1.3.2); undefined when the proof has the wrong form. */
export const rootFromInclusion = (leaf: Hash, index: number, size: number, proof: readonly Hash[]): Hash | undefined => {
  if (index < 0 || index >= size) return undefined
  const ranges = inclusionRanges(index, size)
  if (ranges.length !== proof.length || proof.some((hash) => hash.length !== hashBytes)) return undefined
  return proof.reduce((hash, sibling, i) => (ranges[i]![0] > index ? nodeHash(hash, sibling) : nodeHash(sibling, hash)), leaf)
}

/** Appends leaves: the hashes of every subtree that they complete. `right` is the cover of [0, size) and becomes that of the new size. */
export const append = (right: NodeHash[], size: number, leaves: readonly Hash[]): { added: NodeHash[]; right: NodeHash[] } => {
  const stack = [...right]
  const added: NodeHash[] = []
  leaves.forEach((hash, i) => {
    let node: NodeHash = { level: 0, index: size + i, hash }
    added.push(node)
    for (let left = stack.at(-1); left && left.level === node.level; left = stack.at(-1)) {
      stack.pop()
      node = { level: node.level + 1, index: left.index / 2, hash: nodeHash(left.hash, node.hash) }
      added.push(node)
    }
    stack.push(node)
  })
  return { added, right: stack }
}
