// The search table is what the leaves say, so it can be made anew from them at any time: page by page, beside readers and the sequencer.
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import { atomically, type Context } from '#platform/context.ts'
import { recordAlone } from './record.ts'
import { logOrigin } from './sequencer.ts'
import { latestCheckpoint, leavesBetween, project } from './store.ts'

const page = 500
const lockKey = 4_600_003

type Rebuilt = { done: number; of: number }

/** Readers see a page as it was until it is as its leaves say. Stopped in between, it is begun again; two at once take turns. */
async function* rebuildProjection(ctx: Context): AsyncGenerator<Rebuilt> {
  const of = (await latestCheckpoint(ctx))?.tree_size ?? 0
  // First what no leaf stands behind: it could hold the place or the id of an entry that does.
  await sql`delete from audit_entry where not exists (select from log_entry where log_entry.idx = audit_entry.idx)`.execute(
    ctx.db,
  )
  for (let start = 0; start < of && !ctx.signal.aborted; start += page) {
    const end = Math.min(of, start + page)
    await atomically(ctx, async (tx) => {
      await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx.db)
      const leaves = await leavesBetween(tx, start, end)
      await sql`delete from audit_entry where (idx >= ${start} and idx < ${end}) or id = any(${leaves.map(({ id }) => id)}::text[])`.execute(
        tx.db,
      )
      await project(tx, leaves)
    })
    yield { done: end, of }
  }
}

/** Rebuilds, and tells how far it is as lines; the last says that all is done. */
export const rebuildSearch = async (ctx: Context): Promise<Readable> => {
  const on = { kind: 'log', id: logOrigin(ctx.site) }
  await ctx.authorize('audit.rebuild', on)
  await recordAlone(ctx, 'audit.rebuild', on, {})
  const lines = async function* () {
    let done = 0
    for await (const progress of rebuildProjection(ctx)) {
      done = progress.done
      yield `${JSON.stringify(progress)}\n`
    }
    if (!ctx.signal.aborted) yield `${JSON.stringify({ rebuilt: done })}\n`
  }
  return Readable.from(lines())
}
