// Blobs: bytes by their digest, held once whoever brings them. A blob's row and its file come together and go together.
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { sql } from 'kysely'
import { record } from '#audit'
import { putBlob, statBlob, type Put } from '#platform/blobs.ts'
import { atomically, type Context } from '#platform/context.ts'
import { diskFreeBytes } from '#platform/files.ts'
import { diskFull, problem } from '#platform/problem.ts'
import { rows } from './tables.ts'

export const artifactMissing = problem('artifact-missing', 409, 'The content is not here')

/** What the database needs to go on recording stays free, whatever is uploaded. */
export const reserveBytes = 512 * 1024 ** 2

/** How long a file that was uploaded by itself waits to be used. */
export const unusedMsMax = 7 * 24 * 3_600_000

export type Uploaded = { digest: string; sizeBytes: number; /** It took the place of a file that was damaged. */ mended: boolean }

/** Streams content into the store. Refused whole: `too-large`, `digest-mismatch`, `disk-full`. Kept for seven days, and for good once something uses it. */
export const upload = async (
  ctx: Context,
  source: Readable,
  announced: { digest?: string | undefined; sizeBytes?: number | undefined },
): Promise<Uploaded> => {
  await ctx.authorize('artifact.upload', { kind: 'artifact' })
  const free = diskFreeBytes(ctx.site.config.home)
  if (free - (announced.sizeBytes ?? 0) < reserveBytes)
    throw diskFull(
      `The disk has ${free} bytes free and ${reserveBytes} stay reserved for the record, so ${announced.sizeBytes ?? 'this many'} bytes do not fit. Free space, then try again.`,
      { freeBytes: free },
    )
  return store(ctx, source, announced.digest)
}

/** A file of this machine, by the site itself (the default model). */
export const importFile = (ctx: Context, path: string): Promise<Uploaded> => store(ctx, createReadStream(path), undefined)

const store = (ctx: Context, source: Readable, digest: string | undefined): Promise<Uploaded> =>
  storeBlob(
    ctx,
    () =>
      putBlob(ctx.site.blobs, source, {
        sizeBytesMax: ctx.site.config.limits.uploadBytesMax,
        signal: ctx.signal,
        ...(digest === undefined ? {} : { expectedDigest: digest }),
      }),
    async (tx, put) => {
      await pin(tx, put.digest, 'upload', new Date(tx.now().getTime() + unusedMsMax))
      await record(
        tx,
        'artifact.upload',
        { kind: 'artifact', id: put.digest },
        { sizeBytes: put.sizeBytes, ...(put.mended ? { mended: true } : {}) },
      )
    },
  )

/**
 * File first, then its row and whatever refers to it in one transaction. Between the two a collection could remove the file as nobody's: so the row,
 * once it is held, is compared with the disk again. What was stored, or lay there already, was read against its digest: so it is verified, and no longer damaged.
 */
export const storeBlob = async (
  ctx: Context,
  put: () => Promise<Put>,
  refer: (tx: Context, put: Put) => Promise<void>,
): Promise<Put> => {
  const stored = await put()
  await atomically(ctx, async (tx) => {
    await rows(tx)
      .insertInto('artifact')
      .values({
        digest: stored.digest,
        size_bytes: stored.sizeBytes,
        created_by: tx.actor.id,
        created_at: tx.now(),
        verified_at: tx.now(),
        damaged_at: null,
        damage: null,
        condemned_at: null,
      })
      .onConflict((on) =>
        on.column('digest').doUpdateSet({ condemned_at: null, verified_at: tx.now(), damaged_at: null, damage: null }),
      )
      .execute()
    if (!(await statBlob(tx.site.blobs, stored.digest)))
      throw artifactMissing('The content was collected while it arrived. Send it again.')
    await refer(tx, stored)
  })
  return stored
}

/** Keeps a blob for `holder`; until a moment, or for good. */
export const pin = async (tx: Context, digest: string, holder: string, until?: Date): Promise<void> => {
  await rows(tx)
    .insertInto('artifact_pin')
    .values({ digest, holder, until: until ?? null })
    .onConflict((on) => on.columns(['digest', 'holder']).doUpdateSet({ until: until ?? null }))
    .execute()
}

/** The blob, held for the rest of the transaction and pinned for `holder`; throws `artifact-missing`. */
export const requireArtifact = async (tx: Context, digest: string, holder: string): Promise<{ sizeBytes: number }> => {
  const row = await rows(tx)
    .selectFrom('artifact')
    .select('size_bytes')
    .where('digest', '=', digest)
    .forShare()
    .executeTakeFirst()
  if (!row || !(await statBlob(tx.site.blobs, digest)))
    throw artifactMissing(`No content with the digest ${digest} is stored here. Upload the file first.`, { digest })
  await pin(tx, digest, holder)
  return { sizeBytes: row.size_bytes }
}

/** Of a holder that is gone. */
export const releasePins = async (tx: Context, holder: string): Promise<void> => {
  await rows(tx).deleteFrom('artifact_pin').where('holder', '=', holder).execute()
}

/** `holder` needs it no more. What nobody needs is collected later. */
export const releaseArtifact = async (tx: Context, digest: string, holder: string): Promise<void> => {
  await rows(tx).deleteFrom('artifact_pin').where('digest', '=', digest).where('holder', 'in', [holder, 'upload']).execute()
}

export const storedBytes = async (ctx: Pick<Context, 'db'>): Promise<number> => {
  const { rows: sums } = await sql<{ bytes: number }>`select coalesce(sum(size_bytes), 0)::int8 as bytes from artifact`.execute(
    ctx.db,
  )
  return sums[0]?.bytes ?? 0
}
