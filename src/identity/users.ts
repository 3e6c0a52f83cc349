// People, as those see them who look after them.
import { eraseSubject, record } from '#audit'
import { removePrincipal } from '#policy'
import type { Static } from 'typebox'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { emit } from '#platform/events.ts'
import { newId } from '#platform/id.ts'
import { conflict, notFound } from '#platform/problem.ts'
import { grantsOf, groupsOf, protectOwners, refuseBeyond, refuseLastOwner } from './authority.ts'
import { invite } from './invitations.ts'
import { parseEmail, parseShownName, parseUsername, usernameKey } from './names.ts'
import { findPerson, insertPerson, isUniqueViolation, lockPerson, toUser, usernameTaken, type Person } from './people.ts'
import { forgetPrincipals } from './principal-cache.ts'
import { recoveryCodesLeft } from './recovery-codes.ts'
import type { Invitation, InvitedUser, NewUser, User, UserChange, UserDetail, UserFilter } from './schema.ts'
import { endSessions } from './sessions.ts'
import { rows, type UserId } from './tables.ts'

const pageRowsDefault = 50

export const createUser = async (ctx: Context, given: NewUser): Promise<Static<typeof InvitedUser>> => {
  const username = parseUsername(given.username)
  const displayName = parseShownName(given.displayName, 'displayName')
  const email = given.email === undefined ? undefined : parseEmail(given.email)
  await ctx.authorize('user.create', { kind: 'user' })
  return atomically(ctx, async (tx) => {
    const person = await insertPerson(tx, { id: newId('user', tx.now()), username, displayName, email, state: 'invited' })
    const invitation = await invite(tx, person)
    await record(
      tx,
      'user.create',
      { kind: 'user', id: person.id },
      { invitationExpiresAt: invitation.expiresAt },
      { sealed: { subject: person.id, content: namesOf(person) } },
    )
    return { user: toUser(person), invitation }
  })
}

/** Names go into the log under a key of the person's own, so that they can be forgotten without touching the log. */
const namesOf = (person: Person) => ({
  username: person.username,
  displayName: person.display_name,
  ...(person.email === null ? {} : { email: person.email }),
})

export const listUsers = async (ctx: Context, filter: UserFilter): Promise<{ items: User[]; next?: string }> => {
  await ctx.authorize('user.read', { kind: 'user' })
  const limit = filter.limit ?? pageRowsDefault
  let query = rows(ctx)
    .selectFrom('identity_user')
    .selectAll()
    .orderBy('id')
    .limit(limit + 1)
  if (filter.after !== undefined) query = query.where('id', '>', filter.after as UserId) // compared, never trusted
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.q !== undefined) {
    const like = `%${usernameKey(filter.q).replace(/[\\%_]/g, '\\$&')}%`
    query = query.where((eb) =>
      eb.or([eb('username_key', 'like', like), eb('display_name', 'ilike', like), eb('email', 'ilike', like)]),
    )
  }
  const found = await query.execute()
  const items = found.slice(0, limit).map(toUser)
  return { items, ...(found.length > limit ? { next: items.at(-1)!.id } : {}) }
}

export const getUser = async (ctx: Context, id: string): Promise<UserDetail> => {
  await ctx.authorize('user.read', { kind: 'user', id, owner: id })
  const person = await findPerson(ctx, id)
  if (!person) throw notFound(`No person ${id}.`)
  const { passkeys } = await rows(ctx)
    .selectFrom('identity_passkey')
    .select((eb) => eb.fn.countAll<number>().as('passkeys'))
    .where('user_id', '=', person.id)
    .executeTakeFirstOrThrow()
  return {
    ...toUser(person),
    hasPassword: person.password_hash !== null,
    hasTotp: person.totp_confirmed_at !== null,
    passkeys,
    recoveryCodesLeft: await recoveryCodesLeft(ctx, person.id),
    roles: await grantsOf(ctx, person.id),
    groups: await groupsOf(ctx, person.id),
  }
}

export const changeUser = (ctx: Context, id: string, change: UserChange): Promise<User> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('user.update', { kind: 'user', id })
    return toUser(await changeNames(tx, id, change))
  })

