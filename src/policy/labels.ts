// The lattice of classifications: how secret (rank) and for whom only (caveats). What is higher in either is above; two labels need not be comparable.
import type { Label } from '#platform/context.ts'

/** Above every rank a level can have. */
export const rankMax = 1000

/** In a clearance, every caveat there is and will be. No thing is labelled with it. */
export const anyCaveat = '*'

export const bottom: Label = { rank: 0, caveats: [] }
export const top: Label = { rank: rankMax, caveats: [anyCaveat] }

/** Whether a clearance of `b` suffices for a thing labelled `a`; also whether `a` lies at or below `b`. */
export const leq = (a: Label, b: Label): boolean =>
  a.rank <= b.rank && (b.caveats.includes(anyCaveat) || a.caveats.every((caveat) => b.caveats.includes(caveat)))

/** The least label that lies above both. */
export const join = (a: Label, b: Label): Label => ({
  rank: Math.max(a.rank, b.rank),
  caveats: all(a, b) ? [anyCaveat] : [...new Set([...a.caveats, ...b.caveats])].sort(),
})

const all = (...labels: readonly Label[]): boolean => labels.some(({ caveats }) => caveats.includes(anyCaveat))

export const sameLabel = (a: Label, b: Label): boolean => leq(a, b) && leq(b, a)
