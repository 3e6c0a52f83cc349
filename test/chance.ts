// Chance that can be repeated: the same seed draws the same.

export type Chance = {
  /** A whole number below it. */
  below(limit: number): number
  /** True once in so many times. */
  once(inMany: number): boolean
  one<T>(of: readonly T[]): T
}

/** mulberry32: 32 bits of state are enough to draw acts with. */
export const chance = (seed: number): Chance => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    once: (inMany) => below(inMany) === 0,
    one: (of) => {
      if (of.length === 0) throw new Error('nothing to draw from')
      return of[below(of.length)]!
    },
  }
}
