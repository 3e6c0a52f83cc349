import { sql } from 'kysely'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { emit } from '#platform/events.ts'
import { notFound } from '#platform/problem.ts'
import type { Resource } from './schema.ts'
import { announce, json, rows, select, toResource } from './store.ts'
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

/** Observed state that someone decided, worked out from what it is at that moment: no generation, and the record is the room's. Judged anew, with what depends on it. */
export const changeStatus = async (
  tx: Context,
  id: string,
  change: (resource: Resource) => Record<string, unknown>,
): Promise<Resource> => {
  const row = await select(tx).where('resource.id', '=', id).forNoKeyUpdate('resource').executeTakeFirst()
  if (!row) throw notFound('Someone deleted it a moment ago.')
  const status = change(toResource(row))
  await rows(tx)
    .updateTable('resource')
    .set({ status: json(status) })
    .where('id', '=', id)
    .execute()
  await announce(tx, row, 'status')
  await emit(tx, 'resource.changed', { id, kind: row.kind, change: 'status' })
  const dependents = await rows(tx)
    .selectFrom('resource_edge')
    .innerJoin('resource', 'resource.id', 'resource_edge.from_id')
    .select(['resource.id', 'resource.kind'])
    .where('to_id', '=', id)
    .execute()
  for (const { id: dependent, kind } of dependents) await emit(tx, 'resource.changed', { id: dependent, kind, change: 'needed' })
  afterCommit(tx, () => wakeWatchers(tx.site))
  return toResource({ ...row, status })
}
