// Signatures over models as the OpenSSF has them: an in-toto statement that lists each file with its SHA-256, in a DSSE envelope, in a Sigstore bundle v0.3. Pure.
import 'reflect-metadata'
import { createHash, sign, verify, X509Certificate, type KeyObject } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { hintOf, type ModelKey } from '#compliance'
import { Problem, problem } from '#platform/problem.ts'
import { parseJson } from '#platform/json.ts'

export const modelSignatureRefused = problem('model-signature-refused', 422, 'Not a signature over this model')

export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
export const predicateType = 'https://model_signing/signature/v1.0'
const payloadType = 'application/vnd.in-toto+json'
const statementType = 'https://in-toto.io/Statement/v1'
const filesMax = 100_000
const certificatesMax = 10
const depthMax = 16

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Base64 = Type.String({ minLength: 1, pattern: '^[A-Za-z0-9+/_=-]+$' })
const Bundle = Compile(
  Type.Object({
    mediaType: Type.Literal(bundleType),
    verificationMaterial: Type.Object({
      publicKey: Type.Optional(Type.Object({ hint: Type.Optional(Type.Union([Type.String(), Type.Null()])) })),
      x509CertificateChain: Type.Optional(
        Type.Object({ certificates: Type.Array(Type.Object({ rawBytes: Base64 }), { minItems: 1, maxItems: certificatesMax }) }),
      ),
    }),
    dsseEnvelope: Type.Object({
      payload: Base64,
      payloadType: Type.Literal(payloadType),
      signatures: Type.Array(Type.Object({ sig: Base64 }), { minItems: 1, maxItems: 1 }),
    }),
  }),
)
const Statement = Compile(
  Type.Object({
    _type: Type.Literal(statementType),
    subject: Type.Array(Type.Object({ name: Type.String(), digest: Type.Object({ sha256: Hash }) }), {
      minItems: 1,
      maxItems: 1,
    }),
    predicateType: Type.Literal(predicateType),
    predicate: Type.Object({
      serialization: Type.Object({
        method: Type.Literal('files'),
        hash_type: Type.Literal('sha256'),
        ignore_paths: Type.Optional(Type.Array(Type.String())),
      }),
      resources: Type.Array(Type.Object({ name: Type.String(), algorithm: Type.Literal('sha256'), digest: Hash }), {
        minItems: 1,
        maxItems: filesMax,
      }),
    }),
  }),
)

export type SignedFile = { readonly path: string; readonly sha256: string }
export type Opened = {
  readonly name: string
  /** Over the digests of all files: what the specification calls the model by. */
  readonly modelDigest: string
  readonly files: readonly SignedFile[]
  readonly ignored: readonly string[]
  readonly payload: Buffer
  readonly signature: Buffer
  readonly hint: string | undefined
  /** The signer's first. */
  readonly certificates: readonly X509Certificate[]
}

/** Reads a bundle; says nothing of who made it. Throws `model-signature-refused` for what is none, and for what contradicts itself. */
export const openBundle = (text: string): Opened => {
  const bundle = parsed(text, 'The signature')
  if (!Bundle.Check(bundle))
    throw refused(`It is not a Sigstore bundle of version 0.3 with one DSSE signature: ${faultOf(Bundle.Errors(bundle))}.`)
  const { verificationMaterial, dsseEnvelope } = bundle
  const payload = Buffer.from(dsseEnvelope.payload, 'base64')
  const statement = parsed(payload.toString('utf8'), 'The statement in it')
  if (!Statement.Check(statement))
    throw refused(
      `It is not a statement of ${predicateType} over whole files with SHA-256: ${faultOf(Statement.Errors(statement))}.`,
    )
  const { subject, predicate } = statement
  const files = predicate.resources.map(({ name, digest }) => ({ path: name, sha256: digest }))
  const stated = subject[0]!.digest.sha256
  if (modelDigestOf(files) !== stated) throw refused('The digest it states for the model is not that of the files it lists.')
  return {
    name: subject[0]!.name,
    modelDigest: stated,
    files,
    ignored: predicate.serialization.ignore_paths ?? [],
    payload,
    signature: Buffer.from(dsseEnvelope.signatures[0]!.sig, 'base64'),
    hint: verificationMaterial.publicKey?.hint ?? undefined,
    certificates: (verificationMaterial.x509CertificateChain?.certificates ?? []).map(({ rawBytes }) => certificateOf(rawBytes)),
  }
}

const refused = (detail: string) => modelSignatureRefused(detail)

const faultOf = ([fault]: readonly { instancePath: string; message: string }[]): string =>
  fault ? `${fault.instancePath || '/'} ${fault.message}` : 'of another form'

const parsed = (text: string, what: string): unknown => {
  try {
    return parseJson(text, { depthMax })
  } catch (error) {
    throw modelSignatureRefused(`${what} is not JSON: ${error instanceof Problem ? error.message : 'unreadable'}`, {}, error)
  }
}

const certificateOf = (base64: string): X509Certificate => {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'))
  } catch (error) {
    throw modelSignatureRefused('A certificate in it cannot be read.', {}, error)
  }
}

