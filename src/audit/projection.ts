import { sql } from 'kysely'
import { atomically, type Context } from '#platform/context.ts'
import { leavesBetween, latestCheckpoint, project } from './store.ts'

const page = 500

/** Makes the search table anew from the leaves, in one transaction: readers see the old one until the new one is whole. */
export const rebuildProjection = (ctx: Context): Promise<number> =>
  atomically(ctx, async (tx) => {
    const size = (await latestCheckpoint(tx))?.tree_size ?? 0
    await sql`delete from audit_entry`.execute(tx.db)
    for (let start = 0; start < size; start += page) await project(tx, await leavesBetween(tx, start, start + page))
    return size
  })
