// What a manifest says, read from its bytes: OCI image-spec 1.1 (manifest and index), and Docker's schema 2, which says the same in other names.
import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { Problem, problem } from '#platform/problem.ts'
import { parseJson } from '#platform/json.ts'

export const manifestInvalid = problem('manifest-invalid', 400, 'Not a manifest')

/** OCI Distribution 1.1: a registry should take at least this much. */
export const manifestBytesMax = 4 * 1024 ** 2
const referencesMax = 100_000
const depthMax = 32

export const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/
const Digest = Type.String({ pattern: digestPattern.source })
const MediaType = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(;.{0,200})?$',
})
const Annotations = Type.Record(Type.String(), Type.String())

const Descriptor = Type.Object({
  mediaType: MediaType,
  digest: Digest,
  size: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  annotations: Type.Optional(Annotations),
  artifactType: Type.Optional(MediaType),
  urls: Type.Optional(Type.Array(Type.String())),
})
type Descriptor = Static<typeof Descriptor>

const common = {
  schemaVersion: Type.Literal(2),
  mediaType: Type.Optional(MediaType),
  artifactType: Type.Optional(Type.Union([MediaType, Type.Literal('')])),
  subject: Type.Optional(Descriptor),
  annotations: Type.Optional(Annotations),
}
const Image = Compile(Type.Object({ ...common, config: Descriptor, layers: Type.Array(Descriptor) }))
const Index = Compile(Type.Object({ ...common, manifests: Type.Array(Descriptor) }))

export const ociImage = 'application/vnd.oci.image.manifest.v1+json'
export const ociIndex = 'application/vnd.oci.image.index.v1+json'
const images = new Set([ociImage, 'application/vnd.docker.distribution.manifest.v2+json'])
const indexes = new Set([ociIndex, 'application/vnd.docker.distribution.manifest.list.v2+json'])

/** Layers that their makers do not let others pass on: the client fetches them elsewhere, so they need not be here. */
const foreign = /nondistributable|foreign/

export type Reference = {
  readonly role: 'config' | 'layer' | 'manifest'
  readonly digest: string
  readonly mediaType: string
  readonly sizeBytes: number
  readonly path: string | undefined
  readonly elsewhere: boolean
}
export type Manifest = {
  readonly mediaType: string
  readonly artifactType: string | undefined
  readonly configType: string | undefined
  readonly subject: string | undefined
  readonly annotations: Record<string, string> | undefined
  readonly references: readonly Reference[]
}

/** Throws `manifest-invalid` with what is wrong. The media type of the request decides what it is read as; one inside must not contradict it. */
export const readManifest = (body: Buffer, contentType: string): Manifest => {
  const mediaType = contentType.split(';')[0]!.trim()
  const kind = images.has(mediaType) ? 'image' : indexes.has(mediaType) ? 'index' : undefined
  if (!kind)
    throw manifestInvalid(
      `${JSON.stringify(mediaType.slice(0, 200))} is not a manifest this registry takes. Send an OCI image manifest or index, or Docker's schema 2.`,
    )
  const json = parsed(body)
  const checks = kind === 'image' ? Image : Index
  if (!checks.Check(json)) {
    const [fault] = checks.Errors(json)
    throw manifestInvalid(
      `The manifest is not of its form: ${fault ? `${fault.instancePath || '/'} ${fault.message}` : 'unreadable'}.`,
    )
  }
  if (json.mediaType !== undefined && json.mediaType !== mediaType)
    throw manifestInvalid(`The manifest says it is ${json.mediaType}, and was sent as ${mediaType}.`)
  const references =
    'manifests' in json
      ? json.manifests.map((child) => referenceOf('manifest', child))
      : [referenceOf('config', json.config), ...json.layers.map((layer) => referenceOf('layer', layer))]
  if (references.length > referencesMax) throw manifestInvalid(`The manifest refers to more than ${referencesMax} things.`)
  const configType = 'config' in json ? json.config.mediaType : undefined
  return {
    mediaType,
    artifactType: json.artifactType || configType, // image-spec 1.1, "Guidelines for Artifact Usage"
    configType,
    subject: json.subject?.digest,
    annotations: json.annotations,
    references,
  }
}

const parsed = (body: Buffer): unknown => {
  try {
    return parseJson(body.toString('utf8'), { depthMax })
  } catch (error) {
    throw manifestInvalid(`The manifest is not JSON: ${error instanceof Problem ? error.message : 'unreadable'}`, {}, error)
  }
}

/** Where the file goes when it is unpacked: ModelPack's word for it first, then the one that ORAS writes. */
const pathAnnotations = ['org.cncf.model.filepath', 'org.cnai.model.filepath', 'org.opencontainers.image.title']

const referenceOf = (role: Reference['role'], { digest, mediaType, size, annotations, urls }: Descriptor): Reference => ({
  role,
  digest,
  mediaType,
  sizeBytes: size,
  path: pathAnnotations.map((name) => annotations?.[name]).find((path) => path !== undefined),
  elsewhere: role === 'layer' && (urls !== undefined || foreign.test(mediaType)),
})
