// The inventory for whoever judges it: documents a slice at a time, what changed since a point, and by whom. Undecided: what is made of it is filtered there.
import { sql, type RawBuilder } from 'kysely'
import type { GuardrailDocument } from '#guardrails'
import type { Context } from '#platform/context.ts'
import { documentsFor } from './documents.ts'
import { visibleAmong } from './page.ts'
import { refOf, rows, select, type Row } from './store.ts'

export type Judgeable = {
  readonly doc: GuardrailDocument
  readonly ref: ReturnType<typeof refOf>
  readonly generation: number
}

/** In the order of their ids; those that are not there are left out. */
export const judgeable = async (ctx: Context, ids: readonly string[]): Promise<Judgeable[]> => {
  if (ids.length === 0) return []
  const found: Row[] = await select(ctx)
    .where('resource.id', 'in', [...ids])
    .orderBy('resource.id')
    .execute()
  const docs = await documentsFor(ctx, found)
  return found.map((row, i) => ({ doc: docs[i]!, ref: refOf(row), generation: row.generation }))
}

/** The next ids of all there is, in their order. */
export const idsAfter = async (
  ctx: Pick<Context, 'db'>,
  { after, upTo, limit }: { after: string; upTo?: string | undefined; limit: number },
): Promise<string[]> => {
  const next = rows(ctx).selectFrom('resource').select('id').where('id', '>', after).orderBy('id').limit(limit)
  const found = await (upTo === undefined ? next : next.where('id', '<=', upTo)).execute()
  return found.map(({ id }) => id)
}

/** A point in the stream of changes, in the order of their transactions. */
export type ChangePoint = { readonly xact: string; readonly seq: string }

/** Ids of what changed after a point, also by changes whose order is not settled yet: nothing that a reader can see is missed. */
export const changedAfter = ({ xact, seq }: ChangePoint): RawBuilder<{ id: string }> =>
  sql`select distinct resource_id as id from resource_change
    where (xact, seq) > (${xact}::xid8, ${seq}::bigint) and xact < pg_snapshot_xmax(pg_current_snapshot())`

export type Followed = ChangePoint & { readonly id: string; readonly deleted: boolean }

/** Only of transactions that ended before every one still open: a later one cannot appear in front of what was told. */
export const followChanges = async (ctx: Pick<Context, 'db'>, { xact, seq }: ChangePoint, limit: number): Promise<Followed[]> => {
  const { rows: found } = await sql<Followed>`
    select xact::text as xact, seq::text as seq, resource_id as id, change = 'deleted' as deleted from resource_change
    where (xact, seq) > (${xact}::xid8, ${seq}::bigint) and xact < pg_snapshot_xmin(pg_current_snapshot())
    order by resource_change.xact, resource_change.seq limit ${limit}`.execute(ctx.db)
  return found
}

/** Those that need one of these, and those that one of these needs: what a room knows of one may hang on the other. */
export const neighboursOf = async (ctx: Pick<Context, 'db'>, ids: readonly string[]): Promise<string[]> => {
  if (ids.length === 0) return []
  const { rows: found } = await sql<{ id: string }>`
    select from_id as id from resource_edge where to_id = any(${[...ids]}::text[])
    union select to_id from resource_edge where from_id = any(${[...ids]}::text[])`.execute(ctx.db)
  return found.map(({ id }) => id)
}

/** Who made it what it is. */
export type Author = { readonly id: string; readonly actor: string; readonly requestId: string }

export const authorsOf = async (
  ctx: Pick<Context, 'db'>,
  of: readonly { id: string; generation: number }[],
): Promise<Author[]> => {
  if (of.length === 0) return []
  const { rows: found } = await sql<Author>`
    select resource_id as id, actor, request_id as "requestId" from resource_revision
    where (resource_id, generation) in (
      select id, generation from jsonb_to_recordset(${JSON.stringify(of)}::jsonb) as given (id text, generation int))`.execute(
    ctx.db,
  )
  return found
}

/** Ids, as a query, of those that the caller may read as they are now. */
export const readable = async (ctx: Context, kinds: readonly string[]): Promise<RawBuilder<{ id: string }>> =>
  sql`select resource.id from resource where ${await visibleAmong(ctx, kinds)}`
