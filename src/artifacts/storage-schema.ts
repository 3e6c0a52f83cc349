import { Type, type Static } from 'typebox'

const When = Type.String({ format: 'date-time' })
const Count = Type.Integer({ minimum: 0 })
const oneOf = <const T extends string>(...words: readonly T[]) =>
  Type.Unsafe<T>(Type.Union(words.map((word) => Type.Literal(word))))

const health = {
  blobs: Count,
  bytes: Count,
  damaged: Count,
  verifiedShare: Type.Number({ description: 'Of the bytes, 0 to 1: those that were brought or read again within the days' }),
  oldestVerifiedAt: Type.Union([When, Type.Null()]),
  late: Type.Boolean({ description: 'Something was not read for twice the days that were set' }),
  condemnedBytes: Type.Integer({
    description: 'Needed by nothing when that was last looked at; removed when it still is after the grace',
  }),
}
export const Health = Type.Object(health)
export type Health = Static<typeof Health>

const collected = {
  uploads: Type.Integer({ description: 'Left unfinished for a day, and cleared away' }),
  links: Type.Integer({ description: 'Content taken out of packages where no manifest needs it' }),
  condemned: Type.Integer({ description: 'Found to be needed by nothing' }),
  removed: Count,
  removedBytes: Count,
}
export const Collected = Type.Object(collected)
export type Collected = Static<typeof Collected>

export const Round = Type.Object({ startedAt: When, endedAt: When, by: Type.String(), ...collected })
export type Round = Static<typeof Round>

export const Storage = Type.Object({
  ...health,
  days: Count,
  scrub: Type.Object({ percent: Count, everyDays: Count }),
  lastCollection: Type.Union([Round, Type.Null()]),
})
export type Storage = Static<typeof Storage>

const Reason = oneOf('upload-left', 'in-no-manifest', 'needed-by-nothing', 'condemned')

export const FreeableItem = Type.Object({
  reason: Reason,
  id: Type.String({ description: 'Of the content, or of the upload' }),
  sizeBytes: Count,
  freeAt: Type.String({ format: 'date-time', description: 'From when it may be removed, if nothing comes to need it' }),
})
export type FreeableItem = Static<typeof FreeableItem>
export const FreeableSum = Type.Object({ reason: Reason, count: Count, bytes: Count })
export type FreeableSum = Static<typeof FreeableSum>

export const Damaged = Type.Object({
  digest: Type.String(),
  sizeBytes: Count,
  damage: oneOf('missing', 'different', 'unreadable'),
  damagedAt: When,
  places: Type.Array(Type.String(), { description: 'Packages that hold it, of those you may pull' }),
  holders: Type.Array(Type.String(), { description: 'What else needs it: models, by id' }),
})
export type Damaged = Static<typeof Damaged>

export const Used = Type.Object({
  repository: Type.String(),
  path: Type.String(),
  scope: Type.String(),
  format: Type.String(),
  bytes: Count,
  objects: Count,
})
export type Used = Static<typeof Used>
export const UsedSum = Type.Object({ name: Type.String(), bytes: Count, objects: Count })
export type UsedSum = Static<typeof UsedSum>
export const UsedQuota = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scope: Type.String(),
  bytesMax: Count,
  objectsMax: Type.Union([Count, Type.Null()]),
  bytes: Count,
  objects: Count,
})

export const Usage = Type.Object({
  items: Type.Array(Used),
  scopes: Type.Array(UsedSum, { description: 'By the folder or project that the repositories lie in' }),
  formats: Type.Array(UsedSum),
  quotas: Type.Array(UsedQuota),
})
export type Usage = Static<typeof Usage>
