// Uploads to a package: begun, continued from where they stopped (also after a restart), and finished under the digest their sender announces.
import type { Readable } from 'node:stream'
import { sql } from 'kysely'
import { record } from '#audit'
import type { Context } from '#platform/context.ts'
import { diskFreeBytes } from '#platform/files.ts'
import { newId } from '#platform/id.ts'
import { appendIncoming, dropIncoming, finishIncoming, listIncoming } from '#platform/incoming.ts'
import { conflict, diskFull, problem, tooManyRequests } from '#platform/problem.ts'
import { checkDigest, link } from './content.ts'
import { reserveBytes, storeBlob } from './files.ts'
import { quotasOver, withinRoom } from './quotas.ts'
import type { Place } from './repositories.ts'
import { rows } from './tables.ts'

export const uploadUnknown = problem('upload-unknown', 404, 'No such upload')
export const uploadOutOfOrder = problem('upload-out-of-order', 416, 'The piece does not follow the last one')

/** Of one person at a time. What is left lying is cleared away after `uploadAgeMsMax`. */
const uploadsOpenMax = 1_000
export const uploadAgeMsMax = 24 * 3_600_000

export type Upload = { readonly id: string; readonly receivedBytes: number }

export const beginUpload = async (ctx: Context, place: Place): Promise<Upload> => {
  refuseFull(ctx, 0)
  const id = newId('upload', ctx.now())
  // Lost with the power, it is begun again: nothing that was acknowledged is in it yet, and so the disk is not waited for.
  const { numAffectedRows: begun = 0n } = await sql`
    insert into artifact_upload (id, repository_id, package, actor, received_bytes, started_at, moved_at)
    select ${id}, ${place.repository.id}, ${place.name}, ${ctx.actor.id}, 0, ${ctx.now()}, ${ctx.now()}
    where (select count(*) from artifact_upload where actor = ${ctx.actor.id}) < ${uploadsOpenMax}
      and set_config('synchronous_commit', 'off', true) is not null`.execute(ctx.db)
  if (begun === 0n)
    throw tooManyRequests(`You have ${uploadsOpenMax} uploads open. Finish or cancel some first.`, {
      headers: { 'retry-after': '60' },
    })
  return { id, receivedBytes: 0 }
}

const refuseFull = (ctx: Context, bytes: number): void => {
  const free = diskFreeBytes(ctx.site.config.home)
  if (free - bytes < reserveBytes)
    throw diskFull(
      `The disk has ${free} bytes free and ${reserveBytes} stay reserved for the record, so no more fits. Free space, then go on where the upload stopped.`,
      { freeBytes: free },
    )
}

/** One's own only: another's upload is not there, whoever asks. */
export const findUpload = async (
  ctx: Context,
  place: Place,
  id: string,
): Promise<Upload & { /** That hold there, by id. */ readonly quotas: readonly string[] }> => {
  const row = await rows(ctx)
    .selectFrom('artifact_upload')
    .select(['id', 'received_bytes', quotasOver(place.repository.scopeId).as('quotas')])
    .where('id', '=', id)
    .where('repository_id', '=', place.repository.id)
    .where('package', '=', place.name)
    .where('actor', '=', ctx.actor.id)
    .executeTakeFirst()
  if (!row)
    throw uploadUnknown(
      `There is no upload ${id.slice(0, 80)} of yours to ${place.path}. It was finished, cancelled, or left for a day. Start again.`,
    )
  return { id: row.id, receivedBytes: row.received_bytes, quotas: row.quotas }
}

/** In this process; one site works on a database. */
const writing = new Set<string>()

const alone = async <T>(id: string, run: () => Promise<T>): Promise<T> => {
  if (writing.has(id)) throw conflict('A piece of this upload is arriving already. Wait for its answer.', { upload: id })
  writing.add(id)
  try {
    return await run()
  } finally {
    writing.delete(id)
  }
}

export type Sent = {
  source: Readable | undefined
  /** Where the sender believes the piece begins; absent means where the last one ended. */
  atBytes?: number | undefined
  sizeBytes?: number | undefined
}