/** In the order in which they are listed. */
const modelDigestOf = (files: readonly SignedFile[]): string => {
  const hash = createHash('sha256')
  for (const { sha256 } of files) hash.update(Buffer.from(sha256, 'hex'))
  return hash.digest('hex')
}

/** DSSE v1, "Pre-Authentication Encoding". */
const encoded = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload])

const hashFor = (key: KeyObject): string =>
  ({ prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' })[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'sha256'

/** Part by part, as the reference orders paths. */
const inOrder = (a: SignedFile, b: SignedFile): number => {
  const [left, right] = [a.path.split('/'), b.path.split('/')]
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = Buffer.compare(Buffer.from(left[at]!), Buffer.from(right[at]!))
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** Git's own, which the reference leaves out unless it is told not to: over other files than it expects, no signature would hold. */
const ofGit = ['.git', '.gitattributes', '.github', '.gitignore']

const isBelow = (path: string, folders: readonly string[]): boolean =>
  folders.some((one) => path === one || path.startsWith(`${one}/`))

export const signFiles = (name: string, files: readonly SignedFile[], key: { secret: KeyObject; public: KeyObject }): object => {
  const listed = files.filter(({ path }) => !isBelow(path, ofGit)).toSorted(inOrder)
  const payload = Buffer.from(
    JSON.stringify({
      _type: statementType,
      subject: [{ name, digest: { sha256: modelDigestOf(listed) } }],
      predicateType,
      predicate: {
        serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: ofGit },
        resources: listed.map(({ path, sha256 }) => ({ name: path, algorithm: 'sha256', digest: sha256 })),
      },
    }),
  )
  const sig = sign(hashFor(key.public), encoded(payload), key.secret).toString('base64')
  return {
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: hintOf(key.public) }, tlogEntries: [] },
    dsseEnvelope: { payload: payload.toString('base64'), payloadType, signatures: [{ sig, keyid: '' }] },
  }
}

/** Whether this key made it, or who this certificate vouches for did. */
export const isMadeBy = (opened: Opened, { key, hint, certificate }: ModelKey): boolean => {
  const [signer, ...chain] = opened.certificates
  if (signer) return certificate !== undefined && isVouchedFor(signer, chain, certificate) && verifies(opened, signer.publicKey)
  return (opened.hint === undefined || opened.hint === hint) && verifies(opened, key)
}

const verifies = ({ payload, signature }: Opened, key: KeyObject): boolean =>
  key.asymmetricKeyType === 'ec' && verify(hashFor(key), encoded(payload), key, signature)

/** As the reference does, at the moment the signer's certificate began: what was signed rightly stays so. */
const isVouchedFor = (signer: X509Certificate, chain: readonly X509Certificate[], anchor: X509Certificate): boolean => {
  if (!maySign(signer)) return false
  const at = signer.validFromDate
  let below = signer
  for (let steps = 0; steps <= certificatesMax; steps++) {
    if (below.raw.equals(anchor.raw) || isIssuedBy(below, anchor, at)) return true
    const issuer = chain.find((one) => !one.raw.equals(below.raw) && isIssuedBy(below, one, at))
    if (!issuer) return false
    below = issuer
  }
  return false
}

const isIssuedBy = (below: X509Certificate, issuer: X509Certificate, at: Date): boolean =>
  issuer.ca &&
  issuer.validFromDate <= at &&
  at <= issuer.validToDate &&
  below.checkIssued(issuer) &&
  below.verify(issuer.publicKey)

const codeSigning = '1.3.6.1.5.5.7.3.3'

const maySign = (certificate: X509Certificate): boolean => {
  const read = new x509.X509Certificate(certificate.raw)
  const usages = read.getExtension(x509.KeyUsagesExtension)?.usages ?? 0
  const purposes = read.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? []
  return (usages & x509.KeyUsageFlags.digitalSignature) !== 0 || purposes.map(String).includes(codeSigning)
}

/** What differs between the files that were signed and those that are here, in words; nothing when they are the same. */
export const differences = ({ files, ignored }: Opened, present: readonly SignedFile[]): string[] => {
  const here = new Map(present.map(({ path, sha256 }) => [path, sha256]))
  const signed = new Map(files.map(({ path, sha256 }) => [path, sha256]))
  return [
    ...files.filter(({ path }) => !here.has(path)).map(({ path }) => `${path} was signed and is missing`),
    ...files
      .filter(({ path, sha256 }) => here.has(path) && here.get(path) !== sha256)
      .map(({ path }) => `${path} is not what was signed`),
    ...present
      .filter(({ path }) => !signed.has(path) && !isBelow(path, ignored))
      .map(({ path }) => `${path} is here and was not signed`),
  ]
}

/** Files that are here and that the signer left out, by saying so: the signature says nothing of them. */
export const leftOut = ({ files, ignored }: Opened, present: readonly SignedFile[]): string[] => {
  const signed = new Set(files.map(({ path }) => path))
  return present.filter(({ path }) => !signed.has(path) && isBelow(path, ignored)).map(({ path }) => path)
}
