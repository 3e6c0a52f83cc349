// Who looks after people must not become them. Touching a person or group that holds roles takes the right to give those roles, and owners are touched by owners.
import { grantsOf as policyGrantsOf, groupsWith, heldRoles, requireOwner } from '#policy'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { rows, type GroupId } from './tables.ts'

export const aboveYou = problem('above-you', 403, 'They may do more than you')

export const grantsOf = async (ctx: Context, principalId: string): Promise<{ role: string; scope: string; path: string }[]> =>
  (await policyGrantsOf(ctx, principalId)).map(({ role, scope, path }) => ({ role, scope, path }))

export const groupsOf = async (ctx: Context, memberId: string): Promise<{ id: string; name: string }[]> => {
  const ids = await groupsWith(ctx, memberId)
  if (ids.length === 0) return []
  return rows(ctx)
    .selectFrom('identity_group')
    .select(['id', 'name'])
    .where('id', 'in', ids as GroupId[]) // compared, never trusted
    .orderBy('name')
    .execute()
}

/** Asked before a person is shut out, let in again or given a link that makes its holder them, and before a group's members change. */
export const protectAuthority = async (tx: Context, principalId: string): Promise<void> => {
  if (tx.actor.kind === 'system' || tx.actor.id === principalId) return
  for (const grant of await policyGrantsOf(tx, principalId)) {
    const mine = await heldRoles(tx, tx.actor, grant.scope)
    if (mine.includes('owner')) continue
    if (grant.role === 'owner')
      throw aboveYou(`They are owner at ${grant.path}. Only an owner may do this to an owner.`, { path: grant.path })
    await tx.authorize('role-assignment.apply', { kind: 'role-assignment', scope: grant.scope })
  }
}

/** A role reaches its holder through a group as well: nobody but an owner puts themselves, or a group they are in, into one that holds roles. */
export const refuseSelfGrant = async (tx: Context, groupId: string, memberId: string): Promise<void> => {
  if (tx.actor.kind === 'system') return
  const mine = new Set([tx.actor.id])
  for (const id of mine) for (const group of await groupsWith(tx, id)) mine.add(group) // a Set grows while it is walked: this is the closure
  if (!mine.has(memberId)) return
  for (const grant of await policyGrantsOf(tx, groupId))
    if (!(await heldRoles(tx, tx.actor, grant.scope)).includes('owner'))
      throw aboveYou(`That group holds the role ${grant.role} at ${grant.path}. Someone else puts you into it.`, {
        path: grant.path,
      })
}

/** Someone who can sign in must remain who may give roles. */
export const refuseLastOwner = async (tx: Context, userId: string): Promise<void> => {
  if (!(await policyGrantsOf(tx, userId)).some((grant) => grant.role === 'owner')) return
  const out = await rows(tx).selectFrom('identity_user').select('id').where('state', '!=', 'active').execute()
  await requireOwner(tx, [userId, ...out.map((row) => row.id)])
}