export const appendUpload = (ctx: Context, place: Place, id: string, sent: Sent): Promise<Upload> =>
  alone(id, async () => {
    const upload = await append(ctx, await findUpload(ctx, place, id), sent)
    await keep(ctx, id, upload.receivedBytes)
    return upload
  })

/** Of what breaks off, how far it came is kept; what goes well is kept by who asked. */
const append = async (
  ctx: Context,
  upload: Awaited<ReturnType<typeof findUpload>>,
  { source, atBytes, sizeBytes }: Sent,
): Promise<Upload> => {
  if (atBytes !== undefined && atBytes !== upload.receivedBytes)
    throw uploadOutOfOrder(`The upload holds ${upload.receivedBytes} bytes; a piece at ${atBytes} does not follow them.`, {
      receivedBytes: upload.receivedBytes,
      headers: { range: rangeOf(upload) },
    })
  if (!source || sizeBytes === 0) return upload
  refuseFull(ctx, sizeBytes ?? 0)
  const receivedBytes = await withinRoom(ctx, upload.quotas, upload.receivedBytes + (sizeBytes ?? 0), (sizeBytesMax) =>
    appendIncoming(ctx.site.blobs, upload.id, source, {
      atBytes: upload.receivedBytes,
      sizeBytesMax,
      signal: ctx.signal,
      broken: (bytes) => keep(ctx, upload.id, bytes),
    }),
  )
  return { id: upload.id, receivedBytes }
}

/** The sender may ask how far it came, and goes on from there. */
const keep = async (ctx: Context, id: string, bytes: number): Promise<void> => {
  await rows(ctx)
    .updateTable('artifact_upload')
    .set({ received_bytes: bytes, moved_at: ctx.now() })
    .where('id', '=', id)
    .execute()
}

/** As the protocol tells it: the last byte that is here, inclusive; `0-0` also for none. */
export const rangeOf = ({ receivedBytes }: Upload): string => `0-${Math.max(0, receivedBytes - 1)}`

/** The last piece, if any, and then the whole under its digest. Throws `digest-mismatch`, and the upload stays open. */
export const finishUpload = (
  ctx: Context,
  place: Place,
  id: string,
  { digest, ...sent }: Sent & { digest: string },
): Promise<void> =>
  alone(id, async () => {
    checkDigest(digest)
    const { receivedBytes } = await append(ctx, await findUpload(ctx, place, id), sent)
    await storeBlob(
      ctx,
      () => finishIncoming(ctx.site.blobs, id, digest, receivedBytes),
      async (tx, put) => {
        await link(tx, place, { digest, blob: put.digest, sizeBytes: put.sizeBytes })
        await rows(tx).deleteFrom('artifact_upload').where('id', '=', id).execute()
        await record(tx, 'repository.push', place.on, {
          package: place.name,
          blob: digest,
          sizeBytes: put.sizeBytes,
          ...(put.mended ? { mended: true } : {}),
        })
      },
    ).catch(async (error: unknown) => {
      await keep(ctx, id, receivedBytes)
      throw error
    })
    await dropIncoming(ctx.site.blobs, id)
  })

export const cancelUpload = (ctx: Context, place: Place, id: string): Promise<void> =>
  alone(id, async () => {
    await findUpload(ctx, place, id)
    await rows(ctx).deleteFrom('artifact_upload').where('id', '=', id).execute()
    await dropIncoming(ctx.site.blobs, id)
  })

/** Uploads that nobody went on with, and files whose upload is not on record. */
export const clearUploads = async (ctx: Context): Promise<number> => {
  const before = new Date(ctx.now().getTime() - uploadAgeMsMax)
  let left = rows(ctx).deleteFrom('artifact_upload').where('moved_at', '<', before)
  if (writing.size > 0) left = left.where('id', 'not in', [...writing])
  await left.execute()
  const lying = await listIncoming(ctx.site.blobs)
  if (lying.length === 0) return 0
  const known = await rows(ctx).selectFrom('artifact_upload').select('id').where('id', 'in', lying).execute()
  const kept = new Set(known.map(({ id }) => id))
  const gone = lying.filter((id) => !kept.has(id) && !writing.has(id))
  for (const id of gone) await dropIncoming(ctx.site.blobs, id)
  return gone.length
}