/** Also for one's own profile; who may is decided by the caller. */
export const changeNames = async (tx: Context, id: string, change: UserChange): Promise<Person> => {
  const before = await lockPerson(tx, id)
  if (!before) throw notFound(`No person ${id}.`)
  const username = change.username === undefined ? before.username : parseUsername(change.username)
  const after = await rows(tx)
    .updateTable('identity_user')
    .set({
      username,
      username_key: usernameKey(username),
      display_name: change.displayName === undefined ? before.display_name : parseShownName(change.displayName, 'displayName'),
      email: change.email === undefined ? before.email : change.email === null ? null : parseEmail(change.email),
    })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      if (isUniqueViolation(error)) throw usernameTaken(`The user name ${JSON.stringify(username)} is taken here.`, {}, error)
      throw error
    })
  await record(
    tx,
    'user.update',
    { kind: 'user', id: before.id, owner: before.id },
    { fields: Object.keys(change) },
    { sealed: { subject: before.id, content: namesOf(after) } },
  )
  return after
}

/** Sessions and keys stop on the next request. */
export const disableUser = (ctx: Context, id: string): Promise<User> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('user.disable', { kind: 'user', id })
    const person = await lockPerson(tx, id)
    if (!person) throw notFound(`No person ${id}.`)
    await protectOwners(tx, person.id)
    await refuseLastOwner(tx, person.id)
    const changed = await rows(tx)
      .updateTable('identity_user')
      .set({ state: 'disabled' })
      .where('id', '=', person.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await rows(tx).deleteFrom('identity_link').where('user_id', '=', person.id).where('used_at', 'is', null).execute()
    const ended = await endSessions(tx, person.id)
    await record(tx, 'user.disable', { kind: 'user', id: person.id }, { sessionsEnded: ended })
    await emit(tx, 'user.disabled', { id: person.id })
    return toUser(changed)
  })

export const enableUser = (ctx: Context, id: string): Promise<User> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('user.disable', { kind: 'user', id })
    const person = await lockPerson(tx, id)
    if (!person) throw notFound(`No person ${id}.`)
    if (person.state !== 'disabled') return toUser(person)
    await protectOwners(tx, person.id)
    const signedInBefore = person.password_hash !== null || (await hasPasskey(tx, person.id))
    const changed = await rows(tx)
      .updateTable('identity_user')
      .set({ state: signedInBefore ? 'active' : 'invited' })
      .where('id', '=', person.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    afterCommit(tx, () => forgetPrincipals(tx.site))
    await record(tx, 'user.enable', { kind: 'user', id: person.id })
    return toUser(changed)
  })

const hasPasskey = async (ctx: Context, id: UserId): Promise<boolean> =>
  (await rows(ctx).selectFrom('identity_passkey').select('id').where('user_id', '=', id).limit(1).executeTakeFirst()) !==
  undefined

/** A new link: to join, for who has not yet; to recover, for who has. Its maker could use it, so it takes all rights that the person has. */
export const inviteAgain = (ctx: Context, id: string): Promise<Static<typeof Invitation>> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('user.update', { kind: 'user', id })
    const person = await lockPerson(tx, id)
    if (!person) throw notFound(`No person ${id}.`)
    if (person.state === 'disabled') throw conflict('This person is disabled. Enable them first.')
    await refuseBeyond(tx, person.id)
    const invitation = await invite(tx, person)
    await record(
      tx,
      person.state === 'invited' ? 'invitation.create' : 'recovery-link.create',
      { kind: 'user', id: person.id },
      { expiresAt: invitation.expiresAt },
    )
    return invitation
  })

/** Erases what is known of a person. The log keeps that someone acted; who it was is sealed under a key that goes too. */
export const deleteUser = (ctx: Context, id: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('user.delete', { kind: 'user', id })
    const person = await lockPerson(tx, id)
    if (!person) throw notFound(`No person ${id}.`)
    await protectOwners(tx, person.id)
    await refuseLastOwner(tx, person.id)
    await removePrincipal(tx, person.id)
    await rows(tx).deleteFrom('identity_user').where('id', '=', person.id).execute()
    afterCommit(tx, () => forgetPrincipals(tx.site))
    await record(tx, 'user.delete', { kind: 'user', id: person.id })
    await eraseSubject(tx, person.id)
    await emit(tx, 'user.deleted', { id: person.id })
  })
