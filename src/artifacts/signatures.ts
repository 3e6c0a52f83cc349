// Signatures over models in the store: made by the site, brought by others, and verified by the keys of the publishers it believes. Each lies beside its model as a referrer.
import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { hintOf, modelPublishers, parseModelKey, type ModelKey } from '#compliance'
import { openBlob } from '#platform/blobs.ts'
import type { Context } from '#platform/context.ts'
import { canonicalJson } from '#platform/json.ts'
import { invalid, Problem, tooLarge } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { heldBlob } from './content.ts'
import { listReferrers } from './listing.ts'
import { putManifest, type Stored } from './manifests.ts'
import { ociImage } from './manifest-form.ts'
import {
  bundleType,
  differences,
  isMadeBy,
  leftOut,
  modelSignatureRefused,
  openBundle,
  predicateType,
  signFiles,
  type SignedFile,
} from './model-signature.ts'
import { contentsOf, pushBlob } from './releases.ts'
import { placeFor, type Place } from './repositories.ts'
import { filesOf, findRevision, isPacked } from './revisions.ts'

/** Of some 100,000 files. */
export const bundleBytesMax = 32 * 1024 ** 2
const shownMax = 50
/** Beside one model; more are not looked at. */
const judgedMax = 100

type SigningKey = { readonly secret: KeyObject; readonly public: KeyObject }
const keys = new WeakMap<Site, SigningKey>()

/** ECDSA on P-256, which every verifier of model signatures takes; derived, so that it comes back with the site's own keys and is no file of its own. */
const signingKey = (site: Site): SigningKey => {
  const known = keys.get(site)
  if (known) return known
  const ecdh = createECDH('prime256v1')
  for (let attempt = 0; ; attempt++)
    try {
      ecdh.setPrivateKey(site.secrets.hmac('model-signing', `p256/${attempt}`))
      break
    } catch (error) {
      if (attempt > 8) throw error // a scalar beyond the order of the curve: one in 2^32
    }
  const point = ecdh.getPublicKey()
  const part = (bytes: Buffer) => bytes.toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: part(point.subarray(1, 33)), y: part(point.subarray(33)) }
  const secret = createPrivateKey({ key: { ...jwk, d: part(ecdh.getPrivateKey()) }, format: 'jwk' })
  const made = { secret, public: createPublicKey(secret) }
  keys.set(site, made)
  return made
}

export const modelSigningKey = async (ctx: Context): Promise<{ publicKey: string; hint: string }> => {
  await ctx.authorize('organisation.read', { kind: 'organisation' })
  const { public: key } = signingKey(ctx.site)
  return { publicKey: key.export({ type: 'spki', format: 'pem' }).toString(), hint: hintOf(key) }
}

type Model = {
  place: Place
  manifest: Stored
  files: SignedFile[]
  /** Why no signature over files speaks of all that is here. */
  uncovered: string[]
}

const modelAt = async (ctx: Context, place: Place, reference: string): Promise<Model> => {
  const manifest = await contentsOf(ctx, place, reference)
  const files = await filesOf(ctx, await findRevision(ctx, place, manifest.digest))
  const beside = manifest.files.filter(({ role }) => role !== 'config').length - files.length
  const packed = files.find(isPacked)
  return {
    place,
    manifest,
    files: files.map(({ path, blob }) => ({ path, sha256: blob.slice('sha256:'.length) })),
    uncovered: [
      ...(beside > 0
        ? [`${beside} of what the manifest names lies at no path of its own, and no signature over files speaks of it`]
        : []),
      ...(packed ? [`${packed.path} is packed into an archive, and a signature is over files`] : []),
    ],
  }
}

export type Attached = { digest: string; modelDigest: string; files: number; bundle: unknown }

/** By the site's own key, or as it was made elsewhere. Throws `model-signature-refused` where it is not over what is here. */
export const signModel = async (
  ctx: Context,
  { path, reference, bundle }: { path: string; reference: string; bundle?: string | undefined },
): Promise<Attached> => {
  const place = await placeFor(ctx, 'push', path)
  const model = await modelAt(ctx, place, reference)
  if (model.files.length === 0)
    throw modelSignatureRefused(`${path} holds no files at paths there, so there is nothing to sign as a model.`)
  const name = place.path.split('/').at(-1)!
  const text = bundle ?? JSON.stringify(signFiles(name, model.files, signingKey(ctx.site)))
  if (Buffer.byteLength(text) > bundleBytesMax)
    throw tooLarge(`A signature has at most ${bundleBytesMax} bytes.`, { bytesMax: bundleBytesMax })
  const opened = openBundle(text)
  const faults = [...model.uncovered, ...differences(opened, model.files)]
  if (faults.length > 0)
    throw modelSignatureRefused(
      `It does not speak of what is here: ${faults.slice(0, 3).join('; ')}${faults.length > 3 ? '; and more' : ''}.`,
      {
        differences: faults.slice(0, shownMax),
      },
    )
  const digest = await attach(ctx, model, text)
  return { digest, modelDigest: opened.modelDigest, files: opened.files.length, bundle: JSON.parse(text) }
}

