// Four eyes: which acts need other people's approval, and where. Rules are data; a few are built in, since whoever could take those away alone would not need them.
import type { Context, Obligation, ResourceRef } from '#platform/context.ts'
import { remembered } from './cache.ts'
import { scopeOf, standingOf } from './decide.ts'
import { eligibilityOf } from './elevations.ts'
import { changed, type Scope } from './facts.ts'
import type { Asker } from './held.ts'
import { bottom, join } from './labels.ts'
import { levels } from './levels.ts'
import { allActions, ownActions } from './roles.ts'

export type ApprovalCondition = {
  /** Asks only for what bears one of these values under each key. */
  readonly labels?: Readonly<Record<string, readonly string[]>>
  /** Name of a level: asks only for what is classified so, or higher. */
  readonly classificationMin?: string
}
export type ApprovalRule = {
  readonly id: string
  readonly scopeId: string
  readonly actions: readonly string[]
  readonly quorum: number
  readonly condition?: ApprovalCondition
  readonly approverRole?: string
}

type Tables = {
  policy_approval_rule: {
    id: string
    scope_id: string
    actions: string[]
    quorum: number
    condition: ApprovalCondition | null
    approver_role: string | null
  }
}
type Ask = Pick<Context, 'site' | 'db'>
const rows = (ctx: Pick<Context, 'db'>) => ctx.db.withTables<Tables>()

/** What nobody can ask others for: reading, one's own account, and what is done before anyone could look (a file that arrives, an answer that streams). */
const direct =
  /\.read$|^(change-set|profile|conversation|receipt)\.|^(artifact\.upload|deployment\.invoke|audit\.export|inventory\.export|policy\.explain|key\.create)$/

export const approvableActions = (): readonly string[] => allActions.filter((action) => !direct.test(action))

/** One's own, and yet what others may want a word in. */
const raises: ReadonlySet<string> = new Set(['elevation.activate'])

/** `model.apply`, `model.*`, `*.delete` or `*`. */
export const actionMatches = (pattern: string, action: string): boolean => {
  if (pattern === '*' || pattern === action) return true
  if (pattern.startsWith('*.')) return action.endsWith(pattern.slice(1))
  return pattern.endsWith('.*') && action.startsWith(pattern.slice(0, -1))
}

export const putApprovalRule = async (tx: Context, rule: ApprovalRule): Promise<void> => {
  const row = {
    scope_id: rule.scopeId,
    actions: [...rule.actions],
    quorum: rule.quorum,
    condition: rule.condition ?? null,
    approver_role: rule.approverRole ?? null,
  }
  await rows(tx)
    .insertInto('policy_approval_rule')
    .values({ id: rule.id, ...row })
    .onConflict((on) => on.column('id').doUpdateSet(row))
    .execute()
  await changed(tx)
}

export const removeApprovalRule = async (tx: Context, id: string): Promise<void> => {
  await rows(tx).deleteFrom('policy_approval_rule').where('id', '=', id).execute()
  await changed(tx)
}

const allRules = (ctx: Ask): Promise<ApprovalRule[]> =>
  remembered(ctx, 'approval rules', async (db) => {
    const found = await rows({ db }).selectFrom('policy_approval_rule').selectAll().orderBy('id').execute()
    return found.map(({ id, scope_id, actions, quorum, condition, approver_role }) => ({
      id,
      scopeId: scope_id,
      actions,
      quorum,
      ...(condition ? { condition } : {}),
      ...(approver_role === null ? {} : { approverRole: approver_role }),
    }))
  })

const none: readonly Obligation[] = []

