// Sessions: one per sign-in and browser, revocable at once. The token is known to the browser alone; we hold its hash.
import { record } from '#audit'
import { afterCommit, atomically, type Context, type Factor, type Principal } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { notFound } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { forgetPrincipals } from './principal-cache.ts'
import type { Session } from './schema.ts'
import { rows, type SessionId, type Tables, type UserId } from './tables.ts'
import { hashToken, newToken } from './tokens.ts'

/** A working day without a request ends a session; so does a day and a night in all (NIST SP 800-63B-4 §2.2.3: reauthentication every 24 h at AAL2). */
export const sessionIdleMs = 8 * 3_600_000
export const sessionAgeMsMax = 24 * 3_600_000
const sessionsPerUserMax = 50
const userAgentLengthMax = 300

export type From = {
  readonly address: string
  readonly userAgent: string
  readonly origin?: string | undefined
  readonly localPort?: number | undefined
  /** The id in the browser's device cookie, where it has one. */
  readonly device?: string | undefined
}

export type Opened = {
  readonly id: SessionId
  readonly token: string
  readonly expiresAt: Date
  readonly principal: Principal
  /** For the browser to keep, when a sign-in opened the session. */
  readonly device?: string
}

/** Always a new token: one planted in the browser before sign-in is worth nothing after it. */
export const openSession = async (
  tx: Context,
  given: { userId: UserId; factors: readonly Factor[]; from: From },
): Promise<Opened> => {
  const at = tx.now()
  const id = newId('session', at)
  const token = newToken()
  const expiresAt = new Date(at.getTime() + sessionAgeMsMax)
  const device = given.from.device ?? newToken()
  await endOldest(tx, given.userId)
  await rows(tx)
    .insertInto('identity_session')
    .values({
      id,
      token_hash: hashToken(token),
      user_id: given.userId,
      factors: [...given.factors],
      user_agent: given.from.userAgent.replace(/\p{C}/gu, '').slice(0, userAgentLengthMax),
      address: given.from.address,
      created_at: at,
      last_seen_at: at,
      expires_at: expiresAt,
      device: hashToken(device),
    })
    .execute()
  return {
    id,
    token,
    expiresAt,
    device,
    principal: principalOf({ id, user_id: given.userId, factors: given.factors, device: hashToken(device) }),
  }
}

type Held = { id: SessionId; user_id: UserId; factors: readonly Factor[]; device: Buffer | null }

export const principalOf = ({ id, user_id, factors, device }: Held): Principal => ({
  kind: 'user',
  id: user_id,
  via: { kind: 'session', id },
  factors: [...factors],
  ...(device ? { device: device.toString('base64url') } : {}),
})

const endOldest = async (tx: Context, userId: UserId): Promise<void> => {
  const spare = rows(tx)
    .selectFrom('identity_session')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .offset(sessionsPerUserMax - 1)
  await rows(tx).deleteFrom('identity_session').where('id', 'in', spare).execute()
}

/** A fresh token for the same session, when what its holder may do changes: the old one may have been seen while it was worth less. */
export const renewSession = async (tx: Context, id: string): Promise<Opened | undefined> => {
  const token = newToken()
  const row = await rows(tx)
    .updateTable('identity_session')
    .set({ token_hash: hashToken(token) })
    .where('id', '=', id as SessionId) // a session principal's own id
    .returningAll()
    .executeTakeFirst()
  if (!row) return undefined
  afterCommit(tx, () => forgetPrincipals(tx.site))
  return { id: row.id, token, expiresAt: row.expires_at, principal: principalOf(row) }
}

/** Ends sessions of a person, all or all but one; effective on the next request. */
export const endSessions = async (tx: Context, userId: UserId, except?: string): Promise<number> => {
  let query = rows(tx).deleteFrom('identity_session').where('user_id', '=', userId)
  if (except !== undefined) query = query.where('id', '!=', except as SessionId) // compared, never trusted
  const { numDeletedRows } = await query.executeTakeFirstOrThrow()
  afterCommit(tx, () => forgetPrincipals(tx.site))
  return Number(numDeletedRows)
}

/** Tied to the session and the site's key, so it needs no storage and dies with the session. */
export const csrfToken = (site: Site, sessionId: string): string =>
  site.secrets.hmac('identity/csrf', sessionId).toString('base64url')

const live = (row: Pick<Tables['identity_session'], 'expires_at' | 'last_seen_at'>, at: Date): boolean =>
  row.expires_at > at && row.last_seen_at.getTime() + sessionIdleMs > at.getTime()

export const listSessions = async (ctx: Context, of?: string): Promise<Session[]> => {
  const owner = of ?? ctx.actor.id
  await ctx.authorize('session.read', { kind: 'session', owner })
  const found = await rows(ctx)
    .selectFrom('identity_session')
    .selectAll()
    .where('user_id', '=', owner as UserId) // compared, never trusted
    .orderBy('last_seen_at', 'desc')
    .limit(sessionsPerUserMax)
    .execute()
  return found
    .filter((row) => live(row, ctx.now()))
    .map((row) => ({
      id: row.id,
      userId: row.user_id,
      factors: row.factors,
      userAgent: row.user_agent,
      address: row.address,
      createdAt: row.created_at.toISOString(),
      lastSeenAt: row.last_seen_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      current: row.id === ctx.actor.via?.id,
    }))
}

export const revokeSession = async (ctx: Context, id: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    const row = await rows(tx)
      .selectFrom('identity_session')
      .select(['id', 'user_id'])
      .where('id', '=', id as SessionId)
      .forUpdate()
      .executeTakeFirst() // looked up, never trusted
    // For an id that nobody has, the question is whether one may end others' sessions: refusal then tells nothing.
    await tx.authorize('session.revoke', { kind: 'session', id, ...(row ? { owner: row.user_id } : {}) })
    if (!row) throw notFound('No such session; it may have ended already.')
    await rows(tx).deleteFrom('identity_session').where('id', '=', row.id).execute()
    afterCommit(tx, () => forgetPrincipals(tx.site))
    await record(tx, 'session.revoke', { kind: 'session', id: row.id, owner: row.user_id }, { user: row.user_id })
  })

/** Signing out. */
export const endOwnSession = async (ctx: Context): Promise<void> => {
  if (ctx.actor.via?.kind !== 'session') {
    ctx.decidedPublic('nothing to sign out of')
    return
  }
  await revokeSession(ctx, ctx.actor.via.id)
}
