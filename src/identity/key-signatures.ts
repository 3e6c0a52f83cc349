// Signatures as `openssl` makes them, checked with the public key alone: what certificates sign approvals with, and what a passkey's key is written down as.
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { cose, decodeCredentialPublicKey } from '@simplewebauthn/server/helpers'

const rsaBitsMin = 2048
/** By OpenSSL's names: P-256, P-384, P-521. */
const curves = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/** Why this key cannot sign here; undefined when it can. */
export const keyFault = ({
  asymmetricKeyType: type,
  asymmetricKeyDetails: { modulusLength = 0, namedCurve = '' } = {},
}: KeyObject) => {
  if (type === 'ed25519') return undefined
  if (type === 'ec' && curves.has(namedCurve)) return undefined
  if (type === 'rsa')
    return modulusLength >= rsaBitsMin ? undefined : `Its RSA key has ${modulusLength} bits; ${rsaBitsMin} are the least.`
  return `Keys of the type ${type ?? 'unknown'} ${namedCurve} are not taken: use RSA, P-256, P-384, P-521 or Ed25519.`
}

/** Ed25519 over the text itself; RSA (PKCS #1 v1.5) and ECDSA (DER) over its SHA-256. `signature` is base64. */
export const signatureHolds = (key: KeyObject, text: string, signature: string): boolean => {
  try {
    const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
    return verify(hash, Buffer.from(text), key, Buffer.from(signature, 'base64'))
  } catch {
    return false // not even the form of a signature
  }
}

const base64url = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64url')

/** A passkey's key (COSE, RFC 9052) as SubjectPublicKeyInfo, which every other tool reads. The three algorithms are those we register. */
export const spkiOfPasskey = (coseKey: Uint8Array): Buffer =>
  createPublicKey({ key: jwkOf(coseKey), format: 'jwk' }).export({ type: 'spki', format: 'der' })

const jwkOf = (coseKey: Uint8Array): Record<string, string> => {
  const key = decodeCredentialPublicKey(new Uint8Array(coseKey))
  const { x, y, n, e } = cose.COSEKEYS
  if (cose.isCOSEPublicKeyEC2(key)) return { kty: 'EC', crv: 'P-256', x: base64url(key.get(x)), y: base64url(key.get(y)) }
  if (cose.isCOSEPublicKeyOKP(key)) return { kty: 'OKP', crv: 'Ed25519', x: base64url(key.get(x)) }
  if (cose.isCOSEPublicKeyRSA(key)) return { kty: 'RSA', n: base64url(key.get(n)), e: base64url(key.get(e)) }
  throw new Error('A passkey of an algorithm that is never registered')
}
