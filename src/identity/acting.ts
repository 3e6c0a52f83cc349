// Whose act it is, and how sure we are of it.
import type { Context, Principal } from '#platform/context.ts'
import { problem, unauthenticated } from '#platform/problem.ts'
import { rows, type KeyId, type SessionId, type UserId } from './tables.ts'

export const sessionNeeded = problem('session-needed', 403, 'Only a person who is signed in may do this')
export const signInAgain = problem('sign-in-again', 403, 'Sign in again first')

/** How long after sign-in a person may still take factors away or add them without proving once more that it is they. */
export const freshMsMax = 30 * 60_000

/** The same transaction, on behalf of someone who was nobody when it began: the record of a sign-in names who signed in. */
export const actingAs = (tx: Context, actor: Principal): Context => ({ ...tx, actor })

/** A key acts for its owner in all but this: it makes no keys and touches no credentials, or a leaked key would outlive its revocation. */
export const requireSession = (ctx: Context): UserId => {
  const { actor } = ctx
  if (actor.kind !== 'user' || actor.via?.kind !== 'session') {
    ctx.decidedPublic('refused: no session')
    if (actor.kind === 'anonymous') throw unauthenticated('Sign in first.', { headers: { 'www-authenticate': 'Bearer' } })
    throw sessionNeeded('Keys and credentials are changed by people, signed in with a browser. An API key cannot do it.')
  }
  return actor.id as UserId // a user principal's id is a user id
}

/** Whether someone who asked for something a while ago is still someone to act for: in the house, and by a credential that was not taken away. A session that just ended is no such thing. */
export const stillActing = async (ctx: Context, { id, via }: Principal): Promise<boolean> => {
  const person = await rows(ctx)
    .selectFrom('identity_user')
    .select('state')
    .where('id', '=', id as UserId) // compared, never trusted
    .executeTakeFirst()
  if (person?.state !== 'active') return false
  if (via?.kind !== 'key') return true
  const key = await rows(ctx)
    .selectFrom('identity_key')
    .select(['expires_at', 'revoked_at'])
    .where('id', '=', via.id as KeyId)
    .executeTakeFirst()
  return key !== undefined && key.revoked_at === null && key.expires_at > ctx.now()
}

export const requireFreshSession = async (ctx: Context): Promise<UserId> => {
  const userId = requireSession(ctx)
  const row = await rows(ctx)
    .selectFrom('identity_session')
    .select('created_at')
    .where('id', '=', (ctx.actor.via?.id ?? '') as SessionId) // compared, never trusted
    .executeTakeFirst()
  if (!row || ctx.now().getTime() - row.created_at.getTime() > freshMsMax)
    throw signInAgain(
      `Ways to sign in are changed within ${freshMsMax / 60_000} minutes of signing in. Sign out and in again, then repeat this.`,
    )
  return userId
}
