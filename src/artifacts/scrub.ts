// Scrub: every blob is read again, the one that was not for longest first, at a share of the disk's speed. Rot shows here before anyone needs the bytes.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { record } from '#audit'
import { openBlob } from '#platform/blobs.ts'
import { monotonicMs } from '#platform/clock.ts'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import type { Hasher } from '#platform/hasher.ts'
import type { Site } from '#platform/site.ts'
import { Problem } from '#platform/problem.ts'
import { markDamaged, markVerified } from './damage.ts'
import { storeCounters } from './counters.ts'
import { rows, type Damage } from './tables.ts'

/** Read and hashed at a stretch, then paid for with a pause. */
const pieceBytes = 8 * 1024 ** 2
/** However fast the disk: others use its bus and the cores too. */
export const scrubBytesPerSecondMax = 512 * 1024 ** 2
const dayMs = 86_400_000

export type Pace = { /** Of the disk's time, 0 to 1. */ readonly share: number; readonly bytesPerSecondMax: number }

export const paceOf = ({ site: { config } }: Pick<Context, 'site'>): Pace => ({
  share: config.scrub.percent / 100,
  bytesPerSecondMax: scrubBytesPerSecondMax,
})

/** After `workedMs` on so many bytes. A slow disk is slow because others use it, and gets longer pauses. Pure. */
export const pauseMs = ({ share, bytesPerSecondMax }: Pace, { workedMs, bytes }: { workedMs: number; bytes: number }): number =>
  Math.max(workedMs / share - workedMs, (bytes / bytesPerSecondMax) * 1_000 - workedMs, 0)

type Due = { readonly digest: string; readonly size_bytes: number; readonly verified_at: Date | null }

/** The one that was not read for longest. What waits to be removed is left alone. */
const nextDue = async (ctx: Context): Promise<Due | undefined> => {
  const asked = await rows(ctx)
    .selectFrom('artifact_scrub')
    .select((of) => of.fn.max('asked_at').as('at'))
    .executeTakeFirst()
  const old = new Date(ctx.now().getTime() - ctx.site.config.scrub.everyDays * dayMs)
  const before = asked?.at && asked.at > old ? asked.at : old
  return rows(ctx)
    .selectFrom('artifact')
    .select(['digest', 'size_bytes', 'verified_at'])
    .where('damaged_at', 'is', null)
    .where('condemned_at', 'is', null)
    .where((is) => is.or([is('verified_at', 'is', null), is('verified_at', '<', before)]))
    .orderBy('verified_at', (by) => by.asc().nullsFirst())
    .limit(1)
    .executeTakeFirst()
}

/** Reads one blob again and says what it is. False when none is due. */
export const scrubNext = async (ctx: Context, hasher: Hasher, pace: Pace): Promise<boolean> => {
  const due = await nextDue(ctx)
  if (!due) return false
  const damage = await readAgain(ctx, hasher, due, pace)
  if (damage) await markDamaged(ctx, { digest: due.digest, verifiedAt: due.verified_at, damage })
  else await markVerified(ctx, { digest: due.digest, verifiedAt: due.verified_at })
  return true
}

const readAgain = async (
  ctx: Context,
  hasher: Hasher,
  { digest, size_bytes: sizeBytes }: Due,
  pace: Pace,
): Promise<Damage | undefined> => {
  let readBytes = 0
  try {
    do {
      const startedMs = monotonicMs()
      const piece = await readPiece(ctx, digest, readBytes)
      const workedMs = monotonicMs() - startedMs
      const bytes = piece.reduce((sum, { length }) => sum + length, 0)
      await hasher.update(piece)
      readBytes += bytes
      storeCounters(ctx.site).scrubbedBytes.inc(bytes)
      if (bytes === 0) break
      await sleep(pauseMs(pace, { workedMs, bytes }), undefined, { signal: ctx.signal })
    } while (readBytes < sizeBytes)
  } catch (error) {
    await hasher.digest() // the next begins anew
    ctx.signal.throwIfAborted()
    if (error instanceof Problem) throw error // a store that is away says nothing of what it holds
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : unreadable(ctx, digest, error)
  }
  const whole = (await readPiece(ctx, digest, readBytes)).length === 0 && readBytes === sizeBytes
  return (await hasher.digest()) === digest && whole ? undefined : 'different'
}

const readPiece = async (ctx: Context, digest: string, start: number): Promise<Buffer[]> => {
  const piece: Buffer[] = []
  for await (const chunk of openBlob(ctx.site.blobs, digest, { start, end: start + pieceBytes - 1, chunkBytes: pieceBytes }))
    piece.push(chunk)
  return piece
}

const unreadable = (ctx: Context, digest: string, error: unknown): Damage => {
  ctx.log.error({ err: error, digest }, 'stored content could not be read')
  return 'unreadable'
}

const waiting = new WeakMap<Site, () => void>()
export const onScrubAsked = (site: Site, wake: () => void): void => void waiting.set(site, wake)

/** Everything is read again from now on, at the same pace. */
export const askScrub = async (ctx: Context): Promise<{ count: number; bytes: number }> => {
  await ctx.authorize('storage.scrub', { kind: 'storage' })
  return atomically(ctx, async (tx) => {
    await rows(tx).deleteFrom('artifact_scrub').execute()
    await rows(tx)
      .insertInto('artifact_scrub')
      .values({ asked_at: tx.now(), asked_by: tx.actor.id })
      .onConflict((on) => on.doNothing())
      .execute()
    const due = await rows(tx)
      .selectFrom('artifact')
      .select((of) => [of.fn.countAll<number>().as('count'), sql<number>`coalesce(sum(size_bytes), 0)::int8`.as('bytes')])
      .where('damaged_at', 'is', null)
      .where('condemned_at', 'is', null)
      .executeTakeFirstOrThrow()
    await record(tx, 'storage.scrub', { kind: 'storage' }, due)
    afterCommit(tx, () => waiting.get(tx.site)?.())
    return due
  })
}
