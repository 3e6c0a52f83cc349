import { randomBytes } from 'node:crypto'

/** Ids name their kind: `model_01kf…`. The prefix is the brand, the same in URL, log, audit and database. */
export type Id<P extends string> = `${P}_${string}`

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's base32, as in ULID: no i, l, o, u

const base32 = (value: bigint, length: number): string => {
  let text = ''
  for (let i = 0; i < length; i++, value >>= 5n) text = alphabet[Number(value & 31n)]! + text
  return text
}

/** A ULID (48 bits of milliseconds, 80 random bits) behind its kind: sortable by time, unguessable enough not to collide. */
export const newId = <P extends string>(prefix: P, at: Date = new Date()): Id<P> =>
  `${prefix}_${base32(BigInt(at.getTime()), 10)}${base32(BigInt(`0x${randomBytes(10).toString('hex')}`), 16)}`

export const isId = <P extends string>(prefix: P, text: string): text is Id<P> =>
  text.startsWith(`${prefix}_`) && /^[0-9a-hjkmnp-tv-z]{26}$/.test(text.slice(prefix.length + 1))
