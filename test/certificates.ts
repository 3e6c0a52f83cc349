// Certificates as people have them on a card or in a file, made here with a key that never leaves the test.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, webcrypto, type KeyObject } from 'node:crypto'
import type { Caller, Reply } from './app.ts'

const hourMs = 3_600_000
export const { keyEncipherment } = x509.KeyUsageFlags

export type Holder = { readonly pem: string; readonly privateKey: string; sign(text: string): string }
export type KeyKind = 'P-256' | 'RSA' | 'Ed25519'

const algorithms = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RSA: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  Ed25519: { name: 'Ed25519' },
} as const

const newKeys = (kind: KeyKind, bits: number): { publicKey: KeyObject; privateKey: KeyObject } =>
  kind === 'RSA'
    ? generateKeyPairSync('rsa', { modulusLength: bits })
    : kind === 'P-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519')

/** A server's certificate and key as an operator has them in two files. */
export const serverPair = async ({ notAfter = new Date(Date.now() + hourMs) } = {}): Promise<{ cert: string; key: string }> => {
  x509.cryptoProvider.set(webcrypto as Crypto)
  const { publicKey, privateKey } = newKeys('P-256', 0)
  const algorithm = algorithms['P-256']
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['localhost'] }],
    keys: {
      publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
      privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']),
    },
    signingAlgorithm: algorithm,
    notBefore: new Date(notAfter.getTime() - 48 * hourMs),
    notAfter,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  return { cert: made.toString('pem'), key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) }
}

type Options = { kind?: KeyKind; bits?: number; notBefore?: Date; notAfter?: Date; usages?: x509.KeyUsageFlags }

export const holder = async (options: Options = {}): Promise<Holder> => {
  x509.cryptoProvider.set(webcrypto as Crypto)
  const { kind = 'P-256', bits = 2048 } = options
  const { publicKey, privateKey } = newKeys(kind, bits)
  const algorithm = algorithms[kind]
  const keys = {
    publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
    privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']),
  }
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['Grace Hopper'] }],
    keys,
    signingAlgorithm: algorithm,
    notBefore: options.notBefore ?? new Date(Date.now() - hourMs),
    notAfter: options.notAfter ?? new Date(Date.now() + hourMs),
    extensions: options.usages === undefined ? [] : [new x509.KeyUsagesExtension(options.usages, true)],
  })
  const hash = kind === 'Ed25519' ? null : 'sha256'
  return {
    pem: made.toString('pem'),
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    sign: (text) => sign(hash, Buffer.from(text), privateKey).toString('base64'),
  }
}

export const certificates = '/api/v1/me/certificates'

/** As their holder does: asks for a challenge, signs it, sends both. */
export const register = async (by: Caller, { pem, sign: signed }: Pick<Holder, 'pem' | 'sign'>): Promise<Reply> => {
  const { body } = await by.post(`${certificates}/challenge`)
  return by.post(certificates, { name: 'Card', certificate: pem, challenge: body.challenge, signature: signed(body.statement) })
}

export const registered = async (by: Caller, who: Holder): Promise<string> => {
  const { status, body, text } = await register(by, who)
  assert.equal(status, 201, text)
  return body.id
}
