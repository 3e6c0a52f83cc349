// Signed sets: guardrails that a publisher hands out and a site takes over as they are. Pure: bytes in, a set out, or what is wrong with it.
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { Errors } from 'typebox/value'
import { canonicalJson, parseJson, type Json } from '#platform/json.ts'
import { problem } from '#platform/problem.ts'
import { isRecord, own } from './language/reading.ts'
import { Definition, Initiative, namePattern, versionPattern } from './schema.ts'

export const setMalformed = problem('guardrail-set-malformed', 400, 'This is no set of guardrails')
export const setNewer = problem('guardrail-set-newer', 400, 'The set needs a newer version of the product')
export const setUnsigned = problem('guardrail-set-unsigned', 403, 'The signature of the set does not hold')
export const setOutdated = problem('guardrail-set-outdated', 409, 'A set as new as this one was taken already')
export const publisherUnknown = problem('publisher-unknown', 403, 'Nobody here trusts this publisher')

export const setType = 'holdfast-guardrail-set'
const setVersion = 1
export const setBytesMax = 2_097_152
const setMembersMax = 500

const byName = <T extends typeof Definition | typeof Initiative>(what: T) =>
  Type.Record(Type.String({ pattern: namePattern }), what, { maxProperties: setMembersMax, additionalProperties: false })

const unsigned = {
  type: Type.Literal(setType),
  v: Type.Literal(setVersion),
  publisher: Type.String({ pattern: namePattern }),
  sequence: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Higher than that of every earlier set' }),
  version: Type.String({ pattern: versionPattern }),
  issuedAt: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$' }),
  guardrails: byName(Definition),
  initiatives: byName(Initiative),
}
export const GuardrailSet = Type.Object(
  {
    ...unsigned,
    signature: Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$', description: 'Ed25519 over the rest, as RFC 8785 writes it' }),
  },
  { additionalProperties: false },
)
export type GuardrailSet = Static<typeof GuardrailSet>
export type UnsignedSet = Omit<GuardrailSet, 'signature'>

export type Publisher = {
  readonly name: string
  /** Ed25519, 32 bytes in base64. */
  readonly publicKey: string
  /** Of the last set taken from it; 0 for none. */
  readonly sequence: number
}

const form = Compile(GuardrailSet)
const spkiEd25519 = Buffer.from('302a300506032b6570032100', 'hex') // RFC 8410: the fixed head of an Ed25519 public key
const keyPattern = /^[A-Za-z0-9+/]{43}=$/

/** Undefined when this is no such key. */
export const publisherKey = (publicKey: string): KeyObject | undefined => {
  if (!keyPattern.test(publicKey)) return undefined
  const raw = Buffer.from(publicKey, 'base64')
  return createPublicKey({ key: Buffer.concat([spkiEd25519, raw]), format: 'der', type: 'spki' })
}

/** What is signed: everything but the signature, in one canonical form. */
export const signedBytes = (set: object): Buffer => Buffer.from(canonicalJson({ ...set, signature: undefined } as Json)) // parsed from JSON, or typed as such

/** For whoever publishes: the same set with the signature that `sign` (Ed25519) makes. */
export const signSet = (set: UnsignedSet, sign: (bytes: Buffer) => Uint8Array): GuardrailSet => ({
  ...set,
  signature: Buffer.from(sign(signedBytes(set))).toString('base64'),
})

/** The text as JSON within bounds, and who says to have published it. Nothing in it is believed yet. */
export const openSet = (text: string): { set: Readonly<Record<string, unknown>>; publisher: string } => {
  const set = parseJson(text, { bytesMax: setBytesMax })
  const publisher = own(set, 'publisher')
  if (!isRecord(set) || set['type'] !== setType || typeof publisher !== 'string')
    throw setMalformed(`A set says {"type": "${setType}", "publisher": …}. This does not.`)
  const v = set['v']
  if (typeof v === 'number' && v > setVersion)
    throw setNewer(`The set is of form ${v}; this version of the product reads form ${setVersion}. Update the product first.`, {
      v,
    })
  return { set, publisher }
}

/** Signature first: what nobody trusted has signed is not looked into. Then form, then that it is newer than the last. */
export const verifySet = (set: Readonly<Record<string, unknown>>, publisher: Publisher | undefined): GuardrailSet => {
  if (!publisher || publisher.name !== set['publisher'])
    throw publisherUnknown(
      `No publisher ${JSON.stringify(String(set['publisher']).slice(0, 80))} is trusted here. Add its key first.`,
    )
  if (!isSigned(set, publisher.publicKey))
    throw setUnsigned(
      `${publisher.name} did not sign this, or it was changed since. Get it again, and compare the publisher’s key.`,
    )
  if (!form.Check(set)) throw wrongForm(set)
  if (set.sequence <= publisher.sequence)
    throw setOutdated(`The set has sequence ${set.sequence}; ${publisher.sequence} was taken from ${publisher.name} already.`, {
      sequence: set.sequence,
      taken: publisher.sequence,
    })
  return set
}

const isSigned = (set: Readonly<Record<string, unknown>>, publicKey: string): boolean => {
  const { signature } = set
  const key = publisherKey(publicKey)
  if (typeof signature !== 'string' || !key) return false
  return verify(null, signedBytes(set), key, Buffer.from(signature, 'base64'))
}

const wrongForm = (set: unknown) => {
  const faults = Errors(GuardrailSet, set).map(({ instancePath, message }) => ({ at: instancePath, message }))
  return setMalformed(
    `The set is signed, but not of the form it must have: ${faults[0]?.at ?? ''} ${faults[0]?.message ?? ''}.`,
    {
      faults: faults.slice(0, 20),
    },
  )
}
