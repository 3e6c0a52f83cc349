// Who looks after people must not become them: nobody hands on more than they hold, and owners are touched by owners alone.
import { recordDenialAfter } from '#audit'
import {
  clearanceOf,
  findRole,
  forGood,
  grantsOf as policyGrantsOf,
  groupsWith,
  isInForce,
  isWithin,
  lacking,
  leq,
  requireOwner,
  roles,
} from '#policy'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { rows, type GroupId } from './tables.ts'

export const selfGrant = problem('self-grant', 403, 'Nobody raises their own rights')
export const aboveYou = problem('above-you', 403, 'They may do more than you')

/** What they hold at this moment: not what they could activate, nor what has ended. */
export const grantsOf = async (ctx: Context, principalId: string): Promise<{ role: string; scope: string; path: string }[]> =>
  (await policyGrantsOf(ctx, principalId)).flatMap(({ role, scope, path, ...grant }) =>
    role === undefined || !isInForce(grant, ctx.now().getTime()) ? [] : [{ role, scope, path }],
  )

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

/** Asked before a link is made that makes its holder them, and before someone is put into a group: whoever hands on rights must hold them, for as long. */
export const refuseBeyond = async (tx: Context, principalId: string): Promise<void> => {
  if (tx.actor.id === principalId || tx.actor.kind === 'system') return
  if (!leq(await clearanceOf(tx, principalId), await clearanceOf(tx, tx.actor.id)))
    throw aboveYou('They are cleared for more than you are.')
  for (const grant of await policyGrantsOf(tx, principalId)) {
    if (grant.role === undefined) continue
    const missing = await lacking(tx, (await findRole(tx, grant.role)).actions, grant.scope, grant.expiresAt ?? forGood)
    if (missing.length > 0)
      throw aboveYou(`That hands on the role ${grant.role} at ${grant.path}, which holds more than yours, or for longer.`, {
        path: grant.path,
        lacking: missing.slice(0, 20),
      })
  }
}

/** Asked before anyone enters or leaves a group: nobody comes by rights that it has, or is rid of what it is denied, by their own hand. */
export const refuseForOneself = async (
  tx: Context,
  groupId: string,
  memberId: string,
  verb: 'enter' | 'leave',
): Promise<void> => {
  if (!(await isWithin(tx, tx.actor.id, memberId))) return
  const effect = verb === 'enter' ? 'allow' : 'deny'
  const grant = (await policyGrantsOf(tx, groupId)).find((held) => held.effect === effect)
  if (!grant) return
  recordDenialAfter(
    tx,
    'group.update',
    { kind: 'group', id: groupId },
    { self: true, [verb === 'enter' ? 'added' : 'removed']: memberId },
  )
  throw selfGrant(
    verb === 'enter'
      ? `Whoever is in it has the role ${grant.role} at ${grant.path}: someone else puts you there.`
      : `Whoever is in it is denied something at ${grant.path}: someone else takes you out.`,
    { path: grant.path },
  )
}

/** Asked before someone is shut out or let in again, which gives its doer nothing: only owners are out of reach. */
export const protectOwners = async (tx: Context, principalId: string): Promise<void> => {
  if (tx.actor.id === principalId) return
  for (const grant of await policyGrantsOf(tx, principalId))
    if (grant.role === 'owner' && (await lacking(tx, roles.owner.actions, grant.scope)).length > 0)
      throw aboveYou(`They are owner at ${grant.path}. Only an owner may do this to an owner.`, { path: grant.path })
}

/** Someone who can sign in must remain who may give roles. */
export const refuseLastOwner = async (tx: Context, userId: string): Promise<void> => {
  if (!(await policyGrantsOf(tx, userId)).some((grant) => grant.role === 'owner')) return
  const out = await rows(tx).selectFrom('identity_user').select('id').where('state', '!=', 'active').execute()
  await requireOwner(tx, [userId, ...out.map((row) => row.id)])
}
