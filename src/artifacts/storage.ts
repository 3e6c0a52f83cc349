// How the store stands: what it holds and for whom, what can be freed and why, and how long ago it was read.
import { sql } from 'kysely'
import { permitted } from '#resources'
import type { Context } from '#platform/context.ts'
import { condemnedMsMax, unreferencedMsMax } from './collect.ts'
import { quotasNamed } from './quotas.ts'
import { pathOf, specOf } from './repositories.ts'
import type { FreeableItem, FreeableSum, Health, Round, Storage, Usage, Used, UsedSum } from './storage-schema.ts'
import { rows } from './tables.ts'
import { uploadAgeMsMax } from './uploads.ts'

const dayMs = 86_400_000
/** Named one by one; the sums are of all. */
export const freeableShownMax = 200
/** A file that should have been read again and was not for this many times the days that were set. */
const lateTimes = 2

export const storeHealth = async (ctx: Context, days = ctx.site.config.scrub.everyDays * lateTimes): Promise<Health> => {
  const since = new Date(ctx.now().getTime() - days * dayMs)
  const { rows: found } = await sql<Omit<Health, 'late' | 'oldestVerifiedAt'> & { oldest: Date | null }>`
    select count(*)::int8 as blobs, coalesce(sum(size_bytes), 0)::int8 as bytes,
      (count(*) filter (where damaged_at is not null))::int8 as damaged,
      coalesce(sum(size_bytes) filter (where damaged_at is null and verified_at >= ${since}) / nullif(sum(size_bytes), 0), 1)::float8 as "verifiedShare",
      min(coalesce(verified_at, created_at)) filter (where damaged_at is null and condemned_at is null) as oldest,
      coalesce(sum(size_bytes) filter (where condemned_at is not null), 0)::int8 as "condemnedBytes"
    from artifact`.execute(ctx.db)
  const { oldest, ...health } = found[0]!
  const lateBefore = ctx.now().getTime() - ctx.site.config.scrub.everyDays * lateTimes * dayMs
  return {
    ...health,
    oldestVerifiedAt: oldest?.toISOString() ?? null,
    late: oldest !== null && oldest.getTime() < lateBefore,
  }
}

export const lastCollection = async (ctx: Pick<Context, 'db'>): Promise<Round | undefined> => {
  const row = await rows(ctx)
    .selectFrom('artifact_collection')
    .selectAll()
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const { started_at, ended_at, actor, removed_bytes, ...counts } = row
  return {
    startedAt: started_at.toISOString(),
    endedAt: ended_at.toISOString(),
    by: actor,
    removedBytes: removed_bytes,
    ...counts,
  }
}

export const readStorage = async (ctx: Context, days?: number): Promise<Storage> => {
  await ctx.authorize('storage.read', { kind: 'storage' })
  const { scrub } = ctx.site.config
  const within = days ?? scrub.everyDays * lateTimes
  const [health, last] = await Promise.all([storeHealth(ctx, within), lastCollection(ctx)])
  return { ...health, days: within, scrub, lastCollection: last ?? null }
}

/** What a collection would take, and what it will take when its grace is over: without touching any of it. */
export const listFreeable = async (ctx: Context): Promise<{ sums: FreeableSum[]; items: FreeableItem[] }> => {
  await ctx.authorize('storage.read', { kind: 'storage' })
  const at = ctx.now()
  const freeable = sql`
    select 'upload-left' as reason, id, received_bytes as size, moved_at + ${uploadAgeMsMax} * interval '1 ms' as free_at
      from artifact_upload where moved_at < ${new Date(at.getTime() - uploadAgeMsMax)}
    union all
    select 'condemned', digest, size_bytes, condemned_at + ${condemnedMsMax} * interval '1 ms' from artifact where condemned_at is not null
    union all
    select 'needed-by-nothing', digest, size_bytes, greatest(created_at + ${unreferencedMsMax} * interval '1 ms', ${at}) + ${condemnedMsMax} * interval '1 ms'
      from artifact where condemned_at is null
        and not exists (select from artifact_link where blob = artifact.digest)
        and not exists (select from artifact_pin where digest = artifact.digest and (until is null or until >= ${at}))
    union all
    select 'in-no-manifest', digest, size_bytes, greatest(linked_at, created_at) + ${unreferencedMsMax + condemnedMsMax} * interval '1 ms'
      from (select link.blob as digest, link.size_bytes, max(link.linked_at) as linked_at, artifact.created_at
        from artifact_link link join artifact on artifact.digest = link.blob
        where not exists (select from artifact_pin where digest = link.blob)
        group by link.blob, link.size_bytes, artifact.created_at
        having bool_and(not exists (select from artifact_reference where package_id = link.package_id and digest = link.digest))) unneeded`
  const [sums, items] = await Promise.all([
    sql<FreeableSum>`select reason, count(*)::int8 as count, coalesce(sum(size), 0)::int8 as bytes
      from (${freeable}) freeable group by reason order by reason`.execute(ctx.db),
    sql<
      Omit<FreeableItem, 'freeAt'> & { at: Date }
    >`select reason, id, size as "sizeBytes", free_at as at from (${freeable}) freeable
      order by free_at, size desc, id limit ${freeableShownMax}`.execute(ctx.db),
  ])
  return { sums: sums.rows, items: items.rows.map(({ at: freeAt, ...item }) => ({ ...item, freeAt: freeAt.toISOString() })) }
}

/** What each repository holds, of those the caller may read; what two of them share counts for both. */
export const listUsage = async (ctx: Context): Promise<Usage> => {
  const items = await usedByRepository(ctx)
  const quotas = await quotasNamed(
    ctx,
    (await permitted(ctx, 'storage-quota', 'storage-quota.read')).map(({ id }) => id),
  )
  return { items, scopes: sumBy(items, 'scope'), formats: sumBy(items, 'format'), quotas }
}

const sumBy = (items: readonly Used[], what: 'scope' | 'format'): UsedSum[] => {
  const sums = new Map<string, UsedSum>()
  for (const item of items) {
    const { bytes, objects } = sums.get(item[what]) ?? { bytes: 0, objects: 0 }
    sums.set(item[what], { name: item[what], bytes: bytes + item.bytes, objects: objects + item.objects })
  }
  return [...sums.values()].toSorted((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
}

const usedByRepository = async (ctx: Context): Promise<Used[]> => {
  const repositories = await permitted(ctx, 'repository', 'repository.read')
  if (repositories.length === 0) return []
  const found = await rows(ctx)
    .selectFrom('artifact_usage')
    .select(({ fn }) => ['repository_id', fn.sum<number>('bytes').as('bytes'), fn.sum<number>('objects').as('objects')])
    .groupBy('repository_id')
    .where(
      'repository_id',
      'in',
      repositories.map(({ id }) => id),
    )
    .execute()
  const used = new Map(found.map((row) => [row.repository_id, row]))
  return repositories
    .map((it) => ({
      repository: it.id,
      path: pathOf(it),
      scope: it.scope,
      format: specOf(it).format,
      bytes: Number(used.get(it.id)?.bytes ?? 0),
      objects: Number(used.get(it.id)?.objects ?? 0),
    }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
}
