// Who has which role where, as resources. Nobody hands on what they do not hold, and the list shows every grant there is, whoever made it.
import { Type } from 'typebox'
import { principalExists } from '#identity'
import { lacking, observeGrants, parseRole, putGrant, removeGrant, roleNames, roles, type GrantObserver } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, listAlongside, unlist, type Change, type Resource } from '#resources'
import { escalation, selfGrant } from './problems.ts'
import { refusedAfter } from './refused.ts'

const kind = 'role-assignment'

const Assignment = Type.Object(
  {
    principal: Type.String({ pattern: '^(user|group)_[0-9a-z]{26}$', description: 'Id of a person or group' }),
    role: Type.Union(roleNames.map((name) => Type.Literal(name))),
  },
  { additionalProperties: false },
)

export const defineAssignments = (site: Site): void => {
  defineKind(site, {
    kind,
    plural: 'role-assignments',
    title: 'Role assignment',
    description: 'A role that a person or group holds at a scope and below it.',
    spec: Assignment,
    idPrefix: 'grant',
    governs: true,
    admit: admitAssignment,
    applied: (tx, { resource }) => putGrant(tx, { id: resource.id, scopeId: resource.scopeId, ...heldIn(resource) }),
    removed: async (tx, resource) => {
      await requireAll(tx, [heldIn(resource).role], resource.scopeId, 'delete')
      await removeGrant(tx, resource.id)
    },
  })
  observeGrants(site, inventory)
}

const heldIn = ({ spec }: Resource) => ({ principalId: String(spec['principal']), role: parseRole(String(spec['role'])) })

const admitAssignment = async (tx: Context, { resource, before }: Change): Promise<void> => {
  const { principalId, role } = heldIn(resource)
  if (!(await principalExists(tx, principalId)))
    throw invalid(`There is no person or group ${principalId}.`, {
      faults: [{ at: '/spec/principal', message: 'no such person or group' }],
    })
  if (tx.actor.id === principalId) {
    refusedAfter(tx, kind, 'apply', { role, self: true }, resource.scopeId)
    throw selfGrant('A role for yourself is given by someone else.')
  }
  await requireAll(tx, before ? [heldIn(before).role, role] : [role], resource.scopeId, 'apply')
}

/** Who may not give a role may not take it away either. Without this, whoever gives roles could give a friend what was kept from them. */
const requireAll = async (
  tx: Context,
  given: readonly (keyof typeof roles)[],
  scopeId: string,
  verb: 'apply' | 'delete',
): Promise<void> => {
  const missing = await lacking(tx, [...new Set(given.flatMap((role) => roles[role].actions))], scopeId)
  if (missing.length === 0) return
  refusedAfter(tx, kind, verb, { role: given[0]!, missing: missing.length }, scopeId)
  throw escalation(
    `To ${verb === 'apply' ? 'give' : 'take away'} the role ${given.join(' or ')} here you must hold all it holds. You lack: ${missing.join(', ')}.`,
    { missing },
  )
}

/** Grants that others write (the first owner's at set-up; those that go with a person) are in the inventory like any other. */
const inventory: GrantObserver = {
  put: async (tx, { id, principalId, role, scopeId }) => {
    if (role === undefined) return
    await listAlongside(tx, {
      id,
      kind,
      scopeId,
      name: `${role}-${id.slice(-10)}`,
      owner: principalId,
      spec: { principal: principalId, role },
    })
  },
  removed: (tx, grantIds) => unlist(tx, grantIds),
}
