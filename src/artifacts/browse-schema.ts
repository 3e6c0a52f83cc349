import { Type, type Static } from 'typebox'

const When = Type.String({ format: 'date-time' })
const Nullable = { description: 'null where there is none' }

export const RepositoryCard = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scope: Type.String(),
  path: Type.String({ description: 'As clients name it' }),
  format: Type.String(),
  description: Type.Optional(Type.String()),
  packages: Type.Integer(),
  sizeBytes: Type.Integer({ description: 'Each file counted once in each package that holds it' }),
  pushedAt: Type.Union([When, Type.Null()], Nullable),
  may: Type.Object(
    { pull: Type.Boolean(), push: Type.Boolean(), discard: Type.Boolean() },
    { description: 'What you may do there' },
  ),
})
export type RepositoryCard = Static<typeof RepositoryCard>

export const PackageCard = Type.Object({
  path: Type.String({ description: 'As clients name it' }),
  name: Type.String({ description: 'Below the repository; empty when the path of the repository names it' }),
  repository: Type.String({ description: 'Id' }),
  format: Type.String(),
  manifests: Type.Integer(),
  tags: Type.Integer(),
  sizeBytes: Type.Integer({ description: 'Of the blobs it holds, each counted once' }),
  artifactType: Type.Union([Type.String(), Type.Null()], { ...Nullable, title: 'Of what was pushed last' }),
  latestTag: Type.Union([Type.String(), Type.Null()], Nullable),
  pushedAt: Type.Union([When, Type.Null()], Nullable),
  pulls: Type.Integer(),
})
export type PackageCard = Static<typeof PackageCard>

export const TagCard = Type.Object({
  name: Type.String(),
  digest: Type.String(),
  mediaType: Type.String(),
  artifactType: Type.Union([Type.String(), Type.Null()], Nullable),
  sizeBytes: Type.Integer({ description: 'Of what the manifest refers to' }),
  setBy: Type.String(),
  setAt: When,
  pulls: Type.Integer(),
  referrers: Type.Integer({ description: 'Signatures, bills of materials and whatever else names it as its subject' }),
})
export type TagCard = Static<typeof TagCard>

export const FileCard = Type.Object({
  path: Type.String(),
  digest: Type.String(),
  mediaType: Type.String(),
  sizeBytes: Type.Integer(),
  role: Type.Union([Type.Literal('config'), Type.Literal('layer'), Type.Literal('manifest')]),
})

export const ReferrerCard = Type.Object({
  digest: Type.String(),
  mediaType: Type.String(),
  artifactType: Type.Union([Type.String(), Type.Null()], Nullable),
  sizeBytes: Type.Integer(),
  annotations: Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()], Nullable),
})

export const Puller = Type.Object({ actor: Type.String(), count: Type.Integer(), firstAt: When, lastAt: When })

export const ManifestCard = Type.Object({
  path: Type.String(),
  repository: Type.String(),
  digest: Type.String(),
  mediaType: Type.String(),
  artifactType: Type.Union([Type.String(), Type.Null()], Nullable),
  subject: Type.Union([Type.String(), Type.Null()], Nullable),
  annotations: Type.Record(Type.String(), Type.String()),
  sizeBytes: Type.Integer({ description: 'Of what it refers to' }),
  pushedBy: Type.String(),
  pushedAt: When,
  tags: Type.Array(Type.String()),
  files: Type.Array(FileCard),
  filesMore: Type.Boolean({ description: 'There are more files than are listed' }),
  referrers: Type.Array(ReferrerCard),
  pulls: Type.Integer(),
  pullers: Type.Optional(Type.Array(Puller, { description: 'For those who may read the log there' })),
  manifest: Type.Optional(Type.Unknown({ description: 'The manifest itself, where it is not too large to show' })),
})
export type ManifestCard = Static<typeof ManifestCard>
