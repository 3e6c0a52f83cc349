// Quotas: how much the repositories at a place, and below it, may hold together.
import { sql, type RawBuilder } from 'kysely'
import { Type, type Static } from 'typebox'
import { defineKind } from '#resources'
import type { Context } from '#platform/context.ts'
import { Problem, problem, tooLarge } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { rows } from './tables.ts'

export const quotaExceeded = problem('quota-exceeded', 403, 'The quota leaves no room')

const kind = 'storage-quota'
const bytesMost = 2 ** 52

const QuotaSpec = Type.Object(
  {
    bytesMax: Type.Integer({
      minimum: 0,
      maximum: bytesMost,
      description: 'Of all repositories here and below; what two of them share counts for both',
    }),
    objectsMax: Type.Optional(
      Type.Integer({ minimum: 0, maximum: bytesMost, description: 'How many files, counted the same way' }),
    ),
  },
  { additionalProperties: false },
)
type QuotaSpec = Static<typeof QuotaSpec>

export const defineQuotas = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'storage-quotas',
    title: 'Storage quota',
    description: 'How much the repositories at a place, and below it, may hold together.',
    spec: QuotaSpec,
    idPrefix: 'quota',
    governs: true,
    applied: async (tx, { resource: { id, spec } }) => {
      const { bytesMax, objectsMax } = spec as QuotaSpec // checked against the schema before
      const values = { bytes_max: bytesMax, objects_max: objectsMax ?? null }
      await rows(tx)
        .insertInto('artifact_quota')
        .values({ id, ...values })
        .onConflict((on) => on.column('id').doUpdateSet(values))
        .execute()
    },
  })

export type Quota = {
  readonly id: string
  readonly name: string
  readonly scope: string
  readonly bytesMax: number
  readonly objectsMax: number | null
  readonly bytes: number
  readonly objects: number
}

const usedBelow = sql`lateral (
  select coalesce(sum(usage.bytes), 0)::int8 as bytes, coalesce(sum(usage.objects), 0)::int8 as objects
  from artifact_usage usage join resource repository on repository.id = usage.repository_id
  join policy_scope below on below.id = repository.scope_id
  where below.ancestors @> array[quota.scope_id]) used`

const described = sql`select quota.id, quota.name, policy_scope.path as scope, artifact_quota.bytes_max as "bytesMax", artifact_quota.objects_max as "objectsMax",
  used.bytes, used.objects
  from artifact_quota join resource quota on quota.id = artifact_quota.id join policy_scope on policy_scope.id = quota.scope_id, ${usedBelow}`

/** By id, with what is used of each. */
export const quotasNamed = async (ctx: Pick<Context, 'db'>, ids: readonly string[]): Promise<Quota[]> =>
  ids.length === 0
    ? []
    : (await sql<Quota>`${described} where quota.id = any(${[...ids]}) order by scope, quota.name`.execute(ctx.db)).rows

/** As an SQL array: the ids of those that hold at a place, for a statement that asks for more than them. */
export const quotasOver = (scopeId: string): RawBuilder<string[]> => sql`array(
  select artifact_quota.id from policy_scope place join resource on resource.scope_id = any(place.ancestors)
  join artifact_quota on artifact_quota.id = resource.id where place.id = ${scopeId} order by artifact_quota.id)`

export const quotasAt = async (ctx: Pick<Context, 'db'>, scopeId: string): Promise<string[]> =>
  (await sql<{ ids: string[] }>`select ${quotasOver(scopeId)} as ids`.execute(ctx.db)).rows[0]?.ids ?? []

const refusal = ({ name, scope, bytesMax, objectsMax, bytes, objects }: Quota, needed: { bytes: number }) => {
  const [what, used, most, more] =
    objectsMax !== null && objects >= objectsMax && needed.bytes <= bytesMax - bytes
      ? ['files', objects, objectsMax, 'another does']
      : ['bytes', bytes, bytesMax, `${needed.bytes} more do`]
  return quotaExceeded(
    `The quota ${name} at ${scope} allows ${most} ${what}, ${used} are used, and ${more} not fit. Discard what is not needed, or ask who governs ${scope}.`,
    { quota: name, scope, bytesMax, usedBytes: bytes, objectsMax, usedObjects: objects, neededBytes: needed.bytes },
  )
}

/**
 * Within the transaction that adds to what a repository holds, after it was counted: whoever adds under the same quota waits, so that two who each fit alone do
 * not fit together. Throws `quota-exceeded`.
 */
export const requireWithin = async (tx: Context, ids: readonly string[], bytes: number): Promise<void> => {
  if (ids.length === 0) return
  await sql`select from artifact_quota where id = any(${[...ids]}) order by id for update`.execute(tx.db)
  for (const quota of await quotasNamed(tx, ids))
    if (quota.bytes > quota.bytesMax || (quota.objectsMax !== null && quota.objects > quota.objectsMax))
      throw refusal({ ...quota, bytes: quota.bytes - bytes, objects: quota.objects - 1 }, { bytes })
}

/**
 * Receives as much as fits and no more. What is known not to fit is refused before anything of it is sent. Only `requireWithin` is sure, since others push at
 * the same time. Throws `quota-exceeded`, `too-large`.
 */
export const withinRoom = async <T>(
  ctx: Context,
  ids: readonly string[],
  announcedBytes: number,
  receive: (sizeBytesMax: number) => Promise<T>,
): Promise<T> => {
  const { uploadBytesMax } = ctx.site.config.limits
  const quotas = await quotasNamed(ctx, ids)
  const leftOf = ({ bytesMax, bytes }: Quota) => Math.max(0, bytesMax - bytes)
  const full = quotas.find(
    (quota) => announcedBytes > leftOf(quota) || (quota.objectsMax !== null && quota.objects >= quota.objectsMax),
  )
  if (full) throw refusal(full, { bytes: announcedBytes })
  const [tightest] = quotas.toSorted((a, b) => leftOf(a) - leftOf(b))
  if (!tightest || leftOf(tightest) >= uploadBytesMax) return receive(uploadBytesMax)
  return receive(leftOf(tightest)).catch((error: unknown) => {
    if (error instanceof Problem && error.code === tooLarge.code) throw refusal(tightest, { bytes: leftOf(tightest) + 1 })
    throw error
  })
}
