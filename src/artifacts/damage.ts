// Damage: stored bytes that are no longer what their digest says. Nothing serves them; pushed again, they are mended.
import { sql } from 'kysely'
import { record } from '#audit'
import { permitted } from '#resources'
import { statBlob, verifyBlob } from '#platform/blobs.ts'
import { atomically, type Context } from '#platform/context.ts'
import { pathOf } from './repositories.ts'
import type { Damaged } from './storage-schema.ts'
import { rows, type Damage } from './tables.ts'

/** Shown of all there is; the count tells how many there are. */
export const damagedShownMax = 200
const placesShownMax = 20

/**
 * Marks it, unless it was stored anew since it was read: `verifiedAt` is when it had last been found well then. False where it was, or is gone, or is
 * marked already.
 */
export const markDamaged = (
  ctx: Context,
  { digest, verifiedAt, damage }: { digest: string; verifiedAt: Date | null; damage: Damage },
): Promise<boolean> =>
  atomically(ctx, async (tx) => {
    const marked = await rows(tx)
      .updateTable('artifact')
      .set({ damaged_at: tx.now(), damage })
      .where('digest', '=', digest)
      .where('damaged_at', 'is', null)
      .where(sql<boolean>`verified_at is not distinct from ${verifiedAt}`)
      .returning('size_bytes')
      .executeTakeFirst()
    if (!marked) return false
    await record(tx, 'artifact.damage', { kind: 'artifact', id: digest }, { damage, sizeBytes: marked.size_bytes })
    tx.log.error({ digest, damage }, 'stored content is damaged and is not served until it is pushed again')
    return true
  })

/** Reads it all before it is used. What it finds is remembered, either way. */
export const verifyStored = async (ctx: Context, digest: string): Promise<boolean> => {
  const row = await rows(ctx).selectFrom('artifact').select('verified_at').where('digest', '=', digest).executeTakeFirst()
  const verifiedAt = row?.verified_at ?? null
  const sound = await verifyBlob(ctx.site.blobs, digest)
  if (sound) await markVerified(ctx, { digest, verifiedAt })
  else await markDamaged(ctx, { digest, verifiedAt, damage: 'different' })
  return sound
}

/** Unless it was stored anew since it was read. */
export const markVerified = async (
  ctx: Context,
  { digest, verifiedAt }: { digest: string; verifiedAt: Date | null },
): Promise<void> => {
  await rows(ctx)
    .updateTable('artifact')
    .set({ verified_at: ctx.now(), damaged_at: null, damage: null })
    .where('digest', '=', digest)
    .where(sql<boolean>`verified_at is not distinct from ${verifiedAt}`)
    .execute()
}

/** What a look at the file's name and length shows, before anyone is promised its bytes. */
export const lookOver = async (
  ctx: Context,
  { blob, sizeBytes, verifiedAt }: { blob: string; sizeBytes: number; verifiedAt: Date | null },
): Promise<boolean> => {
  const found = await statBlob(ctx.site.blobs, blob)
  if (found?.sizeBytes === sizeBytes) return true
  await markDamaged(ctx, { digest: blob, verifiedAt, damage: found ? 'different' : 'missing' })
  return false
}

export const listDamaged = async (ctx: Context): Promise<{ items: Damaged[]; count: number }> => {
  await ctx.authorize('storage.read', { kind: 'storage' })
  const repositories = await permitted(ctx, 'repository', 'repository.pull')
  const { rows: found } = await sql<{
    digest: string
    size_bytes: number
    damage: Damage
    damaged_at: Date
    places: string[] | null
    holders: string[] | null
    count: number
  }>`
    select damaged.digest, damaged.size_bytes, damaged.damage, damaged.damaged_at, damaged.count, places, holders
    from (select *, count(*) over ()::int as count from artifact where damaged_at is not null order by damaged_at, digest limit ${damagedShownMax}) damaged,
      lateral (select array_agg(path order by path) as places from (
        select distinct repository.path || case package.name when '' then '' else '/' || package.name end as path
        from artifact_link link join artifact_package package on package.id = link.package_id
        join unnest(${repositories.map(({ id }) => id)}::text[], ${repositories.map(pathOf)}::text[]) as repository (id, path) on repository.id = package.repository_id
        where link.blob = damaged.digest limit ${placesShownMax}) held) held,
      lateral (select array_agg(holder order by holder) as holders from artifact_pin where digest = damaged.digest) pinned
    order by damaged.damaged_at, damaged.digest`.execute(ctx.db)
  const items = found.map(({ digest, size_bytes, damage, damaged_at, places, holders }) => ({
    digest,
    sizeBytes: size_bytes,
    damage,
    damagedAt: damaged_at.toISOString(),
    places: places ?? [],
    holders: (holders ?? []).slice(0, placesShownMax),
  }))
  return { items, count: found[0]?.count ?? 0 }
}
