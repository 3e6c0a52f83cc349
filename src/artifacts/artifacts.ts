import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { sql } from 'kysely'
import { record } from '#audit'
import { putBlob, removeBlob, statBlob } from '#platform/blobs.ts'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { diskFreeBytes } from '#platform/files.ts'
import { diskFull, problem } from '#platform/problem.ts'

export const artifactMissing = problem('artifact-missing', 409, 'The content is not here')

type Tables = { artifact: { digest: string; size_bytes: number; created_by: string; created_at: Date } }
const rows = (ctx: Pick<Context, 'db'>) => ctx.db.withTables<Tables>()

/** What the database needs to go on recording stays free, whatever is uploaded. */
const reserveBytes = 512 * 1024 ** 2

export type Uploaded = { digest: string; sizeBytes: number; /** It took the place of a file that was damaged. */ mended: boolean }

/** Streams content into the store. Refused whole: `too-large`, `digest-mismatch`, `disk-full`. */
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

const store = async (ctx: Context, source: Readable, digest: string | undefined): Promise<Uploaded> => {
  const put = await putBlob(ctx.site.blobs, source, {
    sizeBytesMax: ctx.site.config.limits.uploadBytesMax,
    signal: ctx.signal,
    ...(digest === undefined ? {} : { expectedDigest: digest }),
  })
  await atomically(ctx, async (tx) => {
    await rows(tx)
      .insertInto('artifact')
      .values({ digest: put.digest, size_bytes: put.sizeBytes, created_by: tx.actor.id, created_at: tx.now() })
      .onConflict((on) => on.column('digest').doNothing())
      .execute()
    await record(
      tx,
      'artifact.upload',
      { kind: 'artifact', id: put.digest },
      { sizeBytes: put.sizeBytes, ...(put.mended ? { mended: true } : {}) },
    )
  })
  return put
}

/** The artifact, held for the rest of the transaction; throws `artifact-missing`. */
export const requireArtifact = async (tx: Context, digest: string): Promise<{ sizeBytes: number }> => {
  const row = await rows(tx)
    .selectFrom('artifact')
    .select('size_bytes')
    .where('digest', '=', digest)
    .forShare()
    .executeTakeFirst()
  if (!row || !(await statBlob(tx.site.blobs, digest)))
    throw artifactMissing(`No content with the digest ${digest} is stored here. Upload the file first.`, { digest })
  return { sizeBytes: row.size_bytes }
}

/** Nothing refers to it any more: forgotten with the transaction, and its bytes freed after it. */
export const releaseArtifact = async (tx: Context, digest: string): Promise<void> => {
  const { numDeletedRows } = await rows(tx).deleteFrom('artifact').where('digest', '=', digest).executeTakeFirst()
  if (numDeletedRows === 0n) return
  await record(tx, 'artifact.delete', { kind: 'artifact', id: digest })
  afterCommit(
    tx,
    () =>
      void removeBlob(tx.site.blobs, digest).catch((error: unknown) =>
        tx.log.error({ err: error, digest }, 'a blob could not be removed'),
      ),
  )
}

export const storedBytes = async (ctx: Pick<Context, 'db'>): Promise<number> => {
  const { rows: sums } = await sql<{ bytes: number }>`select coalesce(sum(size_bytes), 0)::int8 as bytes from artifact`.execute(
    ctx.db,
  )
  return sums[0]?.bytes ?? 0
}
