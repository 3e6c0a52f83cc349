// Passkeys (WebAuthn): the browser signs a challenge we made, for this site's name only. Nothing to guess, nothing to phish, nothing secret kept here.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { isIP } from 'node:net'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { conflict, problem } from '#platform/problem.ts'
import { challengeAgeMs, newChallenge, takeChallenge, type Challenge } from './challenges.ts'
import { isOwnOrigin } from './origin.ts'
import type { From } from './sessions.ts'
import { rows, type PasskeyId, type Tables, type UserId } from './tables.ts'

export const passkeyRefused = problem('passkey-refused', 401, 'The passkey is not accepted')
export const passkeyNeedsName = problem('passkey-needs-name', 400, 'Passkeys need the site’s name')

export const timeoutMs = challengeAgeMs
export const passkeysPerUserMax = 20
/** COSE: EdDSA, ES256, RS256. Named, since the default grows with what Node's Web Crypto calls experimental. */
const algorithms = [-8, -7, -257]

/** Where the page is, as the browser will sign it; the RP id is that origin's host. */
export const partyOf = (ctx: Context, from: From): { origin: string; rpId: string } => {
  const { site } = ctx
  const origin =
    from.origin !== undefined && isOwnOrigin(site, from.origin, from.localPort) ? from.origin : site.config.publicUrl.origin
  const rpId = new URL(origin).hostname
  // WebAuthn §5.1.2: an RP id is a domain, never an address.
  if (isIP(rpId.replace(/^\[|\]$/g, '')) !== 0)
    throw passkeyNeedsName(
      `Browsers make passkeys for names, not for addresses like ${rpId}. Open the site as ${site.config.publicUrl.origin}.`,
      { publicUrl: site.config.publicUrl.origin },
    )
  return { origin, rpId }
}

const answered = async (ctx: Context, purpose: 'register' | 'sign-in', clientData: string): Promise<Challenge> => {
  const found = await takeChallenge(ctx, purpose, challengeIn(clientData))
  if (!found) throw passkeyRefused('This attempt took too long or was answered already. Begin again.')
  return found
}

const challengeIn = (clientData: string): string => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(clientData, 'base64url').toString('utf8'))
    if (typeof parsed === 'object' && parsed !== null && 'challenge' in parsed && typeof parsed.challenge === 'string')
      return parsed.challenge
  } catch {
    // Not JSON: it holds no challenge of ours.
  }
  return ''
}

export const registrationOptions = async (
  ctx: Context,
  who: { userId: UserId; username: string; displayName: string; organisation: string },
  from: From,
): Promise<PublicKeyCredentialCreationOptionsJSON> => {
  const { rpId } = partyOf(ctx, from)
  const held = await rows(ctx)
    .selectFrom('identity_passkey')
    .select(['credential_id', 'transports'])
    .where('user_id', '=', who.userId)
    .execute()
  if (held.length >= passkeysPerUserMax)
    throw conflict(`A person has at most ${passkeysPerUserMax} passkeys. Remove one first.`, { max: passkeysPerUserMax })
  return generateRegistrationOptions({
    rpName: who.organisation,
    rpID: rpId,
    userName: who.username,
    userDisplayName: who.displayName,
    userID: new Uint8Array(Buffer.from(who.userId)), // random by make, no personal data (WebAuthn §14.6.1)
    challenge: await newChallenge(ctx, { purpose: 'register', userId: who.userId, rpId }),
    timeout: timeoutMs,
    attestationType: 'none',
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: held.map((row) => ({ id: row.credential_id, transports: row.transports })),
    // The key must find its person by itself and check that it is they: then it is two factors in one, and no name need be typed.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
}

export type VerifiedPasskey = { userId: UserId | null; row: Omit<Tables['identity_passkey'], 'user_id' | 'name'> }

export const verifyRegistration = async (
  ctx: Context,
  response: RegistrationResponseJSON,
  from: From,
): Promise<VerifiedPasskey> => {
  const { origin, rpId } = partyOf(ctx, from)
  const challenge = await answered(ctx, 'register', response.response.clientDataJSON)
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge.challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    supportedAlgorithmIDs: algorithms,
  }).catch((error: unknown) => refuse(error))
  if (!verified.verified) throw passkeyRefused('The authenticator’s answer does not verify.')
  const { credential, credentialBackedUp } = verified.registrationInfo
  const at = ctx.now()
  return {
    userId: challenge.user_id,
    row: {
      id: newId('passkey', at),
      credential_id: credential.id,
      public_key: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: (response.response.transports ?? []).slice(0, 10),
      synced: credentialBackedUp,
      created_at: at,
      last_used_at: null,
    },
  }
}