/** As cosign lays a bundle beside what it is about. */
const attach = async (ctx: Context, { place, manifest }: Model, text: string): Promise<string> => {
  const empty = await pushBlob(ctx, place, Readable.from([Buffer.from('{}')]))
  const layer = await pushBlob(ctx, place, Readable.from([Buffer.from(text)]))
  const body = Buffer.from(
    canonicalJson({
      schemaVersion: 2,
      mediaType: ociImage,
      artifactType: bundleType,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: empty.digest, size: empty.sizeBytes },
      layers: [{ mediaType: bundleType, digest: layer.digest, size: layer.sizeBytes }],
      subject: { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.sizeBytes },
      annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope', 'dev.sigstore.bundle.predicateType': predicateType },
    }),
  )
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
  await putManifest(ctx, place, { reference: digest, body, mediaType: ociImage })
  return digest
}

export type Signer = { kind: 'site' | 'publisher' | 'key'; name: string }
export type Verdict = {
  digest: string
  verified: boolean
  signer?: Signer
  modelDigest?: string
  /** Why it is not verified. */
  reasons: string[]
  /** Files of which it says nothing, as its signer wanted it. */
  leftOut: string[]
}

/** Every signature beside a model, judged by the keys given, or else by the site's own and those of its publishers. */
export const verifyModel = async (
  ctx: Context,
  { path, reference, publicKeys }: { path: string; reference: string; publicKeys?: readonly string[] | undefined },
): Promise<{ manifest: string; verified: boolean; signatures: Verdict[] }> => {
  const place = await placeFor(ctx, 'pull', path)
  const model = await modelAt(ctx, place, reference)
  const believed = publicKeys ? givenKeys(publicKeys) : await siteKeys(ctx)
  const { items } = await listReferrers(ctx, place, { subject: model.manifest.digest, artifactType: bundleType })
  const signatures: Verdict[] = []
  for (const { digest } of items.slice(0, judgedMax)) signatures.push(await judge(ctx, model, digest, believed))
  return { manifest: model.manifest.digest, verified: signatures.some(({ verified }) => verified), signatures }
}

type Believed = readonly { readonly signer: Signer; readonly keys: readonly ModelKey[] }[]

const givenKeys = (pems: readonly string[]): Believed =>
  pems.map((pem, at) => {
    const key = parseModelKey(pem)
    if (!key)
      throw invalid('A key for models is a public key on P-256, P-384 or P-521, or a certificate, in PEM.', {
        faults: [{ at: `/publicKeys/${at}`, message: 'no such key, and no certificate' }],
      })
    return { signer: { kind: 'key', name: key.hint }, keys: [key] }
  })

const siteKeys = async (ctx: Context): Promise<Believed> => {
  const key = signingKey(ctx.site).public
  return [
    { signer: { kind: 'site', name: 'this site' }, keys: [{ key, hint: hintOf(key) }] },
    ...(await modelPublishers(ctx)).map(({ name, keys: of }) => ({ signer: { kind: 'publisher' as const, name }, keys: of })),
  ]
}

const judge = async (ctx: Context, { place, files, uncovered }: Model, digest: string, believed: Believed): Promise<Verdict> => {
  try {
    const opened = openBundle(await bundleAt(ctx, place, digest))
    const by = believed.find(({ keys: of }) => of.some((key) => isMadeBy(opened, key)))
    const reasons = [
      ...(by
        ? []
        : [`no key that is believed here made it${opened.hint === undefined ? '' : ` (it names the key ${opened.hint})`}`]),
      ...uncovered,
      ...differences(opened, files),
    ]
    return {
      digest,
      verified: reasons.length === 0,
      ...(by ? { signer: by.signer } : {}),
      modelDigest: opened.modelDigest,
      reasons: reasons.slice(0, shownMax),
      leftOut: leftOut(opened, files).slice(0, shownMax),
    }
  } catch (error) {
    if (error instanceof Problem && error.status < 500) return { digest, verified: false, reasons: [error.message], leftOut: [] }
    throw error
  }
}

const bundleAt = async (ctx: Context, place: Place, digest: string): Promise<string> => {
  const layer = (await contentsOf(ctx, place, digest)).files.find(
    ({ role, mediaType }) => role === 'layer' && mediaType === bundleType,
  )
  if (!layer) throw modelSignatureRefused('It holds no Sigstore bundle.')
  if (layer.sizeBytes > bundleBytesMax) throw modelSignatureRefused(`It is larger than ${bundleBytesMax} bytes.`)
  const { blob } = await heldBlob(ctx, place, layer.digest)
  return (await buffer(openBlob(ctx.site.blobs, blob))).toString('utf8')
}
