import { sql, type ColumnType, type Selectable, type SqlBool } from 'kysely'
import type { SignatureEvidence } from '#identity'
import { findScope, rootScope, visible, type Filter } from '#policy'
import type { Context, Obligation, Principal, ResourceRef } from '#platform/context.ts'
import { notFound } from '#platform/problem.ts'
import type { State } from './schema.ts'

export type Tables = {
  change_set: {
    id: string
    requester: string
    /** The requester as they were: by which credential, from where, with which factors. */
    principal: Principal
    operation_id: string
    reason: string
    obligations: Obligation[]
    document: string
    digest: string
    state: Exclude<State, 'expired'>
    created_at: Date
    expires_at: Date
    ended_at: ColumnType<Date | null, undefined>
    ended_by: ColumnType<string | null, undefined>
    ended_because: ColumnType<unknown, undefined>
    reply_sealed: ColumnType<Buffer | null, undefined>
  }
  change_set_place: { change_set_id: string; scope_id: string; rank: number; caveats: string[] }
  change_set_approval: { change_set_id: string; approver: string; principal: Principal; evidence: SignatureEvidence; at: Date }
}
export type Row = Selectable<Tables['change_set']>
export type Place = Omit<Selectable<Tables['change_set_place']>, 'change_set_id'>
export type ApprovalRow = Selectable<Tables['change_set_approval']>
type On = Pick<Context, 'db'>

export const rows = (ctx: On) => ctx.db.withTables<Tables>()

type Opened = Omit<Row, 'ended_at' | 'ended_by' | 'ended_because' | 'reply_sealed'>

export const insertChangeSet = async (tx: Context, row: Opened, places: readonly Place[]): Promise<void> => {
  await rows(tx)
    .insertInto('change_set')
    .values({ ...row, principal: json(row.principal), obligations: json(row.obligations) })
    .execute()
  await rows(tx)
    .insertInto('change_set_place')
    .values(places.map((place) => ({ ...place, change_set_id: row.id })))
    .execute()
}

export const insertApproval = async (tx: Context, row: ApprovalRow): Promise<void> => {
  await rows(tx)
    .insertInto('change_set_approval')
    .values({ ...row, principal: json(row.principal), evidence: json(row.evidence) })
    .execute()
}

/** pg would send an array as a PostgreSQL array; JSON is sent as text, and comes back as the value. */
const json = <T>(value: T): T => JSON.stringify(value) as T

/** In the very words of a refusal by policy, or ids would tell what exists. */
const none = (id: string) => notFound(`No change-set ${id} that you may see.`)

export const find = async (ctx: On, id: string): Promise<Row> => {
  const row = await rows(ctx).selectFrom('change_set').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw none(id)
  return row
}

/** Whoever decides on it decides alone: approvers, refusers and its requester take turns. */
export const lock = async (tx: Context, id: string): Promise<Row> => {
  const row = await rows(tx).selectFrom('change_set').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (!row) throw none(id)
  return row
}

export type Ending = Pick<Row, 'state'> & { because?: unknown; reply?: Buffer }

export const end = async (tx: Context, id: string, { state, because, reply }: Ending): Promise<void> => {
  await rows(tx)
    .updateTable('change_set')
    .set({
      state,
      ended_at: tx.now(),
      ended_by: tx.actor.id,
      ended_because: because === undefined ? null : json(because),
      reply_sealed: reply ?? null,
    })
    .where('id', '=', id)
    .execute()
}

export const approvalsOf = (ctx: On, id: string): Promise<ApprovalRow[]> =>
  rows(ctx)
    .selectFrom('change_set_approval')
    .selectAll()
    .where('change_set_id', '=', id)
    .orderBy('at')
    .orderBy('approver')
    .execute()

/** What policy is asked about a change set: itself, once for each place that it acts at. A place that is gone leaves the question to those above everything. */
export const refsOf = async (
  ctx: On,
  row: Pick<Row, 'id' | 'requester'>,
  { owned }: { owned: boolean },
): Promise<ResourceRef[]> => {
  const places = await rows(ctx).selectFrom('change_set_place').selectAll().where('change_set_id', '=', row.id).execute()
  const root = (await rootScope(ctx))?.id ?? ''
  return Promise.all(
    places.map(async ({ scope_id, rank, caveats }) => ({
      kind: 'change-set',
      id: row.id,
      scope: (await findScope(ctx, scope_id)) ? scope_id : root,
      label: { rank, caveats },
      ...(owned ? { owner: row.requester } : {}),
    })),
  )
}

/** The same as a condition for one query: every place of the change set passes the filter. */
export const visibleEverywhere = (filter: Filter, actorId: string, { owned }: { owned: boolean }) =>
  sql<SqlBool>`not exists (select from change_set_place place where place.change_set_id = change_set.id and not ${visible(
    filter,
    actorId,
    {
      scope: 'place.scope_id',
      rank: 'place.rank',
      caveats: 'place.caveats',
      ...(owned ? { owner: 'change_set.requester' } : {}),
    },
  )})`
