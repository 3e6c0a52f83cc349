// Roles made here, as resources: a name for a set of actions. Nobody puts into a role what they do not hold, whoever is to have it.
import { Type, type Static } from 'typebox'
import { selfGrant } from '#identity'
import { actionsOf, forGood, grantsOf, lacking, putRole, removeRole } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, type Change, type Resource } from '#resources'
import { requireOrganisation } from './organisation.ts'
import { escalation } from './problems.ts'
import { refusedAfter } from './refused.ts'

const kind = 'role'

const Spec = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.Optional(Type.String({ maxLength: 1000 })),
    actions: Type.Array(
      Type.String({ minLength: 1, maxLength: 100, description: '`model.apply`, or `model.*` for all of a noun' }),
      {
        minItems: 1,
        maxItems: 200,
      },
    ),
  },
  { additionalProperties: false },
)

export const defineRoles = (site: Site): void =>
  defineKind(site, {
    kind,
    // `/roles` lists the built-in ones too, with what each comes to.
    plural: 'custom-roles',
    title: 'Role',
    description: 'A set of actions under a name, to be given by role assignments.',
    spec: Spec,
    idPrefix: 'role',
    admit: admitRole,
    applied: (tx, { resource }) => putRole(tx, { name: resource.name, ...specOf(resource) }),
    removed: async (tx, resource) => {
      await requireHeld(tx, resource, [resource], 'delete')
      await removeRole(tx, resource.name)
    },
  })

const specOf = ({ spec }: Resource) => ({ description: '', ...(spec as Static<typeof Spec>) }) // checked against the schema before it was stored

const admitRole = async (tx: Context, { resource, before }: Change): Promise<void> => {
  requireOrganisation(resource)
  await refuseRaise(tx, resource, before)
  await requireHeld(tx, resource, before ? [before, resource] : [resource], 'apply')
}

/** Who holds a role, or may activate it, does not add to it. */
const refuseRaise = async (tx: Context, resource: Resource, before: Resource | undefined): Promise<void> => {
  if (!before) return
  const had = new Set(actionsOf(specOf(before).actions))
  const added = actionsOf(specOf(resource).actions).filter((action) => !had.has(action))
  if (added.length === 0 || !(await grantsOf(tx, tx.actor.id)).some(({ role }) => role === resource.name)) return
  refusedAfter(tx, kind, 'apply', { role: resource.name, self: true }, resource.scopeId)
  throw selfGrant(`You hold the role ${resource.name}: someone else adds ${added.join(', ')} to it.`, { added })
}

/** Judged by what it comes to: a wildcard is all it stands for. Who may not put something into a role may not take it out either. */
const requireHeld = async (
  tx: Context,
  resource: Resource,
  states: readonly Resource[],
  verb: 'apply' | 'delete',
): Promise<void> => {
  const actions = new Set(states.flatMap((state) => actionsOf(specOf(state).actions)))
  const missing = await lacking(tx, [...actions], resource.scopeId, verb === 'apply' ? forGood : undefined)
  if (missing.length === 0) return
  refusedAfter(tx, kind, verb, { role: resource.name, missing: missing.length }, resource.scopeId)
  throw escalation(
    `To ${verb === 'apply' ? 'make or change' : 'delete'} the role ${resource.name} you must hold all it holds${verb === 'apply' ? ', for good' : ''}. You lack: ${missing.join(', ')}.`,
    { missing },
  )
}
