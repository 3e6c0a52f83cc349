// Why may someone, why may someone not: the rule, the assignment, the place in the tree, and what would change the answer.
import { Type, type Static } from 'typebox'
import type { Context, Factor, Label } from '#platform/context.ts'
import { invalid, problem } from '#platform/problem.ts'
import { AccessCondition } from './conditions.ts'
import { policyOf, standingOf, type Standing } from './decide.ts'
import { findRoles } from './custom-roles.ts'
import { findScope, findScopes, noScope, resolveScope, type Scope } from './facts.ts'
import { Flip, flipsOf } from './flip.ts'
import { denies, type Grant } from './grants.ts'
import { circumstances, heldBy, isInForce, type Asker } from './held.ts'
import { holds, type Circumstances, type Thing } from './holds.ts'
import { bottom, join } from './labels.ts'
import { levels, parseLabel, type Scheme } from './levels.ts'
import { allActions, commonActions, ownActions } from './roles.ts'

export const principalUnknown = problem('principal-unknown', 404, 'No such person or group')

export const Question = Type.Object({
  principal: Type.Optional(Type.String({ maxLength: 200, description: 'Id of a person; absent asks about yourself' })),
  action: Type.String({ maxLength: 100 }),
  scope: Type.Optional(Type.String({ maxLength: 500, description: 'Path or id; absent means the organisation' })),
  owner: Type.Optional(Type.String({ maxLength: 200, description: 'Who owns the thing asked about' })),
  labels: Type.Optional(
    Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 500 }), {
      maxProperties: 64,
      description: 'Labels of the thing asked about',
    }),
  ),
  classification: Type.Optional(
    Type.Object({
      level: Type.Optional(Type.String({ maxLength: 200 })),
      caveats: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 64 })),
    }),
  ),
  factors: Type.Optional(
    Type.Array(Type.String({ maxLength: 20 }), {
      maxItems: 5,
      description: 'How the person would have signed in; absent means as you did, and of others it is not known',
    }),
  ),
  address: Type.Optional(Type.String({ maxLength: 100, description: 'Where the request would come from' })),
})
type Question = Static<typeof Question>

const Held = Type.Object({
  id: Type.String(),
  effect: Type.Union([Type.Literal('allow'), Type.Literal('deny')]),
  role: Type.Optional(Type.String()),
  actions: Type.Optional(Type.Array(Type.String())),
  path: Type.String(),
  via: Type.Optional(Type.String()),
  applies: Type.Boolean({ description: 'It is held at the place asked about or above it' }),
  gives: Type.Boolean({ description: 'Its role includes the action; of a denial, it reaches the action' }),
  inForce: Type.Boolean({ description: 'It has started, has not ended and needs no activation' }),
  met: Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('unknown')], { description: 'Its condition' }),
  condition: Type.Optional(AccessCondition),
  startsAt: Type.Optional(Type.String()),
  expiresAt: Type.Optional(Type.String()),
  eligible: Type.Boolean(),
  elevation: Type.Boolean(),
})
type Held = Static<typeof Held>

export const Explanation = Type.Object({
  allowed: Type.Boolean(),
  principal: Type.String(),
  action: Type.String(),
  scope: Type.Object({ id: Type.String(), path: Type.String() }),
  policyVersion: Type.String(),
  rules: Type.Array(Type.Object({ id: Type.String(), title: Type.String() })),
  scopeChain: Type.Array(Type.Object({ id: Type.String(), path: Type.String() })),
  grants: Type.Array(Held),
  summary: Type.String(),
  wouldChange: Type.String(),
  flip: Type.Array(Flip, { description: 'Each a set of changes that together turn the answer; the smallest first' }),
})
export type Explanation = Static<typeof Explanation>

