// Certificates (X.509) people sign approvals with, from a smart card or a file, where a browser cannot: each is registered by its person, who proves to hold the key.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { X509Certificate } from 'node:crypto'
import { record } from '#audit'
import { atomically, type Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { conflict, notFound, problem } from '#platform/problem.ts'
import { requireFreshSession, requireSession } from './acting.ts'
import { newChallenge, takeChallenge } from './challenges.ts'
import { keyFault, signatureHolds } from './key-signatures.ts'
import { parseShownName } from './names.ts'
import type { Certificate, NewCertificate } from './schema.ts'
import { rows, type CertificateId, type Tables, type UserId } from './tables.ts'

export const certificateRefused = problem('certificate-refused', 400, 'The certificate is not accepted')

const certificatesPerUserMax = 20
const subjectLengthMax = 500

const own = (ctx: Context) => ({ kind: 'profile', id: ctx.actor.id, owner: ctx.actor.id })

/** What the certificate's key signs to show that it is at hand. Names the person, so that nobody else's signature can be passed on. */
const possessionStatement = (challenge: string, userId: UserId): string => `holdfast-certificate-v1\n${challenge}\n${userId}\n`

export const certificateChallenge = async (ctx: Context): Promise<{ challenge: string; statement: string }> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  const bytes = await newChallenge(ctx, { purpose: 'certificate', userId, rpId: '' })
  const challenge = Buffer.from(bytes).toString('base64url')
  return { challenge, statement: possessionStatement(challenge, userId) }
}

export const addCertificate = async (ctx: Context, given: NewCertificate): Promise<Certificate> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  const name = parseShownName(given.name, 'name')
  const certificate = parseCertificate(ctx, given.certificate)
  const challenge = await takeChallenge(ctx, 'certificate', given.challenge)
  if (challenge?.user_id !== userId)
    throw certificateRefused('The challenge is unknown, too old or was answered already. Begin again.')
  if (!signatureHolds(certificate.publicKey, possessionStatement(given.challenge, userId), given.signature))
    throw certificateRefused('The signature does not verify with the certificate’s key: only who holds the key may register it.')

  return atomically(ctx, async (tx) => {
    await refuseTooMany(tx, userId)
    const row = await insertCertificate(tx, { userId, name, certificate })
    await record(
      tx,
      'certificate.create',
      { kind: 'certificate', id: row.id, owner: userId },
      { fingerprint: row.fingerprint, expiresAt: row.not_after.toISOString() },
      { sealed: { subject: userId, content: { name, subject: row.subject } } },
    )
    return toCertificate(row)
  })
}

/** Throws `certificate-refused` with what is wrong. Who issued it does not matter: like a passkey it is trusted because its person registered it. */
const parseCertificate = (ctx: Context, pem: string): X509Certificate => {
  const certificate = readPem(pem)
  const fault = keyFault(certificate.publicKey)
  if (fault) throw certificateRefused(fault)
  if (!maySign(certificate)) throw certificateRefused('Its key usage does not include digital signatures.')
  if (validityFault(ctx, { not_before: certificate.validFromDate, not_after: certificate.validToDate }))
    throw certificateRefused(`It is valid from ${certificate.validFrom} to ${certificate.validTo}, and not now.`)
  return certificate
}

const readPem = (pem: string): X509Certificate => {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw certificateRefused('This is not a certificate in PEM form (-----BEGIN CERTIFICATE-----).', {}, error)
  }
}

/** RFC 5280 §4.2.1.3: where the extension is there, it says all that the key is for. */
const maySign = (certificate: X509Certificate): boolean => {
  const usage = new x509.X509Certificate(new Uint8Array(certificate.raw)).getExtension(x509.KeyUsagesExtension)
  return !usage || (usage.usages & (x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation)) !== 0
}

export const validityFault = (ctx: Context, row: { not_before: Date; not_after: Date }): string | undefined => {
  const at = ctx.now()
  if (at < row.not_before) return `The certificate is not valid before ${row.not_before.toISOString()}.`
  if (at >= row.not_after) return `The certificate ended on ${row.not_after.toISOString()}.`
  return undefined
}

const refuseTooMany = async (tx: Context, userId: UserId): Promise<void> => {
  const { count } = await rows(tx)
    .selectFrom('identity_certificate')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  if (count >= certificatesPerUserMax)
    throw conflict(`A person has at most ${certificatesPerUserMax} certificates. Remove one first.`, {
      max: certificatesPerUserMax,
    })
}

type Row = Tables['identity_certificate']

const insertCertificate = async (
  tx: Context,
  { userId, name, certificate }: { userId: UserId; name: string; certificate: X509Certificate },
): Promise<Row> => {
  const at = tx.now()
  const row = await rows(tx)
    .insertInto('identity_certificate')
    .values({
      id: newId('certificate', at),
      user_id: userId,
      public_key: certificate.publicKey.export({ type: 'spki', format: 'der' }),
      certificate: certificate.raw,
      fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      subject: certificate.subject.replaceAll('\n', ', ').slice(0, subjectLengthMax),
      name,
      not_before: certificate.validFromDate,
      not_after: certificate.validToDate,
      created_at: at,
      last_used_at: null,
    })
    .onConflict((on) => on.column('public_key').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) throw conflict('A certificate with this key is registered already.')
  return row
}

const toCertificate = (row: Row): Certificate => ({
  id: row.id,
  name: row.name,
  subject: row.subject,
  fingerprint: row.fingerprint,
  notBefore: row.not_before.toISOString(),
  notAfter: row.not_after.toISOString(),
  createdAt: row.created_at.toISOString(),
  ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
})

export const listCertificates = async (ctx: Context): Promise<Certificate[]> => {
  await ctx.authorize('profile.read', own(ctx))
  const userId = requireSession(ctx)
  const found = await rows(ctx)
    .selectFrom('identity_certificate')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute()
  return found.map(toCertificate)
}

export const removeCertificate = async (ctx: Context, id: string): Promise<void> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  await atomically(ctx, async (tx) => {
    const { numDeletedRows } = await rows(tx)
      .deleteFrom('identity_certificate')
      .where('id', '=', id as CertificateId) // compared, never trusted
      .where('user_id', '=', userId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw notFound(`You have no certificate ${id}.`)
    await record(tx, 'certificate.delete', { kind: 'certificate', id, owner: userId })
  })
}
