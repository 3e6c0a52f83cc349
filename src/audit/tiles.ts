// C2SP tlog-tiles: the same tree as files of 256 hashes, which anyone can cache, mirror and verify.
import type { Node } from './merkle.ts'

export const tileWidth = 256
const tileLevels = 8 // 2^8 = 256

export type Tile = { readonly level: number; readonly index: number; readonly width: number }

/** `x001/x234/067`: thousands by thousands, all but the last with an x. */
const indexPattern = /^(?:x\d{3}\/)*\d{3}$/

/** Parses `<L>/<N>[.p/<W>]`, or `entries/<N>[.p/<W>]` with level −1. Undefined for anything else. */
export const parseTilePath = (path: string): Tile | undefined => {
  const match = /^(entries|[0-9]|[1-5][0-9]|6[0-3])\/(.+?)(?:\.p\/([1-9]\d{0,2}))?$/.exec(path)
  if (!match) return undefined
  const [, level = '', index = '', width] = match
  if (!indexPattern.test(index) || index.length > 20) return undefined
  const digits = index.replaceAll(/[x/]/g, '')
  // One tile, one path: `x000/001` would be a second name for 001.
  if (digits.length > 3 && digits.startsWith('000')) return undefined
  const parsed = {
    level: level === 'entries' ? -1 : Number(level),
    index: Number(digits),
    width: width === undefined ? tileWidth : Number(width),
  }
  return parsed.width < tileWidth || width === undefined ? parsed : undefined
}

export const tilePath = ({ level, index, width }: Tile): string => {
  const groups: string[] = []
  let rest = index
  do {
    groups.unshift(String(rest % 1000).padStart(3, '0'))
    rest = Math.floor(rest / 1000)
  } while (rest > 0)
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `${level < 0 ? 'entries' : level}/${name}${width === tileWidth ? '' : `.p/${width}`}`
}

/** Tree nodes that the tile's hashes are: level L of tiles is level 8·L of the tree. */
export const tileNodes = ({ level, index, width }: Tile): { first: Node; count: number } => ({
  first: { level: level * tileLevels, index: index * tileWidth },
  count: width,
})

/** How many hashes (entries for level −1) the tile holds in a tree of `size`; 0 when it is not there yet. */
export const tileWidthAt = ({ level, index }: Tile, size: number): number =>
  Math.max(0, Math.min(tileWidth, Math.floor(size / tileWidth ** Math.max(0, level)) - index * tileWidth))

/** Entry bundle: each leaf behind its length in two bytes, big-endian. */
export const entryBundle = (leaves: readonly Uint8Array[]): Buffer =>
  Buffer.concat(
    leaves.flatMap((leaf) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(leaf.length)
      return [length, leaf]
    }),
  )
