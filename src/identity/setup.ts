// The first minute of a site: whoever holds the one-time link that the machine printed becomes the owner. There is no default password, ever.
import { record } from '#audit'
import { createOrganisation, putClearance, putGrant, putScheme, schemeDefault, top } from '#policy'
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server'
import type { Static } from 'typebox'
import { atomically, type Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { problem } from '#platform/problem.ts'
import { actingAs } from './acting.ts'
import { prepareCredentials, storeCredentials } from './credentials.ts'
import { consumeLink, issueLink, peekLink } from './links.ts'
import { parseShownName, parseUsername } from './names.ts'
import { refuseForeignOrigin } from './origin.ts'
import { registrationOptions } from './passkeys.ts'
import { findOrganisation, insertPerson } from './people.ts'
import type { Setup, SetupNames, SetupState } from './schema.ts'
import { openSession, type From, type Opened } from './sessions.ts'
import { rows } from './tables.ts'

export const setupDone = problem('already-set-up', 409, 'This site is set up already')

const doneText = 'This site has its owner. Sign in instead; who lost every way in runs `holdfast recover` on the machine.'

/** A fresh token for the link, at each start until there is an owner; then undefined. */
export const issueSetupToken = (ctx: Context): Promise<string | undefined> =>
  atomically(ctx, async (tx) => {
    if (await findOrganisation(tx)) return undefined
    const { token, expiresAt } = await issueLink(tx, 'setup')
    await record(tx, 'setup-link.create', { kind: 'site', id: tx.site.id }, { expiresAt: expiresAt.toISOString() })
    return token
  })

export const setupState = async (ctx: Context): Promise<Static<typeof SetupState>> => {
  ctx.decidedPublic('whether set-up is still to be done')
  const organisation = await findOrganisation(ctx)
  return {
    needed: organisation === undefined,
    ...(organisation ? { organisation } : {}),
    site: { name: ctx.site.config.siteName },
  }
}

export const setupPasskeyOptions = async (
  ctx: Context,
  given: Static<typeof SetupNames>,
  from: From,
): Promise<PublicKeyCredentialCreationOptionsJSON> => {
  ctx.decidedPublic('set-up, by its one-time link')
  refuseForeignOrigin(ctx.site, from)
  const names = parseNames(given)
  await peekLink(ctx, ['setup'], given.token)
  return registrationOptions(ctx, { userId: newId('user', ctx.now()), ...names }, from)
}

export const setUp = async (ctx: Context, given: Setup, from: From): Promise<Opened> => {
  ctx.decidedPublic('set-up, by its one-time link')
  refuseForeignOrigin(ctx.site, from)
  const names = parseNames(given)
  // Asked before the hash is computed, so that a stale link costs no work; asked again under a lock, since only that counts.
  await peekLink(ctx, ['setup'], given.token)
  if (await findOrganisation(ctx)) throw setupDone(doneText)
  const credentials = await prepareCredentials(ctx, given, { words: [names.username, names.organisation], from })

  return atomically(ctx, async (tx) => {
    await consumeLink(tx, ['setup'], given.token)
    const at = tx.now()
    const orgId = newId('org', at)
    const made = await rows(tx)
      .insertInto('identity_organisation')
      .values({ id: orgId, name: names.organisation, created_at: at })
      .onConflict((on) => on.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!made) throw setupDone(doneText)
    await createOrganisation(tx, { id: orgId, name: names.organisation })
    const person = await insertPerson(tx, {
      id: credentials.passkey?.userId ?? newId('user', at),
      username: names.username,
      displayName: names.displayName,
      state: 'active',
    })
    await storeCredentials(tx, person.id, credentials)
    await putGrant(tx, { principalId: person.id, role: 'owner', scopeId: orgId })
    // Nobody gives what is above their own clearance, so someone begins with all of it.
    await putScheme(tx, schemeDefault)
    await putClearance(tx, { id: newId('clearance', at), principalId: person.id, label: top })
    const opened = await openSession(tx, { userId: person.id, factors: credentials.factors, from })
    const as = actingAs(tx, opened.principal)
    await record(
      as,
      'organisation.create',
      { kind: 'organisation', id: orgId },
      {},
      { sealed: { subject: orgId, content: { name: names.organisation } } },
    )
    await record(
      as,
      'user.create',
      { kind: 'user', id: person.id, scope: orgId },
      { role: 'owner', factors: credentials.factors },
      { sealed: { subject: person.id, content: { username: person.username, displayName: person.display_name } } },
    )
    await record(as, 'session.create', { kind: 'session', id: opened.id, owner: person.id }, { factors: credentials.factors })
    return opened
  })
}

const parseNames = (given: { organisation: string; username: string; displayName: string }) => ({
  organisation: parseShownName(given.organisation, 'organisation'),
  username: parseUsername(given.username),
  displayName: parseShownName(given.displayName, 'displayName'),
})
