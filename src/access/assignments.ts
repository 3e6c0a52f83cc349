// Who has which role where, who is denied what, and who may have it for a time, as resources. The list shows every grant there is, whoever made it.
import { isDeepStrictEqual } from 'node:util'
import { principalExists } from '#identity'
import { findRole, followLeaving, observeGrants, putGrant, removeGrant, type GrantObserver } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, listAlongside, unlist, type Change, type Resource } from '#resources'
import { Assignment, checkSpec, faulty, grantIn, specFrom, specOf } from './assignment-spec.ts'
import { endElevationsOf, endOrphaned } from './elevations.ts'
import { refuseSelfGrant, refuseSelfRelease, requireHeld } from './handing-on.ts'

const kind = 'role-assignment'

export const defineAssignments = (site: Site): void => {
  defineKind(site, {
    kind,
    plural: 'role-assignments',
    title: 'Role assignment',
    description:
      'A role that a person or group holds, or may activate, at a scope and below it; or actions they are denied there.',
    spec: Assignment,
    idPrefix: 'grant',
    governs: true,
    admit: admitAssignment,
    applied: applyAssignment,
    removed: async (tx, resource) => {
      const given = { kind, verb: 'delete' as const, scopeId: resource.scopeId }
      await refuseSelfRelease(tx, given, resource)
      await requireHeld(tx, given, [resource])
      await endElevationsOf(tx, resource.id, 'the assignment was deleted')
      await removeGrant(tx, resource.id)
    },
  })
  observeGrants(site, inventory)
  followLeaving(site, endOrphaned)
}

const admitAssignment = async (tx: Context, { resource, before }: Change): Promise<void> => {
  const spec = specOf(resource)
  if (!(await principalExists(tx, spec.principal)))
    throw faulty('/spec/principal', `There is no person or group ${spec.principal}.`)
  await checkSpec(tx, spec)
  await checkRoles(tx, spec)
  const given = { kind, verb: 'apply' as const, scopeId: resource.scopeId }
  await refuseSelfGrant(tx, given, resource)
  if (before) await refuseSelfRelease(tx, given, before)
  await requireHeld(tx, given, before ? [before, resource] : [resource])
}

const checkRoles = async (tx: Context, { role, eligible }: Assignment): Promise<void> => {
  if (role !== undefined) await findRole(tx, role)
  if (eligible?.approverRole === undefined) return
  const { actions } = await findRole(tx, eligible.approverRole)
  if (!actions.includes('change-set.approve'))
    throw faulty('/spec/eligible/approverRole', `The role ${eligible.approverRole} may not approve anything.`)
}

/** Whoever activated it as it was holds that no longer. */
const applyAssignment = async (tx: Context, { resource, before }: Change): Promise<void> => {
  if (before && !isDeepStrictEqual(withoutReason(before), withoutReason(resource)))
    await endElevationsOf(tx, resource.id, 'the assignment was changed')
  await putGrant(tx, grantIn(resource))
}

const withoutReason = (resource: Resource) => ({ ...specOf(resource), reason: undefined })

/** Grants that others write (the first owner's at set-up; those that go with a person) are in the inventory like any other. Elevations are listed by themselves. */
const inventory: GrantObserver = {
  put: async (tx, grant) => {
    if (grant.assignmentId !== undefined) return
    await listAlongside(tx, {
      id: grant.id,
      kind,
      scopeId: grant.scopeId,
      name: `${grant.role ?? 'denied'}-${grant.id.slice(-10)}`,
      owner: grant.principalId,
      spec: specFrom(grant),
    })
  },
  removed: (tx, grantIds) => unlist(tx, grantIds),
}
