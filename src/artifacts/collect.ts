// Garbage: what nothing refers to is condemned, and removed when that is still so after a grace. A wrong mark costs nothing until then.
import { sql } from 'kysely'
import { record } from '#audit'
import { listBlobs, removeBlob, type Lying } from '#platform/blobs.ts'
import { atomically, type Context } from '#platform/context.ts'
import { conflict } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { beforeDiscard, holdsOn } from './holds.ts'
import { storeCounters } from './counters.ts'
import type { Collected } from './storage-schema.ts'
import { rows, type PackageId } from './tables.ts'
import { clearUploads } from './uploads.ts'

/** Longer than any push takes from its first blob to its manifest. */
export const unreferencedMsMax = 24 * 3_600_000
/** From condemned to removed. */
export const condemnedMsMax = 24 * 3_600_000
/** Taken in one transaction or look; a collection goes on with the next of these until none is left. */
const atOnce = 1_000
/** One collection removes at most so many; the next goes on. */
const removedMax = 100_000
/** What is kept of collections that were. */
const roundsKept = 1_000

/** In this process; one site works on a database. */
const collecting = new WeakSet<Site>()

/** One round, beside any push. Throws `conflict` while another one works. */
export const collect = async (ctx: Context): Promise<Collected> => {
  await ctx.authorize('storage.collect', { kind: 'storage' })
  if (collecting.has(ctx.site)) throw conflict('A collection is at work already. `holdfast artifact storage` shows what it did.')
  collecting.add(ctx.site)
  try {
    return await round(ctx)
  } finally {
    collecting.delete(ctx.site)
  }
}

const round = async (ctx: Context): Promise<Collected> => {
  const startedAt = ctx.now()
  const uploads = await clearUploads(ctx)
  await adoptOrphans(ctx)
  const links = await unlinkUnreferenced(ctx)
  const condemned = await condemn(ctx)
  const { removed, removedBytes } = await removeDue(ctx)
  const collected = { uploads, links, condemned, removed, removedBytes }
  storeCounters(ctx.site).collectedBytes.inc(removedBytes)
  await atomically(ctx, (tx) => remember(tx, startedAt, collected))
  return collected
}

const remember = async (tx: Context, startedAt: Date, collected: Collected): Promise<void> => {
  const { removedBytes, ...counts } = collected
  await rows(tx)
    .insertInto('artifact_collection')
    .values({ started_at: startedAt, ended_at: tx.now(), actor: tx.actor.id, removed_bytes: removedBytes, ...counts })
    .onConflict((on) => on.doNothing())
    .execute()
  await sql`delete from artifact_collection where started_at in (
    select started_at from artifact_collection order by started_at desc offset ${roundsKept})`.execute(tx.db)
  // A round of the schedule that found nothing is no act.
  if (tx.actor.kind === 'user' || Object.values(collected).some((count) => count > 0))
    await record(tx, 'storage.collect', { kind: 'storage' }, collected)
}

/** A site that was killed between a file and its row left a file that nobody knows of: it gets a row, condemned, and goes the way of all. */
const adoptOrphans = async (ctx: Context): Promise<void> => {
  const before = new Date(ctx.now().getTime() - unreferencedMsMax)
  for await (const { prefix, lying } of listBlobs(ctx.site.blobs)) {
    if (lying.length === 0) continue
    const known = await rows(ctx)
      .selectFrom('artifact')
      .select('digest')
      .where('digest', '>=', `sha256:${prefix}`)
      .where('digest', '<', `sha256:${prefix}g`)
      .execute()
    const recorded = new Set(known.map(({ digest }) => digest))
    const orphans = lying.filter(({ digest, since }) => !recorded.has(digest) && since < before)
    for (let from = 0; from < orphans.length; from += atOnce) await condemnOrphans(ctx, orphans.slice(from, from + atOnce))
  }
}

const condemnOrphans = async (ctx: Context, orphans: readonly Lying[]): Promise<void> => {
  const at = ctx.now()
  await rows(ctx)
    .insertInto('artifact')
    .values(
      orphans.map(({ digest, sizeBytes, since }) => ({
        digest,
        size_bytes: sizeBytes,
        created_by: ctx.actor.id,
        created_at: since,
        verified_at: null,
        damaged_at: null,
        damage: null,
        condemned_at: at,
      })),
    )
    .onConflict((on) => on.doNothing())
    .execute()
}

/**
 * Content of a package that no manifest of it needs. The rows are held before the question is asked: a manifest that is being pushed holds them too, and
 * whichever comes second sees what the first one did.
 */