export const explain = async (ctx: Context, question: Question): Promise<Explanation> => {
  const principal = question.principal ?? ctx.actor.id
  const { action } = question
  if (!allActions.includes(action))
    throw invalid(`${JSON.stringify(action)} is not an action. The actions are: ${allActions.join(', ')}.`)
  // About oneself everyone may ask: a refusal that cannot be understood is a ticket.
  await ctx.authorize(principal === ctx.actor.id ? 'policy.read' : 'policy.explain', { kind: 'policy' })
  if (principal !== ctx.actor.id) await requireKnown(ctx, principal)
  const scope = await resolveScope(ctx, question.scope)
  if (!(await mayKnow(ctx, scope))) throw noScope(question.scope ?? '/')
  return answer(ctx, { question, scope, asker: askerOf(ctx, principal, question) })
}

/** A slip of the pen is no person without rights. But whoever may not see people is not told who there is. */
const requireKnown = async (ctx: Context, principal: string): Promise<void> => {
  if (await ctx.site.wiring.knowsPrincipal?.(ctx, principal)) return
  if (!(await ctx.permits('user.read', { kind: 'user' }))) return
  throw principalUnknown(
    `No person or group has the id ${JSON.stringify(principal)}. People and Groups in the portal show the ids; \`GET /api/v1/users?q=NAME\` finds a person’s.`,
  )
}

const askerOf = ({ actor }: Context, id: string, { factors, address }: Question): Asker => {
  const own: Asker = id === actor.id ? actor : { id }
  return {
    id,
    limits: own.limits,
    factors: (factors as Factor[] | undefined) ?? own.factors, // compared with known ones, never trusted
    address: address ?? own.address,
  }
}

const answer = async (ctx: Context, { question, scope, asker }: { question: Question; scope: Scope; asker: Asker }) => {
  const { action, labels, owner, classification } = question
  const label = classification ? await parseLabel(ctx, withoutAbsent(classification)) : bottom
  const policy = await policyOf(ctx)
  const standing = await standingOf(ctx, asker, {
    kind: 'any',
    scope: scope.id,
    label,
    ...(owner === undefined ? {} : { owner }),
    ...(labels ? { labels } : {}),
  })
  const facts = standing.facts(action)
  const { allowed, rules: reasons } = policy.evaluate(asker.id, action, 'any', facts)
  const giving = await byExtent(ctx, policy.rolesWith(action))
  const given = await circumstances(ctx, asker)
  const thing = { labels, rank: join(label, scope.effective).rank }
  const grants = (await heldBy(ctx, asker.id)).grants
  const flip = flipsOf({
    allowed,
    action,
    path: scope.path,
    here: grants.filter((grant) => scope.ancestors.includes(grant.scope)),
    giving,
    open: openness(action, facts.owns),
    withinKey: facts.withinKey,
    clearance: facts.cleared ? undefined : inWords(await levels(ctx), join(label, scope.effective)),
    given,
    thing,
  })
  const places = await findScopes(ctx, scope.ancestors)
  return {
    allowed,
    principal: asker.id,
    action,
    scope: { id: scope.id, path: scope.path },
    policyVersion: policy.version,
    rules: policy.rules.filter(({ id }) => reasons.includes(id)).map(({ id, title }) => ({ id, title })),
    scopeChain: scope.ancestors.map((id) => ({ id, path: places.get(id)?.path ?? '?' })),
    grants: grants.map((grant) => shown(grant, { action, giving, given, thing, scope })),
    summary: summarise({ allowed, action, path: scope.path, standing, giving }),
    wouldChange: inOneLine(flip),
    flip,
  }
}

const withoutAbsent = ({ level, caveats }: NonNullable<Question['classification']>) => ({
  ...(level === undefined ? {} : { level }),
  ...(caveats === undefined ? {} : { caveats }),
})

const openness = (action: string, owns: boolean) => {
  if (commonActions.includes(action)) return 'all'
  if (!ownActions.includes(action)) return undefined
  return owns ? 'owned' : 'ownable'
}

