// From what a request carries to who is asking. Runs before every door, so it costs one indexed query at most.
import { timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import type { Principal } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import type { Credentials, Site } from '#platform/site.ts'
import { readCookie } from './cookies.ts'
import { crossSite, isOwnOrigin } from './origin.ts'
import { rememberPrincipal } from './principal-cache.ts'
import { csrfToken, principalOf, sessionIdleMs } from './sessions.ts'
import { rows } from './tables.ts'
import { hashToken } from './tokens.ts'
import { lentPrefix, readLent } from './lent-tokens.ts'

export const keyRefused = problem('key-refused', 401, 'The API key is not accepted')

export const keyPrefix = 'hf_'
const keyPattern = /^hf_[A-Za-z0-9_-]{43}$/
const tokenPattern = /^[A-Za-z0-9_-]{43}$/
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Last use is kept coarsely: a write per request would cost more than the request. */
const seenEveryMs = 60_000
const usedEveryMs = 10 * 60_000

/** Undefined means anonymous. Throws where a credential was offered and does not hold, unless the door is open to everyone anyway. */
export const authenticate = async (site: Site, given: Credentials): Promise<Principal | undefined> => {
  try {
    if (given.authorization !== undefined) return await byKey(site, given)
    const token = given.cookie === undefined ? undefined : readCookie(site, given.cookie)
    return token === undefined ? undefined : await bySession(site, token, given)
  } catch (error) {
    if (given.publicDoor && isRefusal(error)) return undefined
    throw error
  }
}

const isRefusal = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (error.code === keyRefused.code || error.code === crossSite.code)

const refuseKey = (detail: string) =>
  // RFC 6750 §3.1
  keyRefused(detail, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })

const byKey = async (site: Site, given: Credentials): Promise<Principal> => {
  const secret = bearerOf(given)
  const lent = secret !== undefined && secret.startsWith(lentPrefix) ? readLent(site, secret) : undefined
  if (lent === undefined && (secret === undefined || !keyPattern.test(secret)))
    throw refuseKey('This is not an API key of a Holdfast site. Send `Authorization: Bearer hf_…`.')
  const hash = lent ?? hashToken(secret!)
  const principal = await rememberPrincipal(site, `key:${hash.toString('base64')}`, () => findKey(site, hash))
  if (!principal) throw refuseKey('This key is not known here. It may belong to another site, or be mistyped.')
  return principal
}

/** Clients of registries send the key as the password of any name (RFC 7617); a browser would repeat it by itself, so other doors do not take it. */
const bearerOf = ({ authorization = '', basic = false }: Credentials): string | undefined => {
  const [, scheme = '', rest = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(authorization) ?? []
  if (/^bearer$/i.test(scheme)) return rest
  if (!basic || !/^basic$/i.test(scheme)) return undefined
  const text = Buffer.from(rest, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

const findKey = async (site: Site, hash: Buffer) => {
  const row = await rows(site)
    .selectFrom('identity_key as key')
    .innerJoin('identity_user as user', 'user.id', 'key.user_id')
    .select([
      'key.id',
      'key.user_id',
      'key.scope_id',
      'key.actions',
      'key.expires_at',
      'key.last_used_at',
      'key.revoked_at',
      'key.device',
      'user.state',
    ])
    .where('key.secret_hash', '=', hash)
    .executeTakeFirst()
  if (!row) return undefined
  const at = site.clock.now()
  // Only who holds the secret gets this far, so saying what is wrong with it gives nothing away.
  if (row.revoked_at) throw refuseKey(`This key was revoked on ${row.revoked_at.toISOString()}.`)
  if (row.expires_at <= at) throw refuseKey(`This key expired on ${row.expires_at.toISOString()}. Make a new one.`)
  if (row.state !== 'active') throw refuseKey('The person this key belongs to is disabled.')
  if (!row.last_used_at || at.getTime() - row.last_used_at.getTime() > usedEveryMs)
    await rows(site).updateTable('identity_key').set({ last_used_at: at }).where('id', '=', row.id).execute()
  const limits = {
    ...(row.scope_id === null ? {} : { scope: row.scope_id }),
    ...(row.actions === null ? {} : { actions: row.actions }),
  }
  const principal: Principal = {
    kind: 'user',
    id: row.user_id,
    via: { kind: 'key', id: row.id },
    limits,
    factors: ['key'],
    ...(row.device ? { device: row.device.toString('base64url') } : {}),
  }
  return { principal, goodUntil: row.expires_at.getTime() }
}

const bySession = async (site: Site, token: string, given: Credentials): Promise<Principal | undefined> => {
  if (!tokenPattern.test(token)) return undefined
  const hash = hashToken(token)
  const principal = await rememberPrincipal(site, `session:${hash.toString('base64')}`, () => findSession(site, hash))
  if (principal && !safeMethods.has(given.method)) refuseForged(site, principal, given)
  return principal
}

const findSession = async (site: Site, hash: Buffer) => {
  const at = site.clock.now()
  const row = await rows(site)
    .selectFrom('identity_session as session')
    .innerJoin('identity_user as user', 'user.id', 'session.user_id')
    .select(['session.id', 'session.user_id', 'session.factors', 'session.device', 'session.expires_at', 'session.last_seen_at'])
    .where('session.token_hash', '=', hash)
    .where('user.state', '=', 'active')
    .where('session.expires_at', '>', at)
    .where('session.last_seen_at', '>', new Date(at.getTime() - sessionIdleMs))
    .executeTakeFirst()
  if (!row) return undefined
  if (at.getTime() - row.last_seen_at.getTime() > seenEveryMs)
    await rows(site)
      .updateTable('identity_session')
      .set({ last_seen_at: sql<Date>`greatest(last_seen_at, ${at})` })
      .where('id', '=', row.id)
      .execute()
  return { principal: principalOf(row), goodUntil: Math.min(row.expires_at.getTime(), at.getTime() + sessionIdleMs) }
}

/** A cookie goes along by itself, so by itself it proves no intent: the page must know the session's token, and be ours. */
const refuseForged = (site: Site, principal: Principal, given: Credentials): void => {
  if (given.origin !== undefined && !isOwnOrigin(site, given.origin, given.localPort))
    throw crossSite(`A page of ${given.origin.slice(0, 200)} may not act here.`)
  const expected = Buffer.from(csrfToken(site, principal.via?.id ?? ''))
  const offered = Buffer.from(given.csrf ?? '')
  if (offered.length !== expected.length || !timingSafeEqual(offered, expected))
    throw crossSite(
      'Changes made by session cookie need the header x-csrf-token, as given by GET /api/v1/session. Programs use an API key instead.',
    )
}
