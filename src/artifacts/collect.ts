// Garbage: what nothing refers to is condemned, and removed when that is still so after a grace. A wrong mark costs nothing until then.
import { sql } from 'kysely'
import { record } from '#audit'
import { removeBlob } from '#platform/blobs.ts'
import { atomically, type Context } from '#platform/context.ts'
import { rows } from './tables.ts'
import { clearUploads } from './uploads.ts'

/** Longer than any push takes from its first blob to its manifest. */
export const unreferencedMsMax = 24 * 3_600_000
/** From condemned to removed. */
export const condemnedMsMax = 24 * 3_600_000
/** A collection goes on with the next of these until none is left. */
const removedAtOnce = 1_000

export type Collected = {
  readonly condemned: number
  readonly removed: number
  readonly removedBytes: number
  readonly uploads: number
}

/** One round; several may run at once, and beside any push. */
export const collect = async (ctx: Context): Promise<Collected> => {
  const uploads = await clearUploads(ctx)
  const condemned = await condemn(ctx)
  let [removed, removedBytes] = [0, 0]
  for (const digest of await due(ctx)) {
    const freed = await removeOne(ctx, digest)
    if (freed === undefined) continue
    removed++
    removedBytes += freed
  }
  return { condemned, removed, removedBytes, uploads }
}

const condemn = (ctx: Context): Promise<number> =>
  atomically(ctx, async (tx) => {
    const at = tx.now()
    const before = new Date(at.getTime() - unreferencedMsMax)
    await rows(tx).deleteFrom('artifact_pin').where('until', '<', at).execute()
    await sql`with gone as (
        delete from artifact_link link where linked_at < ${before}
          and not exists (select from artifact_reference where package_id = link.package_id and digest = link.digest)
        returning package_id, size_bytes)
      update artifact_usage set bytes = artifact_usage.bytes - freed.bytes
      from (select repository_id, sum(size_bytes)::int8 as bytes from gone join artifact_package on id = package_id group by repository_id) freed
      where artifact_usage.repository_id = freed.repository_id`.execute(tx.db)
    const { numAffectedRows = 0n } = await sql`update artifact set condemned_at = ${at}
      where condemned_at is null and created_at < ${before}
        and not exists (select from artifact_link where blob = artifact.digest)
        and not exists (select from artifact_pin where digest = artifact.digest)`.execute(tx.db)
    return Number(numAffectedRows)
  })

const due = async (ctx: Context): Promise<string[]> => {
  const before = new Date(ctx.now().getTime() - condemnedMsMax)
  const found = await rows(ctx)
    .selectFrom('artifact')
    .select('digest')
    .where('condemned_at', '<', before)
    .orderBy('condemned_at')
    .limit(removedAtOnce)
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