/** The role that holds least comes first: nobody is given more than it takes. */
const byExtent = async (ctx: Context, names: readonly string[]): Promise<string[]> =>
  (await findRoles(ctx))
    .filter(({ name }) => names.includes(name))
    .toSorted((a, b) => a.actions.length - b.actions.length)
    .map(({ name }) => name)

const inWords = (scheme: Scheme, { rank, caveats }: Label): string => {
  const level = scheme.levels.find((one) => one.rank >= rank)?.name ?? String(rank)
  return caveats.length === 0 ? level : `${level} with ${caveats.join(', ')}`
}

type About = { action: string; giving: readonly string[]; given: Circumstances; thing: Thing; scope: Scope }
const truths = { true: 'yes', false: 'no', undefined: 'unknown' } as const

const shown = (grant: Grant, { action, giving, given, thing, scope }: About): Held => {
  const { id, effect, role, actions, path, via, condition, startsAt, expiresAt } = grant
  const truth = condition ? holds(condition, given, thing) : true
  return {
    id,
    effect,
    ...(role === undefined ? {} : { role }),
    ...(actions === undefined ? {} : { actions: [...actions] }),
    path,
    ...(via === undefined ? {} : { via }),
    applies: scope.ancestors.includes(grant.scope),
    gives: effect === 'allow' ? giving.includes(role ?? '') : (actions ?? []).some((pattern) => denies(pattern, action)),
    inForce: isInForce(grant, given.nowMs),
    met: truths[`${truth}`],
    ...(condition ? { condition } : {}),
    ...(startsAt ? { startsAt: startsAt.toISOString() } : {}),
    ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
    eligible: grant.eligible !== undefined,
    elevation: grant.assignmentId !== undefined,
  }
}

/** Asking must not tell which scopes there are: those one holds a role at, above or below, and all of them for whoever explains policy. */
const mayKnow = async (ctx: Context, scope: Scope): Promise<boolean> => {
  if (scope.parentId === undefined || (await ctx.permits('policy.explain', { kind: 'policy' }))) return true
  const { grants } = await heldBy(ctx, ctx.actor.id)
  const nowMs = ctx.now().getTime()
  const given = grants.filter(({ effect, expiresAt }) => effect === 'allow' && (expiresAt?.getTime() ?? Infinity) > nowMs)
  if (given.some((grant) => scope.ancestors.includes(grant.scope))) return true
  const places = await Promise.all(given.map((grant) => findScope(ctx, grant.scope)))
  return places.some((place) => place?.ancestors.includes(scope.id))
}

type Said = { allowed: boolean; action: string; path: string; standing: Standing; giving: readonly string[] }

const through = ({ via }: Grant): string => (via === undefined ? '' : ` through the group ${via}`)

const summarise = ({ allowed, action, path, standing, giving }: Said): string => {
  const facts = standing.facts(action)
  const deciding = standing.allowing.find(({ role = '' }) => giving.includes(role))
  if (!facts.withinKey) return `No: the API key is limited to other actions or another scope than ${action} at ${path}.`
  const denial = standing.denying.find(({ actions = [] }) => actions.some((pattern) => denies(pattern, action)))
  if (denial)
    return `No: ${denial.actions?.join(', ')} is denied at ${denial.path}${through(denial)}, and a denial outranks every role.`
  if (!facts.cleared) return `No: what lies at ${path} is labelled above the clearance held.`
  if (allowed && deciding)
    return `Yes: the role ${deciding.role} given at ${deciding.path}${through(deciding)} includes ${action}, and ${path} lies at or below it.`
  if (allowed && facts.owns && ownActions.includes(action)) return `Yes: ${action} is everyone's right over what is their own.`
  if (allowed) return `Yes: ${action} is open to everyone who is signed in.`
  return `No: no role held at ${path} or above it includes ${action}, and deny is the default.`
}

const inOneLine = (flips: readonly Static<typeof Flip>[]): string => {
  if (flips.length === 0) return 'Nothing: no role gives it.'
  return `${flips.map(({ changes }) => changes.map(({ text }) => text).join(' and ')).join('; or ')}.`
}
