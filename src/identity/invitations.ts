// Coming in by a link someone else made: an invitation for a new person, or a recovery link for one who lost every way in.
import { record } from '#audit'
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server'
import type { Static } from 'typebox'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { notFound } from '#platform/problem.ts'
import { actingAs } from './acting.ts'
import { prepareCredentials, storeCredentials } from './credentials.ts'
import { consumeLink, issueLink, linkUnknown, peekLink, type Link } from './links.ts'
import { parseShownName } from './names.ts'
import { refuseForeignOrigin } from './origin.ts'
import { registrationOptions } from './passkeys.ts'
import { findOrganisation, findPerson, findPersonByName, lockPerson, type Person } from './people.ts'
import { forgetPrincipals } from './principal-cache.ts'
import type { AcceptInvitation, Invitation, InvitationState } from './schema.ts'
import { endSessions, openSession, type From, type Opened } from './sessions.ts'
import { rows } from './tables.ts'

const purposes = ['invitation', 'recovery'] as const

/** `publicUrl` is what people reach the site by; on port 0 the one who runs it replaces the port. */
export const linkUrl = (ctx: Context, token: string): string => new URL(`/join?token=${token}`, ctx.site.config.publicUrl).href

export const invite = async (tx: Context, person: Person): Promise<Static<typeof Invitation>> => {
  const { token, expiresAt } = await issueLink(tx, person.state === 'invited' ? 'invitation' : 'recovery', person.id)
  return { url: linkUrl(tx, token), expiresAt: expiresAt.toISOString() }
}

/** For whoever is at the machine itself: `holdfast recover USERNAME`. */
export const issueRecoveryToken = (ctx: Context, username: string): Promise<string> =>
  atomically(ctx, async (tx) => {
    const person = await findPersonByName(tx, username)
    if (!person) throw notFound(`Nobody here is named ${JSON.stringify(username)}.`)
    const { token, expiresAt } = await issueLink(tx, 'recovery', person.id)
    await record(tx, 'recovery-link.create', { kind: 'user', id: person.id }, { expiresAt: expiresAt.toISOString() })
    return token
  })

const personOf = async (ctx: Context, link: Link, find: typeof findPerson): Promise<Person> => {
  const person = link.user_id === null ? undefined : await find(ctx, link.user_id)
  if (!person) throw linkUnknown('The person this link was for is no longer here.')
  return person
}

export const invitationState = async (ctx: Context, token: string): Promise<Static<typeof InvitationState>> => {
  ctx.decidedPublic('an invitation, by its one-time link')
  const link = await peekLink(ctx, purposes, token)
  const person = await personOf(ctx, link, findPerson)
  const organisation = await findOrganisation(ctx)
  return {
    purpose: link.purpose === 'recovery' ? 'recovery' : 'invitation',
    username: person.username,
    displayName: person.display_name,
    ...(organisation ? { organisation } : {}),
    expiresAt: link.expires_at.toISOString(),
  }
}

export const invitationPasskeyOptions = async (
  ctx: Context,
  token: string,
  from: From,
): Promise<PublicKeyCredentialCreationOptionsJSON> => {
  ctx.decidedPublic('an invitation, by its one-time link')
  refuseForeignOrigin(ctx.site, from)
  const person = await personOf(ctx, await peekLink(ctx, purposes, token), findPerson)
  const organisation = (await findOrganisation(ctx))?.name ?? ctx.site.config.siteName
  return registrationOptions(
    ctx,
    { userId: person.id, username: person.username, displayName: person.display_name, organisation },
    from,
  )
}

export const acceptInvitation = async (ctx: Context, given: AcceptInvitation, from: From): Promise<Opened> => {
  ctx.decidedPublic('an invitation, by its one-time link')
  refuseForeignOrigin(ctx.site, from)
  const invited = await personOf(ctx, await peekLink(ctx, purposes, given.token), findPerson)
  const displayName = given.displayName === undefined ? undefined : parseShownName(given.displayName, 'displayName')
  const credentials = await prepareCredentials(ctx, given, { words: [invited.username], userId: invited.id, from })

  return atomically(ctx, async (tx) => {
    const link = await consumeLink(tx, purposes, given.token)
    const person = await personOf(tx, link, lockPerson)
    // Disabled means disabled: an old link is no way back.
    if (person.state === 'disabled' && link.purpose === 'invitation')
      throw linkUnknown('The person this link was for is disabled.')
    if (link.purpose === 'recovery') await dropSecondFactor(tx, person)
    await storeCredentials(tx, person.id, credentials)
    await rows(tx)
      .updateTable('identity_user')
      .set({ state: 'active', ...(displayName === undefined ? {} : { display_name: displayName }) })
      .where('id', '=', person.id)
      .execute()
    const opened = await openSession(tx, {
      userId: person.id,
      factors: link.purpose === 'recovery' ? ['recovery', ...credentials.factors] : credentials.factors,
      from,
    })
    const as = actingAs(tx, opened.principal)
    await record(
      as,
      link.purpose === 'recovery' ? 'user.recover' : 'user.join',
      { kind: 'user', id: person.id, owner: person.id },
      { factors: credentials.factors, link: link.id },
    )
    await record(as, 'session.create', { kind: 'session', id: opened.id, owner: person.id }, { factors: credentials.factors })
    return opened
  })
}

/** Who needs recovery has lost the second factor, or someone else has it: it goes, as do all sessions. Passkeys stay and are the person's to remove. */
const dropSecondFactor = async (tx: Context, person: Person): Promise<void> => {
  await rows(tx)
    .updateTable('identity_user')
    .set({ totp_sealed: null, totp_confirmed_at: null, totp_last_step: null })
    .where('id', '=', person.id)
    .execute()
  await rows(tx).deleteFrom('identity_recovery_code').where('user_id', '=', person.id).execute()
  await endSessions(tx, person.id)
  afterCommit(tx, () => forgetPrincipals(tx.site))
}
