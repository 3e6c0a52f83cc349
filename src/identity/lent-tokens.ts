// Tokens lent for minutes in place of a key, as registries hand them out (Distribution token authentication): they stand for the key, and end with it.
import { timingSafeEqual } from 'node:crypto'
import type { Context } from '#platform/context.ts'
import { unauthenticated } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { rows, type KeyId } from './tables.ts'

export const lentPrefix = 'hft_'
export const lentSeconds = 300
const hashBytes = 32
const macBytes = 32
const expiryBytes = 8
const purpose = 'lent-token'

export type Lent = { readonly token: string; readonly issuedAt: Date; readonly expiresInSeconds: number }

/** Throws `unauthenticated` for whoever is not here by a key. */
export const lendToken = async (ctx: Context): Promise<Lent> => {
  ctx.decidedPublic('a token gives what the key gives that asks for it')
  const { via } = ctx.actor
  const row =
    via?.kind === 'key' &&
    (await rows(ctx)
      .selectFrom('identity_key')
      .select('secret_hash')
      .where('id', '=', via.id as KeyId) // of whoever was authenticated by it
      .executeTakeFirst())
  if (!row)
    throw unauthenticated('Send an API key as the password; the name does not matter.', {
      headers: { 'www-authenticate': 'Basic realm="Holdfast"' },
    })
  const issuedAt = ctx.now()
  const expiry = Buffer.alloc(expiryBytes)
  expiry.writeBigUInt64BE(BigInt(issuedAt.getTime() + lentSeconds * 1000))
  const body = Buffer.concat([row.secret_hash, expiry])
  const token = `${lentPrefix}${Buffer.concat([body, ctx.site.secrets.hmac(purpose, body)]).toString('base64url')}`
  return { token, issuedAt, expiresInSeconds: lentSeconds }
}

/** The hash of the key it stands for; undefined when it is not ours or has ended. */
export const readLent = (site: Site, token: string): Buffer | undefined => {
  const bytes = Buffer.from(token.slice(lentPrefix.length), 'base64url')
  if (bytes.length !== hashBytes + expiryBytes + macBytes) return undefined
  const body = bytes.subarray(0, hashBytes + expiryBytes)
  if (!timingSafeEqual(site.secrets.hmac(purpose, body), bytes.subarray(body.length))) return undefined
  if (body.readBigUInt64BE(hashBytes) <= BigInt(site.clock.now().getTime())) return undefined
  return body.subarray(0, hashBytes)
}
