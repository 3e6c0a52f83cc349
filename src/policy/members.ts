// Who is in which group. Groups may contain groups, in no circle.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import { problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { changed } from './facts.ts'
import { holdOwners, requireOwner } from './owners.ts'
import { touches } from './touched.ts'

export const groupCycle = problem('group-cycle', 409, 'A group cannot contain itself')

type Tables = { policy_member: { group_id: string; member_id: string } }
const rows = (ctx: { db: Db }) => ctx.db.withTables<Tables>()

export const putMember = async (tx: Context, { groupId, memberId }: { groupId: string; memberId: string }): Promise<void> => {
  await holdOwners(tx)
  touches(tx, { principal: memberId })
  const { rows: circle } = await sql`
    with recursive below as (select ${memberId}::text as id union select member_id from policy_member join below on below.id = group_id)
    select 1 from below where id = ${groupId}`.execute(tx.db)
  if (circle.length > 0) throw groupCycle('That group already contains this one, directly or through others.')
  await rows(tx)
    .insertInto('policy_member')
    .values({ group_id: groupId, member_id: memberId })
    .onConflict((on) => on.doNothing())
    .execute()
  // What the group is denied its new member is denied.
  if (await isDenied(tx)) await requireOwner(tx)
  await changed(tx, [memberId])
}

/** Only a denial at the root can lock an owner out by way of a group; without one, a group of 100,000 is filled without asking each time. */
const isDenied = async (tx: Context): Promise<boolean> => {
  const { rows: found } = await sql`select from policy_grant join policy_scope on policy_scope.id = scope_id
    where effect = 'deny' and parent_id is null limit 1`.execute(tx.db)
  return found.length > 0
}

/** Hears that someone is in a group no more, in the transaction that says so. */
type Follower = (tx: Context) => Promise<void>
const followers = new WeakMap<Site, Follower>()
export const followLeaving = (site: Site, follower: Follower): void => void followers.set(site, follower)
export const tellLeft = async (tx: Context): Promise<void> => followers.get(tx.site)?.(tx)

export const removeMember = async (tx: Context, { groupId, memberId }: { groupId: string; memberId: string }): Promise<void> => {
  touches(tx, { principal: memberId })
  await rows(tx).deleteFrom('policy_member').where('group_id', '=', groupId).where('member_id', '=', memberId).execute()
  await requireOwner(tx)
  await changed(tx, [memberId])
  await tellLeft(tx)
}

export const membersOf = async (ctx: Pick<Context, 'db'>, groupId: string): Promise<string[]> =>
  (
    await rows(ctx).selectFrom('policy_member').select('member_id').where('group_id', '=', groupId).orderBy('member_id').execute()
  ).map((row) => row.member_id)

export const groupsWith = async (ctx: Pick<Context, 'db'>, memberId: string): Promise<string[]> =>
  (
    await rows(ctx).selectFrom('policy_member').select('group_id').where('member_id', '=', memberId).orderBy('group_id').execute()
  ).map((row) => row.group_id)

/** Whether someone is a principal, or in it through however many groups. */
export const isWithin = async (ctx: Pick<Context, 'db'>, memberId: string, principalId: string): Promise<boolean> => {
  const { rows: found } = await sql`
    with recursive around as (select ${memberId}::text as id union select group_id from policy_member join around on around.id = member_id)
    select from around where id = ${principalId}`.execute(ctx.db)
  return found.length > 0
}
