// What a person does about themselves: names, password, passkeys; and what the portal asks first: who am I, and what may I do.
import { record } from '#audit'
import { allActions } from '#policy'
import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { atomically, type Context } from '#platform/context.ts'
import { conflict, notFound, problem, unauthenticated } from '#platform/problem.ts'
import { requireFreshSession, requireSession } from './acting.ts'
import { grantsOf } from './authority.ts'
import { reserveAttempt, settleSuccess } from './lockout.ts'
import { parseShownName } from './names.ts'
import { insertPasskey, passkeyRefused, registrationOptions, verifyRegistration } from './passkeys.ts'
import { checkPassword, hashPassword, verifyPassword } from './passwords.ts'
import { findOrganisation, findPerson, lockPerson, toUser } from './people.ts'
import type { CurrentSession, Passkey, User } from './schema.ts'
import { csrfToken, endSessions, renewSession, type From, type Opened } from './sessions.ts'
import { rows, type PasskeyId, type SessionId } from './tables.ts'
import { changeNames } from './users.ts'

export const passwordWrong = problem('password-wrong', 403, 'The present password is not right')

const own = (ctx: Context) => ({ kind: 'profile', id: ctx.actor.id, owner: ctx.actor.id })

/** `opened` is given by a reply that just opened the session, whose request came in without it. */
export const currentSession = async (ctx: Context, opened?: Opened): Promise<CurrentSession> => {
  const { actor } = ctx
  if (actor.kind !== 'user') throw unauthenticated('Nobody is signed in.')
  const person = await findPerson(ctx, actor.id)
  const organisation = await findOrganisation(ctx)
  if (!person || !organisation) throw unauthenticated('Nobody is signed in.')
  ctx.decidedPublic('what one may do oneself')
  const may: string[] = []
  for (const action of allActions)
    if (await ctx.permits(action, { kind: action.slice(0, action.lastIndexOf('.')) })) may.push(action)
  return {
    user: { id: person.id, username: person.username, displayName: person.display_name },
    organisation,
    factors: [...actor.factors],
    csrf: actor.via?.kind === 'session' ? csrfToken(ctx.site, actor.via.id) : '',
    expiresAt: (opened?.expiresAt ?? (await expiryOf(ctx))).toISOString(),
    roles: await grantsOf(ctx, person.id),
    may,
    site: { name: ctx.site.config.siteName },
  }
}

const expiryOf = async (ctx: Context): Promise<Date> => {
  const id = ctx.actor.via?.id ?? ''
  const table = ctx.actor.via?.kind === 'key' ? 'identity_key' : 'identity_session'
  const row = await rows(ctx)
    .selectFrom(table)
    .select('expires_at')
    .where('id', '=', id as SessionId & `key_${string}`)
    .executeTakeFirst() // the credential just used
  if (!row) throw unauthenticated('Nobody is signed in.')
  return row.expires_at
}

export const changeProfile = (ctx: Context, change: { displayName?: string; email?: string | null }): Promise<User> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('profile.update', own(tx))
    return toUser(await changeNames(tx, requireSession(tx), change))
  })

/** Other sessions end: whoever changes a password may do so because someone else knows it. */
export const changePassword = async (
  ctx: Context,
  given: { current?: string; password: string },
  from: From,
): Promise<Opened | undefined> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = requireSession(ctx)
  const before = await findPerson(ctx, userId)
  if (!before) throw notFound('You are no longer here.')
  checkPassword(given.password, [before.username])
  if (before.password_hash === null) await requireFreshSession(ctx)
  else {
    // A stolen session is no place to guess the password from: it counts as signing in does.
    const attempt = await reserveAttempt(ctx, { username: before.username_key, address: from.address })
    if (!(await verifyPassword(before.password_hash, given.current ?? '')))
      throw passwordWrong('Give the present password to change it.')
    await atomically(ctx, (tx) => settleSuccess(tx, attempt))
  }
  const hash = await hashPassword(given.password)
  return atomically(ctx, async (tx) => {
    const person = await lockPerson(tx, userId)
    if (!person || person.password_hash !== before.password_hash) throw conflict('The password was changed meanwhile.')
    await rows(tx)
      .updateTable('identity_user')
      .set({ password_hash: hash, password_changed_at: tx.now() })
      .where('id', '=', userId)
      .execute()
    const ended = await endSessions(tx, userId, tx.actor.via?.id)
    await record(tx, 'password.update', { kind: 'user', id: userId, owner: userId }, { sessionsEnded: ended })
    return renewSession(tx, tx.actor.via?.id ?? '')
  })
}

export const listPasskeys = async (ctx: Context): Promise<Passkey[]> => {
  await ctx.authorize('profile.read', own(ctx))
  const userId = requireSession(ctx)
  const found = await rows(ctx).selectFrom('identity_passkey').selectAll().where('user_id', '=', userId).orderBy('id').execute()
  return found.map((row) => ({
    id: row.id,
    name: row.name,
    synced: row.synced,
    createdAt: row.created_at.toISOString(),
    ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
  }))
}

export const ownPasskeyOptions = async (ctx: Context, from: From): Promise<PublicKeyCredentialCreationOptionsJSON> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  const person = await findPerson(ctx, userId)
  if (!person) throw notFound('You are no longer here.')
  const organisation = (await findOrganisation(ctx))?.name ?? ctx.site.config.siteName
  return registrationOptions(ctx, { userId, username: person.username, displayName: person.display_name, organisation }, from)
}

export const addPasskey = async (
  ctx: Context,
  given: { name: string; response: RegistrationResponseJSON },
  from: From,
): Promise<Passkey> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  const name = parseShownName(given.name, 'name')
  const verified = await verifyRegistration(ctx, given.response, from)
  if (verified.userId !== userId) throw passkeyRefused('This passkey was begun for another person. Begin again.')
  return atomically(ctx, async (tx) => {
    await insertPasskey(tx, verified, { userId, name })
    await record(tx, 'passkey.create', { kind: 'passkey', id: verified.row.id, owner: userId }, { synced: verified.row.synced })
    return { id: verified.row.id, name, synced: verified.row.synced, createdAt: verified.row.created_at.toISOString() }
  })
}

export const removePasskey = async (ctx: Context, id: string): Promise<void> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  await atomically(ctx, async (tx) => {
    const person = await lockPerson(tx, userId)
    const held = await rows(tx).selectFrom('identity_passkey').select('id').where('user_id', '=', userId).execute()
    if (!held.some((row) => row.id === id)) throw notFound(`You have no passkey ${id}.`)
    if (held.length === 1 && !person?.password_hash)
      throw conflict('This is your only way to sign in. Set a password or add another passkey first.')
    await rows(tx)
      .deleteFrom('identity_passkey')
      .where('id', '=', id as PasskeyId)
      .execute() // one of the ids just read
    await record(tx, 'passkey.delete', { kind: 'passkey', id, owner: userId })
  })
}
