// Putting one's name under an exact text, so that others can check years later, without us, who signed what: by a passkey or a certificate of one's own.
import { generateAuthenticationOptions, type PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { createHash, createPublicKey } from 'node:crypto'
import { Type, type Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem, problem } from '#platform/problem.ts'
import { requireSession } from './acting.ts'
import { validityFault } from './certificates.ts'
import { signatureHolds, spkiOfPasskey } from './key-signatures.ts'
import {
  markPasskeyUsed,
  partyOf,
  passkeyNeedsName,
  passkeyRefused,
  timeoutMs,
  verifyAssertion,
  type UsedPasskey,
} from './passkeys.ts'
import { PasskeyUsed } from './schema.ts'
import type { From } from './sessions.ts'
import { rows, type CertificateId, type UserId } from './tables.ts'

export const signatureRefused = problem('signature-refused', 403, 'The signature is not accepted')

const base64Max = 2_000

/** What a signer sends. */
export const Signature = Type.Union([
  Type.Object({ passkey: PasskeyUsed }, { additionalProperties: false }),
  Type.Object(
    {
      certificate: Type.String({ maxLength: 64, description: 'Id of a certificate you registered' }),
      signature: Type.String({ maxLength: base64Max, pattern: '^[A-Za-z0-9+/=\\s]+$', description: 'base64' }),
    },
    { additionalProperties: false },
  ),
])
export type Signature = Static<typeof Signature>

const b64 = (description: string) => Type.String({ description })

/** What is kept: all it takes to verify without asking this site. */
export const SignatureEvidence = Type.Union([
  Type.Object({
    method: Type.Literal('passkey'),
    statement: Type.String(),
    publicKey: b64('SubjectPublicKeyInfo, base64'),
    credential: Type.String(),
    clientDataJSON: b64('base64url, as the browser made it'),
    authenticatorData: b64('base64url'),
    signature: b64('base64url, over authenticatorData ‖ SHA-256(clientDataJSON)'),
  }),
  Type.Object({
    method: Type.Literal('certificate'),
    statement: Type.String(),
    publicKey: b64('SubjectPublicKeyInfo, base64'),
    credential: Type.String({ description: 'SHA-256 of the certificate' }),
    certificate: b64('DER, base64'),
    signature: b64('base64, over the statement'),
  }),
])
export type SignatureEvidence = Static<typeof SignatureEvidence>

export type VerifiedSignature = {
  readonly evidence: SignatureEvidence
  readonly by: UsedPasskey | { certificate: CertificateId }
}

/** A passkey signs no text, but a challenge: the text's SHA-256. */
export const challengeOf = (statement: string): Buffer => createHash('sha256').update(statement).digest()

/** For the browser, with the person's own passkeys; undefined where the site is open under an address that passkeys do not work with. */
export const signingOptions = async (
  ctx: Context,
  statement: string,
  from: From,
): Promise<PublicKeyCredentialRequestOptionsJSON | undefined> => {
  const held = await rows(ctx)
    .selectFrom('identity_passkey')
    .select(['credential_id', 'transports'])
    .where('user_id', '=', ctx.actor.id as UserId) // compared, never trusted
    .execute()
  const party = partyIfNamed(ctx, from)
  if (held.length === 0 || !party) return undefined
  return generateAuthenticationOptions({
    rpID: party.rpId,
    challenge: new Uint8Array(challengeOf(statement)),
    timeout: timeoutMs,
    userVerification: 'required',
    allowCredentials: held.map((row) => ({ id: row.credential_id, transports: row.transports })),
  })
}

/** At a bare address there is no passkey to ask, but a certificate signs anywhere. */
const partyIfNamed = (ctx: Context, from: From) => {
  try {
    return partyOf(ctx, from)
  } catch (error) {
    if (error instanceof Problem && error.code === passkeyNeedsName.code) return undefined
    throw error
  }
}

/** Throws `signature-refused` unless the caller, and nobody else, signed exactly this text. */
export const verifySignature = (ctx: Context, statement: string, given: Signature, from: From): Promise<VerifiedSignature> =>
  'passkey' in given ? byPasskey(ctx, statement, given.passkey, from) : byCertificate(ctx, statement, given)

const byPasskey = async (
  ctx: Context,
  statement: string,
  response: Static<typeof PasskeyUsed>,
  from: From,
): Promise<VerifiedSignature> => {
  const signer = requireSession(ctx)
  const challenge = challengeOf(statement).toString('base64url')
  const { used, publicKey } = await verifyAssertion(ctx, response, { ...partyOf(ctx, from), challenge }).catch(
    (error: unknown) => {
      throw error instanceof Problem && error.code === passkeyRefused.code ? signatureRefused(error.message, {}, error) : error
    },
  )
  if (used.userId !== signer) throw signatureRefused('This passkey belongs to another person.')
  const { clientDataJSON, authenticatorData, signature } = response.response
  return {
    by: used,
    evidence: {
      method: 'passkey',
      statement,
      publicKey: spkiOfPasskey(publicKey).toString('base64'),
      credential: response.id,
      clientDataJSON,
      authenticatorData,
      signature,
    },
  }
}

const byCertificate = async (
  ctx: Context,
  statement: string,
  given: { certificate: string; signature: string },
): Promise<VerifiedSignature> => {
  const row = await rows(ctx)
    .selectFrom('identity_certificate')
    .selectAll()
    .where('id', '=', given.certificate as CertificateId) // looked up, never trusted
    .where('user_id', '=', ctx.actor.id as UserId)
    .executeTakeFirst()
  if (!row) throw signatureRefused('You have registered no such certificate.')
  const fault = validityFault(ctx, row)
  if (fault) throw signatureRefused(fault)
  const key = createPublicKey({ key: row.public_key, type: 'spki', format: 'der' })
  if (!signatureHolds(key, statement, given.signature))
    throw signatureRefused('The signature does not verify with this certificate over this statement.')
  return {
    by: { certificate: row.id },
    evidence: {
      method: 'certificate',
      statement,
      publicKey: row.public_key.toString('base64'),
      credential: row.fingerprint,
      certificate: row.certificate.toString('base64'),
      signature: given.signature.replaceAll(/\s/g, ''),
    },
  }
}

/** In the transaction of what was signed for. A counter that ran backwards is a copied key, as at sign-in. */
export const useSignature = async (tx: Context, { by }: VerifiedSignature): Promise<void> => {
  if ('certificate' in by) {
    await rows(tx).updateTable('identity_certificate').set({ last_used_at: tx.now() }).where('id', '=', by.certificate).execute()
    return
  }
  if (by.regressed || !(await markPasskeyUsed(tx, by)))
    throw signatureRefused(
      'The counter of this passkey ran backwards, as it does when a key was copied. Remove it, and register a new one.',
      { passkey: by.id, counterRegressed: true },
    )
}
