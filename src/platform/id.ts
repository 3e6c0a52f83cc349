import { randomBytes } from 'node:crypto'

/** Ids name their kind: `model_01kf…`. The prefix is the brand, the same in URL, log, audit and database. */
export type Id<P extends string> = `${P}_${string}`

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's base32, as in ULID: no i, l, o, u

const randomChars = 16 // of five bits: 80

/** A ULID (48 bits of milliseconds, 80 random bits) behind its kind: sortable by time, unguessable enough not to collide. */
export const newId = <P extends string>(prefix: P, at: Date = new Date()): Id<P> => {
  let time = ''
  for (let rest = at.getTime(), i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = alphabet[rest % 32]! + time
  let random = ''
  for (const byte of randomBytes(randomChars)) random += alphabet[byte & 31]!
  return `${prefix}_${time}${random}`
}

/** When an id was made, in milliseconds since 1970: its first ten characters say so. */
export const madeAtMs = (id: string): number => {
  const start = id.lastIndexOf('_') + 1
  let ms = 0
  for (let i = start; i < start + 10; i++) ms = ms * 32 + alphabet.indexOf(id.charAt(i))
  return ms
}

export const isId = <P extends string>(prefix: P, text: string): text is Id<P> =>
  text.startsWith(`${prefix}_`) && /^[0-9a-hjkmnp-tv-z]{26}$/.test(text.slice(prefix.length + 1))
