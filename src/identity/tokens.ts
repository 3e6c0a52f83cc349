// Secrets we hand out: 256 random bits, kept here as a hash only.
import { createHash, randomBytes } from 'node:crypto'

const tokenBytes = 32

export const newToken = (prefix = ''): string => `${prefix}${randomBytes(tokenBytes).toString('base64url')}`

/** A fast hash is enough for 256 random bits, and the lookup by its index leaks no timing of the secret itself. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()