/** The verifier's own words name the field at fault and hold no secret; they help whoever sets up a key. */
const refuse = (error: unknown): never => {
  throw passkeyRefused(
    `The authenticator’s answer does not verify: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}.`,
    {},
    error,
  )
}

export const insertPasskey = async (
  tx: Context,
  passkey: VerifiedPasskey,
  owner: { userId: UserId; name: string },
): Promise<PasskeyId> => {
  const row = await rows(tx)
    .insertInto('identity_passkey')
    .values({ ...passkey.row, user_id: owner.userId, name: owner.name })
    .onConflict((on) => on.column('credential_id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!row) throw conflict('This passkey is registered already.')
  return row.id
}

/** The same for everyone: asking with a name would tell who exists. The authenticator knows whose keys it holds. */
export const signInOptions = async (ctx: Context, from: From): Promise<PublicKeyCredentialRequestOptionsJSON> => {
  const { rpId } = partyOf(ctx, from)
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge: await newChallenge(ctx, { purpose: 'sign-in', rpId }),
    timeout: timeoutMs,
    userVerification: 'required',
  })
}

export type UsedPasskey = { id: PasskeyId; userId: UserId; counter: number; regressed: boolean }

/** Whose key answered, once its signature holds. `regressed`: the counter ran backwards, so the key may have been cloned; the caller refuses and records. */
export const verifySignIn = async (ctx: Context, response: AuthenticationResponseJSON, from: From): Promise<UsedPasskey> => {
  const party = partyOf(ctx, from)
  const { challenge } = await answered(ctx, 'sign-in', response.response.clientDataJSON)
  return (await verifyAssertion(ctx, response, { ...party, challenge })).used
}

export const verifyAssertion = async (
  ctx: Context,
  response: AuthenticationResponseJSON,
  expected: { origin: string; rpId: string; challenge: string },
): Promise<{ used: UsedPasskey; publicKey: Buffer }> => {
  const row = await rows(ctx)
    .selectFrom('identity_passkey')
    .selectAll()
    .where('credential_id', '=', response.id)
    .executeTakeFirst()
  if (!row) throw passkeyRefused('This passkey is not known here. It may have been removed, or belong to another site.')
  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: expected.challenge,
    expectedOrigin: expected.origin,
    expectedRPID: expected.rpId,
    // Counter 0 turns off the library's own check, which comes before the signature's: a forger could fake a clone. Ours comes after.
    credential: { id: row.credential_id, publicKey: new Uint8Array(row.public_key), counter: 0, transports: row.transports },
  }).catch((error: unknown) => refuse(error))
  if (!verified.verified) throw passkeyRefused('The signature does not verify.')
  const { userHandle } = response.response
  if (userHandle && Buffer.from(userHandle, 'base64url').toString('utf8') !== row.user_id)
    throw passkeyRefused('This passkey names another person.')
  const counter = verified.authenticationInfo.newCounter
  // WebAuthn §7.2 step 22: zero both times means that the authenticator does not count.
  const regressed = (counter > 0 || row.counter > 0) && counter <= row.counter
  return { used: { id: row.id, userId: row.user_id, counter, regressed }, publicKey: row.public_key }
}

/** False when another use moved the counter in between. */
export const markPasskeyUsed = async (tx: Context, used: UsedPasskey): Promise<boolean> => {
  const changed = await rows(tx)
    .updateTable('identity_passkey')
    .set({ counter: used.counter, last_used_at: tx.now() })
    .where('id', '=', used.id)
    .where((eb) => eb.or([eb('counter', '<', used.counter), eb('counter', '=', 0)]))
    .executeTakeFirst()
  return changed.numUpdatedRows === 1n
}
