// Looking: what one asked for, and what others ask, where one may read at every place it acts at.
import { sql } from 'kysely'
import { findUsers, signingOptions, type From } from '#identity'
import { filterFor } from '#policy'
import type { Context } from '#platform/context.ts'
import { statementOf } from './document.ts'
import { openReply } from './execute.ts'
import { hindranceFor, stateOf } from './fitness.ts'
import type { ChangeSet, ChangeSetDetail, ChangeSetQuery } from './schema.ts'
import { approvalsOf, find, refsOf, rows, visibleEverywhere, type Row } from './store.ts'

/** Throws alike for what is not there and for what one may not see. */
export const readable = async (ctx: Context, id: string): Promise<Row> => {
  const row = await find(ctx, id)
  for (const ref of await refsOf(ctx, row, { owned: true })) await ctx.authorize('change-set.read', ref)
  return row
}

type Listed = Omit<Row, 'document' | 'principal'> & { approvers: string[] }

const summaryOf = (ctx: Context, row: Listed): ChangeSet => ({
  id: row.id,
  state: stateOf(ctx, row),
  operationId: row.operation_id,
  requester: row.requester,
  reason: row.reason,
  obligations: row.obligations.map((obligation) => ({ ...obligation })),
  approvers: row.approvers,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  ...(row.ended_at ? { endedAt: row.ended_at.toISOString() } : {}),
})

const named = async <T extends ChangeSet>(ctx: Context, items: readonly T[]): Promise<T[]> => {
  const people = await findUsers(
    ctx,
    items.map(({ requester }) => requester),
  )
  return items.map((item) => {
    const requesterName = people.get(item.requester)?.displayName
    return { ...item, ...(requesterName === undefined ? {} : { requesterName }) }
  })
}

export const getChangeSet = async (ctx: Context, id: string): Promise<ChangeSetDetail> => {
  const row = await readable(ctx, id)
  const approvals = await approvalsOf(ctx, id)
  const hindrance = await hindranceFor(ctx, row, approvals)
  const detail: ChangeSetDetail = {
    ...summaryOf(ctx, { ...row, approvers: approvals.map(({ approver }) => approver) }),
    document: row.document,
    digest: row.digest,
    approvals: approvals.map(({ approver, at, evidence }) => ({ approver, at: at.toISOString(), evidence })),
    ...(row.ended_by === null ? {} : { endedBy: row.ended_by }),
    ...(row.ended_because === null ? {} : { endedBecause: row.ended_because }),
    mayApprove: hindrance === undefined,
    ...(hindrance ? { hindrance: hindrance.message } : {}),
    ...(row.reply_sealed && row.requester === ctx.actor.id ? { reply: { ...openReply(ctx, id, row.reply_sealed) } } : {}),
  }
  return (await named(ctx, [detail]))[0]!
}

const pageRowsDefault = 50

export const listChangeSets = async (ctx: Context, query: ChangeSetQuery): Promise<{ items: ChangeSet[]; next?: string }> => {
  const limit = query.limit ?? pageRowsDefault
  let wanted = rows(ctx)
    .selectFrom('change_set')
    .select(['id', 'requester', 'operation_id', 'reason', 'obligations', 'digest', 'state', 'created_at', 'expires_at'])
    .select(['ended_at', 'ended_by', 'ended_because', 'reply_sealed'])
    .select(
      sql<string[]>`array(select approver from change_set_approval where change_set_id = change_set.id order by at)`.as(
        'approvers',
      ),
    )
    .where(visibleEverywhere(await filterFor(ctx, 'change-set.read'), ctx.actor.id, { owned: true }))
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (query.after !== undefined) wanted = wanted.where('id', '<', query.after)
  if (query.mine === 'asked') wanted = wanted.where('requester', '=', ctx.actor.id)
  if (query.mine === 'approvable')
    wanted = wanted
      .where('requester', '!=', ctx.actor.id)
      .where(visibleEverywhere(await filterFor(ctx, 'change-set.approve'), ctx.actor.id, { owned: false }))
      .where(
        sql<boolean>`not exists (select from change_set_approval where change_set_id = change_set.id and approver = ${ctx.actor.id})`,
      )
  const state = query.state ?? (query.mine === 'approvable' ? 'open' : undefined)
  if (state !== undefined) wanted = wanted.where('state', '=', state === 'expired' ? 'open' : state)
  if (state === 'open') wanted = wanted.where('expires_at', '>', ctx.now())
  if (state === 'expired') wanted = wanted.where('expires_at', '<=', ctx.now())
  const found = await wanted.execute()
  const items = await named(
    ctx,
    found.slice(0, limit).map((row) => summaryOf(ctx, row)),
  )
  return { items, ...(found.length > limit ? { next: items.at(-1)!.id } : {}) }
}

/** What the caller would put their name under, and how a browser asks their passkey for it. */
export const toSign = async (ctx: Context, id: string, from: From) => {
  const { digest } = await readable(ctx, id)
  const statement = statementOf(digest, ctx.actor.id)
  const passkey = await signingOptions(ctx, statement, from)
  return { statement, ...(passkey ? { passkey: { ...passkey } } : {}) }
}
