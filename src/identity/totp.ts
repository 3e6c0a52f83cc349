// Time-based one-time passwords (RFC 6238, on RFC 4226). Thirty lines of our own: the part that matters, accepting a code once, no library does.
import { createHmac, timingSafeEqual } from 'node:crypto'

export const stepSeconds = 30
const digits = 6
/** One step either way, for typing time and clocks that drift (RFC 6238 §5.2). */
const driftSteps = 1
/** RFC 4226 §4, R6: 160 bits. */
export const seedBytes = 20

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 base32 without padding, as authenticator apps read it. */
export const toBase32 = (bytes: Uint8Array): string => {
  let bits = 0n
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte)
  const length = Math.ceil((bytes.length * 8) / 5)
  bits <<= BigInt(length * 5 - bytes.length * 8)
  return Array.from({ length }, (_, i) => alphabet[Number((bits >> BigInt((length - 1 - i) * 5)) & 31n)]).join('')
}

export const codeAt = (seed: Uint8Array, step: number): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', seed).update(counter).digest()
  const offset = mac[mac.length - 1]! & 0x0f // RFC 4226 §5.3, dynamic truncation
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

export const stepOf = (at: Date): number => Math.floor(at.getTime() / 1000 / stepSeconds)

/** The step a code belongs to, if it is right now and later than the last one accepted; the caller stores it. */
export const matchCode = (seed: Uint8Array, code: string, at: Date, lastStep: number | null): number | undefined => {
  const given = Buffer.from(code.replace(/\s/g, ''))
  if (given.length !== digits) return undefined
  const now = stepOf(at)
  for (let step = now - driftSteps; step <= now + driftSteps; step++)
    if (step > (lastStep ?? -1) && timingSafeEqual(given, Buffer.from(codeAt(seed, step)))) return step
  return undefined
}

export const totpUri = (secret: string, label: { issuer: string; account: string }): string => {
  const issuer = encodeURIComponent(label.issuer)
  return `otpauth://totp/${issuer}:${encodeURIComponent(label.account)}?secret=${secret}&issuer=${issuer}&algorithm=SHA1&digits=${digits}&period=${stepSeconds}`
}
