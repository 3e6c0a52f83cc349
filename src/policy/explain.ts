// Why may someone, why may someone not: the rule, the role, the place in the tree, and what would change the answer.
import { Type, type Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import { evaluate, policyVersion, rules } from './cedar.ts'
import { factsFor, heldBy } from './decide.ts'
import { findScope, noScope, resolveScope, type Scope } from './facts.ts'
import { allActions, commonActions, ownActions, roles, rolesWith } from './roles.ts'

export const Question = Type.Object({
  principal: Type.Optional(Type.String({ maxLength: 200, description: 'Id of a person; absent asks about yourself' })),
  action: Type.String({ maxLength: 100 }),
  scope: Type.Optional(Type.String({ maxLength: 500, description: 'Path or id; absent means the organisation' })),
  owner: Type.Optional(Type.String({ maxLength: 200, description: 'Who owns the thing asked about' })),
})

const Held = Type.Object({
  role: Type.String(),
  path: Type.String(),
  via: Type.Optional(Type.String()),
  applies: Type.Boolean(),
  gives: Type.Boolean(),
})

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
})
export type Explanation = Static<typeof Explanation>

export const explain = async (ctx: Context, question: Static<typeof Question>): Promise<Explanation> => {
  const principal = question.principal ?? ctx.actor.id
  const { action } = question
  if (!allActions.includes(action))
    throw invalid(`${JSON.stringify(action)} is not an action. The actions are: ${allActions.join(', ')}.`)
  // About oneself everyone may ask: a refusal that cannot be understood is a ticket.
  await ctx.authorize(principal === ctx.actor.id ? 'policy.read' : 'policy.explain', { kind: 'policy' })
  const scope = await resolveScope(ctx, question.scope)
  if (!(await mayKnow(ctx, scope))) throw noScope(question.scope ?? '/')
  const limits = principal === ctx.actor.id ? ctx.actor.limits : undefined
  const facts = await factsFor(ctx, { id: principal, ...(limits ? { limits } : {}) }, action, {
    kind: 'any',
    scope: scope.id,
    ...(question.owner ? { owner: question.owner } : {}),
  })
  const { allowed, rules: reasons } = evaluate(principal, action, 'any', facts)
  const giving = rolesWith(action)
  const grants = (await heldBy(ctx, principal)).map(({ role = '', path, via, scope: at }) => ({
    role,
    path,
    ...(via ? { via } : {}),
    applies: scope.ancestors.includes(at),
    gives: giving.some((name) => name === role),
  }))
  const chain = await Promise.all(scope.ancestors.map(async (id) => ({ id, path: (await findScope(ctx, id))?.path ?? '?' })))
  const deciding = grants.find(({ applies, gives }) => applies && gives)
  return {
    allowed,
    principal,
    action,
    scope: { id: scope.id, path: scope.path },
    policyVersion,
    rules: rules.filter(({ id }) => reasons.includes(id)).map(({ id, title }) => ({ id, title })),
    scopeChain: chain,
    grants,
    summary: summarise({
      allowed,
      action,
      path: scope.path,
      deciding,
      own: facts.owns && ownActions.includes(action),
      withinKey: facts.withinKey,
    }),
    wouldChange: whatWouldChange({ allowed, action, path: scope.path, deciding, giving, withinKey: facts.withinKey }),
  }
}

/** Asking must not tell which scopes there are: those one holds a role at, above or below, and all of them for whoever explains policy. */
const mayKnow = async (ctx: Context, scope: Scope): Promise<boolean> => {
  if (scope.parentId === undefined || (await ctx.permits('policy.explain', { kind: 'policy' }))) return true
  const held = await heldBy(ctx, ctx.actor.id)
  if (held.some((grant) => scope.ancestors.includes(grant.scope))) return true
  const places = await Promise.all(held.map((grant) => findScope(ctx, grant.scope)))
  return places.some((place) => place?.ancestors.includes(scope.id))
}

type Deciding = { role: string; path: string; via?: string } | undefined

const summarise = (said: {
  allowed: boolean
  action: string
  path: string
  deciding: Deciding
  own: boolean
  withinKey: boolean
}): string => {
  const { allowed, action, path, deciding } = said
  if (!said.withinKey) return `No: the API key is limited to other actions or another scope than ${action} at ${path}.`
  if (allowed && deciding)
    return `Yes: the role ${deciding.role} given at ${deciding.path}${deciding.via ? ` through the group ${deciding.via}` : ''} includes ${action}, and ${path} lies at or below it.`
  if (allowed && said.own) return `Yes: ${action} is everyone's right over what is their own.`
  if (allowed) return `Yes: ${action} is open to everyone who is signed in.`
  return `No: no role held at ${path} or above it includes ${action}, and deny is the default.`
}

const whatWouldChange = (said: {
  allowed: boolean
  action: string
  path: string
  deciding: Deciding
  giving: readonly string[]
  withinKey: boolean
}): string => {
  if (!said.withinKey) return 'A key made with that action and scope, or signing in as the person.'
  if (said.allowed && said.deciding)
    return `Taking the role ${said.deciding.role} at ${said.deciding.path} away, unless another role also gives it.`
  if (said.allowed) return 'Nothing short of a change of the built-in rules.'
  if (said.giving.length === 0)
    return commonActions.includes(said.action) ? 'Signing in.' : 'No role gives it; only owning the thing does.'
  return `A grant of ${said.giving.map((role) => roles[role as keyof typeof roles].title.toLowerCase()).join(' or ')} at ${said.path} or above it.` // rolesWith returns role names
}