/** What must happen besides being allowed. */
export const obligationsFor = async (ctx: Ask, actor: Asker, action: string, on: ResourceRef): Promise<readonly Obligation[]> => {
  if (direct.test(action)) return none
  // No rule reaches what is one's own: four eyes on ending one's own key would keep a leaked one alive.
  const rules = on.owner === actor.id && ownActions.includes(action) && !raises.has(action) ? [] : await allRules(ctx)
  if (rules.length === 0 && !(action in builtIn)) return none
  const scope = await scopeOf(ctx, on.scope)
  if (!scope) return none
  const here = rules.filter((rule) => scope.ancestors.includes(rule.scopeId))
  const touching = here.filter((rule) => rule.actions.some((pattern) => actionMatches(pattern, action)))
  const held = await Promise.all(touching.map((rule) => holds(ctx, rule, on, scope)))
  const asked = [...touching.filter((_, i) => held[i]), ...((await builtIn[action]?.({ ctx, actor, on, scope, here })) ?? [])]
  return asked.map(({ id, quorum, approverRole }) => ({
    rule: id,
    action,
    scope: scope.id,
    quorum,
    ...(approverRole === undefined ? {} : { approverRole }),
  }))
}

/** A condition that cannot be judged asks: a thing without labels must not slip through a rule about labels, nor through one about a level that was renamed. */
const holds = async (ctx: Ask, { condition }: ApprovalRule, on: ResourceRef, scope: Scope): Promise<boolean> => {
  if (!condition) return true
  const { labels = {}, classificationMin } = condition
  const bears = Object.entries(labels).every(([key, values]) => on.labels === undefined || values.includes(on.labels[key] ?? ''))
  if (!bears || classificationMin === undefined) return bears
  const least = (await levels(ctx)).levels.find(({ name }) => name === classificationMin)
  return least === undefined || join(on.label ?? bottom, scope.effective).rank >= least.rank
}

type Asked = Pick<ApprovalRule, 'id' | 'quorum' | 'approverRole'>
type BuiltIn = (given: {
  ctx: Ask
  actor: Asker
  on: ResourceRef
  scope: Scope
  here: readonly ApprovalRule[]
}) => Promise<readonly Asked[]>

/** Nobody removes four eyes alone: while a rule holds at a place, it also guards the rules there, whatever else it is about. */
const guardedByThemselves: BuiltIn = async ({ here }) => here

/** A person who asks and one who agrees; who may force without being an owner needs two of those. */
const twoOwners: BuiltIn = async ({ ctx, actor, scope }) => {
  const quorum = (await holdsRole(ctx, actor, 'owner', scope.id)) ? 1 : 2
  return [{ id: 'two-owners', quorum, approverRole: 'owner' }]
}

const oneOther =
  (id: string): BuiltIn =>
  async () => [{ id, quorum: 1 }]

/** As many as the assignment that is activated says, and who. */
const asAssigned: BuiltIn = async ({ ctx, on }) => {
  const { approvals = 0, approverRole } = (on.id === undefined ? undefined : await eligibilityOf(ctx, on.id)) ?? {}
  return approvals === 0 ? [] : [{ id: 'elevation', quorum: approvals, ...(approverRole === undefined ? {} : { approverRole }) }]
}

const builtIn: Record<string, BuiltIn> = {
  'approval-rule.apply': guardedByThemselves,
  'approval-rule.delete': guardedByThemselves,
  'exemption.apply': oneOther('exemption-second-person'),
  'elevation.activate': asAssigned,
  'guardrail.force': twoOwners,
}

/** Whether someone holds a role at a place or above it. */
export const holdsRole = async (ctx: Ask, actor: Asker, role: string, scopeId: string): Promise<boolean> => {
  const { allowing } = await standingOf(ctx, actor, { kind: 'policy', scope: scopeId })
  return allowing.some((grant) => grant.role === role)
}

/** A scope that moves away from under a rule loses its guard, which takes the same as removing the rule. */
export const authoriseLeavingRules = async (tx: Context, scope: Scope, target: Scope): Promise<void> => {
  const left = (await allRules(tx)).some(
    (rule) => scope.ancestors.includes(rule.scopeId) && rule.scopeId !== scope.id && !target.ancestors.includes(rule.scopeId),
  )
  if (left) await tx.authorize('approval-rule.delete', { kind: 'approval-rule', scope: scope.id })
}
