// Elevations as facts: grants that hold for a time because someone activated what they were eligible for. What is written is written as any grant is.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import { remembered } from './cache.ts'
import { filterFor, visible } from './filter.ts'
import type { Eligible } from './grants.ts'

export type Elevation = {
  readonly id: string
  readonly principalId: string
  readonly assignmentId: string
  readonly role: string
  readonly scopeId: string
  readonly path: string
  readonly startsAt: Date
  readonly expiresAt: Date
  readonly reason: string
}

type Tables = {
  policy_grant: {
    id: string
    principal_id: string
    assignment_id: string | null
    role: string
    scope_id: string
    starts_at: Date
    expires_at: Date
    reason: string
    eligible: Eligible | null
  }
  policy_scope: { id: string; path: string }
}
const rows = (ctx: { db: Db }) => ctx.db.withTables<Tables>()

const elevations = (ctx: { db: Db }) =>
  rows(ctx)
    .selectFrom('policy_grant')
    .innerJoin('policy_scope', 'policy_scope.id', 'policy_grant.scope_id')
    .where('assignment_id', 'is not', null)
    .select([
      'policy_grant.id',
      'principal_id as principalId',
      'assignment_id as assignmentId',
      'role',
      'scope_id as scopeId',
      'path',
      'starts_at as startsAt',
      'expires_at as expiresAt',
      'reason',
    ])
    .$narrowType<{ assignmentId: string }>()

/** Those that hold now and the caller may see, newest first. */
export const listElevations = async (ctx: Context, { after, limit }: { after?: string; limit: number }): Promise<Elevation[]> => {
  const filter = await filterFor(ctx, 'elevation.read')
  let query = elevations(ctx)
    .where('expires_at', '>', ctx.now())
    .where(visible(filter, ctx.actor.id, { scope: 'policy_grant.scope_id', owner: 'policy_grant.principal_id' }))
    .orderBy('policy_grant.id', 'desc')
    .limit(limit)
  if (after !== undefined) query = query.where('policy_grant.id', '<', after)
  return query.execute()
}

/** Held for the rest of the transaction. The next four are undecided: for the room that decides. */
export const holdElevation = (tx: Context, id: string): Promise<Elevation | undefined> =>
  elevations(tx).where('policy_grant.id', '=', id).forUpdate('policy_grant').executeTakeFirst()

export const elevationsOf = (ctx: Pick<Context, 'db'>, assignmentId: string): Promise<Elevation[]> =>
  elevations(ctx).where('assignment_id', '=', assignmentId).orderBy('policy_grant.id').execute()

/** Of those who are not, or no longer, who the assignment is for. */
export const orphanedElevations = (ctx: Pick<Context, 'db'>): Promise<Elevation[]> =>
  elevations(ctx)
    .where(
      sql<boolean>`not exists (
        with recursive around as (select policy_grant.principal_id as id union select group_id from policy_member join around on around.id = member_id)
        select from policy_grant given join around on around.id = given.principal_id where given.id = policy_grant.assignment_id)`,
    )
    .execute()

/** Those who activate the same thing at once take turns, and the second finds it activated. */
export const elevationOf = async (
  tx: Context,
  { assignmentId, principalId }: { assignmentId: string; principalId: string },
): Promise<Elevation | undefined> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`elevation ${assignmentId} ${principalId}`}, 0))`.execute(tx.db)
  return elevations(tx).where('assignment_id', '=', assignmentId).where('principal_id', '=', principalId).executeTakeFirst()
}

/** What an assignment asks of whoever activates it. */
export const eligibilityOf = (ctx: Pick<Context, 'site' | 'db'>, assignmentId: string): Promise<Eligible | undefined> =>
  remembered(
    ctx,
    `eligible ${assignmentId}`,
    async (db) => {
      const row = await rows({ db })
        .selectFrom('policy_grant')
        .select('eligible')
        .where('id', '=', assignmentId)
        .executeTakeFirst()
      return row?.eligible ?? undefined
    },
    assignmentId,
  )