const unlinkUnreferenced = async (ctx: Context): Promise<number> => {
  const before = new Date(ctx.now().getTime() - unreferencedMsMax)
  let links = 0
  for (let gone = atOnce; gone > 0; links += gone) gone = await unlinkSome(ctx, before)
  return links
}

const needless = sql`not exists (select from artifact_reference where package_id = link.package_id and digest = link.digest)
  and not exists (select from artifact_package package, lateral (select hold.digest, hold.tag from ${holdsOn('package')}) hold
    where package.id = link.package_id and hold.tag is null and (hold.digest is null or hold.digest = link.digest))`

const unlinkSome = (ctx: Context, before: Date): Promise<number> =>
  atomically(ctx, async (tx) => {
    const { rows: held } = await sql<{ package_id: PackageId; digest: string }>`
      select package_id, digest from artifact_link link where linked_at < ${before} and ${needless}
      order by package_id, digest limit ${atOnce} for update skip locked`.execute(tx.db)
    if (held.length === 0) return 0
    for (const id of new Set(held.map((it) => it.package_id))) await beforeDiscard(tx, id)
    const { rows: gone } = await sql`
      with gone as (
        delete from artifact_link link
        using unnest(${held.map((it) => it.package_id)}::text[], ${held.map((it) => it.digest)}::text[]) as held (package_id, digest)
        where link.package_id = held.package_id and link.digest = held.digest
          and ${needless}
        returning link.package_id, link.size_bytes),
      freed as (
        select repository_id, sum(size_bytes)::int8 as bytes, count(*) as objects from gone join artifact_package on id = package_id group by repository_id),
      counted as (
        insert into artifact_usage as usage (repository_id, stripe, bytes, objects)
        select repository_id, 0, -bytes, -objects from freed
        on conflict (repository_id, stripe) do update set bytes = usage.bytes + excluded.bytes, objects = usage.objects + excluded.objects)
      select from gone`.execute(tx.db)
    return gone.length
  })

const condemn = (ctx: Context): Promise<number> =>
  atomically(ctx, async (tx) => {
    const at = tx.now()
    const before = new Date(at.getTime() - unreferencedMsMax)
    await rows(tx).deleteFrom('artifact_pin').where('until', '<', at).execute()
    const { numAffectedRows = 0n } = await sql`update artifact set condemned_at = ${at}
      where condemned_at is null and created_at < ${before}
        and not exists (select from artifact_link where blob = artifact.digest)
        and not exists (select from artifact_pin where digest = artifact.digest)`.execute(tx.db)
    return Number(numAffectedRows)
  })

const removeDue = async (ctx: Context): Promise<{ removed: number; removedBytes: number }> => {
  let [removed, removedBytes, seen] = [0, 0, 0]
  for (let after = ''; seen < removedMax;) {
    const digests = await due(ctx, after)
    for (const digest of digests) {
      ctx.signal.throwIfAborted()
      const freed = await removeOne(ctx, digest)
      if (freed === undefined) continue
      removed++
      removedBytes += freed
    }
    seen += digests.length
    after = digests.at(-1) ?? ''
    if (digests.length < atOnce) break
  }
  return { removed, removedBytes }
}

const due = async (ctx: Context, after: string): Promise<string[]> => {
  const before = new Date(ctx.now().getTime() - condemnedMsMax)
  const found = await rows(ctx)
    .selectFrom('artifact')
    .select('digest')
    .where('condemned_at', '<', before)
    .where('digest', '>', after)
    .orderBy('digest')
    .limit(atOnce)
    .execute()
  return found.map(({ digest }) => digest)
}

/**
 * The row's lock keeps references out: a new one needs the row to be there, and waits. The file goes while the lock is held, so that whoever brings the same
 * content at that moment finds either both or neither. Killed in between, the row is left without its file, condemned, and goes in the next round.
 */
const removeOne = (ctx: Context, digest: string): Promise<number | undefined> =>
  atomically(ctx, async (tx) => {
    const { rows: held } = await sql<{ size_bytes: number }>`select size_bytes from artifact
      where digest = ${digest} and condemned_at is not null for update skip locked`.execute(tx.db)
    const { rows: needed } = await sql`select from artifact_link where blob = ${digest}
      union all select from artifact_pin where digest = ${digest} limit 1`.execute(tx.db)
    const [row] = held
    if (!row) return undefined
    if (needed.length > 0) {
      await rows(tx).updateTable('artifact').set({ condemned_at: null }).where('digest', '=', digest).execute()
      return undefined
    }
    await rows(tx).deleteFrom('artifact').where('digest', '=', digest).execute()
    await record(tx, 'artifact.delete', { kind: 'artifact', id: digest }, { sizeBytes: row.size_bytes })
    await removeBlob(tx.site.blobs, digest)
    return row.size_bytes
  })
