// Nobody hands on what they do not hold, and nobody raises their own rights: not directly, not through a group, not by lifting what they are denied.
import { selfGrant } from '#identity'
import { actionMatches, actionsOf, allActions, findRole, forGood, isWithin, lacking } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Resource } from '#resources'
import { specOf, type Assignment } from './assignment-spec.ts'
import { escalation } from './problems.ts'
import { refusedAfter } from './refused.ts'

export type Given = { readonly kind: string; readonly verb: 'apply' | 'delete'; readonly scopeId: string }

export const refuseSelfGrant = async (tx: Context, { kind, verb, scopeId }: Given, resource: Resource): Promise<void> => {
  const { principal, effect = 'allow', role = '' } = specOf(resource)
  if (effect === 'deny' || !(await isWithin(tx, tx.actor.id, principal))) return
  refusedAfter(tx, kind, verb, { role, self: true }, scopeId)
  throw selfGrant(
    principal === tx.actor.id
      ? 'A role for yourself is given by someone else.'
      : `You are in the group ${principal}: a role for it is given by someone else.`,
  )
}

/** What one is denied is lifted, or made to reach less, by someone else. */
export const refuseSelfRelease = async (tx: Context, { kind, verb, scopeId }: Given, before: Resource): Promise<void> => {
  const { principal, effect = 'allow' } = specOf(before)
  if (effect === 'allow' || !(await isWithin(tx, tx.actor.id, principal))) return
  refusedAfter(tx, kind, verb, { self: true }, scopeId)
  throw selfGrant('What you are denied is lifted or changed by someone else.')
}

/** Who may not give something may not take it away or deny it either. Without this, whoever gives roles could give a friend what was kept from them. */
export const requireHeld = async (tx: Context, { kind, verb, scopeId }: Given, states: readonly Resource[]): Promise<void> => {
  const specs = states.map(specOf)
  const actions = await Promise.all(specs.map((spec) => actionsIn(tx, spec)))
  const missing = await lacking(tx, [...new Set(actions.flat())], scopeId, verb === 'apply' ? endOf(specs.at(-1)) : undefined)
  if (missing.length === 0) return
  const said = specs.map(({ role }) => (role === undefined ? 'a denial' : `the role ${role}`)).join(' or ')
  const facts = { ...(specs[0]?.role === undefined ? {} : { role: specs[0].role }), missing: missing.length }
  refusedAfter(tx, kind, verb, facts, scopeId)
  throw escalation(
    `To ${verb === 'apply' ? 'give' : 'take away'} ${said} here you must hold all it is about${verb === 'apply' ? ', for as long' : ''}. You lack: ${missing.join(', ')}.`,
    { missing },
  )
}

/** Nobody hands on for longer than they hold it; a denial hands nothing on. */
const endOf = (given: Assignment | undefined): Date | typeof forGood | undefined => {
  if (given?.effect === 'deny') return undefined
  return given?.expiresAt === undefined ? forGood : new Date(given.expiresAt)
}

/** What nobody holds by office cannot be asked of who denies it. */
const actionsIn = async (tx: Context, { role, actions = [] }: Assignment): Promise<readonly string[]> => {
  if (role !== undefined) return (await findRole(tx, role)).actions
  return actionsOf(allActions).filter((action) => actions.some((pattern) => actionMatches(pattern, action)))
}
