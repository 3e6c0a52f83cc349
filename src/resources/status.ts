import { sql } from 'kysely'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { announce, json, rows } from './store.ts'
import { wakeWatchers } from './watch.ts'

/** Observed state, by the room that observes it: no generation, no audit entry, but watchers see it. The same again is no news. */
export const setStatus = (ctx: Context, id: string, status: Record<string, unknown>): Promise<void> =>
  atomically(ctx, async (tx) => {
    const row = await rows(tx)
      .updateTable('resource')
      .set({ status: json(status) })
      .where('id', '=', id)
      .where(sql<boolean>`status is distinct from ${JSON.stringify(status)}::jsonb`)
      .returning(['id', 'kind', 'governing_scope_id'])
      .executeTakeFirst()
    if (!row) return // nothing new, or deleted meanwhile
    await announce(tx, row, 'status')
    afterCommit(tx, () => wakeWatchers(tx.site))
  })
