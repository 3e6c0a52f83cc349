// Keys and certificates by which a publisher's signatures over models are known (OpenSSF Model Signing): ECDSA on the curves that it takes.
import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import { allOf } from '#resources'

export type ModelKey = {
  readonly key: KeyObject
  /** SHA-256 over the PEM, as signatures name the key they were made with. */
  readonly hint: string
  /** Where it is of a CA or a signer, and not a bare key. */
  readonly certificate?: X509Certificate
}

const curves = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

const isSupported = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'ec' && curves.has(key.asymmetricKeyDetails?.namedCurve ?? '')

export const hintOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'pem' }))
    .digest('hex')

/** A public key or a certificate in PEM. Undefined for what is neither, and for a bare key that is not ECDSA on P-256, P-384 or P-521. */
export const parseModelKey = (pem: string): ModelKey | undefined => {
  try {
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
      const key = createPublicKey(pem)
      return !pem.includes('PRIVATE') && isSupported(key) ? { key, hint: hintOf(key) } : undefined
    }
    const certificate = new X509Certificate(pem)
    return { key: certificate.publicKey, hint: hintOf(certificate.publicKey), certificate }
  } catch {
    return undefined
  }
}

export const refuseModelKeys = (pems: readonly string[]): void => {
  for (const [at, pem] of pems.entries())
    if (!parseModelKey(pem))
      throw invalid('A key for models is a public key on P-256, P-384 or P-521, or a certificate, in PEM.', {
        faults: [{ at: `/spec/modelKeys/${at}`, message: 'no such key, and no certificate' }],
      })
}

export type ModelPublisher = { readonly name: string; readonly keys: readonly ModelKey[] }

/** Whose signatures over models this site believes. */
export const modelPublishers = async (ctx: Pick<Context, 'db'>): Promise<ModelPublisher[]> =>
  (await allOf(ctx, 'publisher')).flatMap(({ name, spec }) => {
    const pems = (spec['modelKeys'] ?? []) as string[] // of its kind's schema
    return pems.length === 0 ? [] : [{ name, keys: pems.flatMap((pem) => parseModelKey(pem) ?? []) }]
  })
