// One question, asked at every door: may this principal do this here? Pure evaluation over remembered facts.
import { sql, type RawBuilder } from 'kysely'
import type { Context, Label, Principal, ResourceRef, Verdict } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import { unauthenticated } from '#platform/problem.ts'
import { remembered } from './cache.ts'
import { evaluate, policyVersion, type Facts } from './cedar.ts'
import { findScope, rootScope, type Scope } from './facts.ts'
import { grantsOf, type Grant } from './grants.ts'
import { anyCaveat, bottom, top } from './labels.ts'
import { clearanceOf, isCleared } from './levels.ts'
import { commonActions, ownActions, rolesWith } from './roles.ts'

type Ask = Pick<Context, 'site' | 'db'>

export const scopeOf = (ctx: Ask, id: string | undefined): Promise<Scope | undefined> =>
  remembered(ctx, `scope ${id ?? ''}`, (db) => (id === undefined ? rootScope({ db }) : findScope({ db }, id)))

export const heldBy = (ctx: Ask, principalId: string): Promise<Grant[]> =>
  remembered(ctx, `grants ${principalId}`, async (db) => (await grantsOf({ db }, principalId)).filter(isPlain))

const isPlain = ({ role, condition, startsAt, expiresAt, eligible }: Grant): boolean =>
  role !== undefined && !condition && !startsAt && !expiresAt && !eligible

/** Facts for the evaluator: the roles held at the resource's scope or above it, ownership, and the key's limits. */
export const factsFor = async (
  ctx: Ask,
  actor: Pick<Principal, 'id' | 'limits'>,
  action: string,
  on: ResourceRef,
): Promise<Facts> => {
  const scope = await scopeOf(ctx, on.scope)
  const above = new Set(scope?.ancestors)
  const held = (await heldBy(ctx, actor.id)).filter((grant) => above.has(grant.scope))
  const { limits } = actor
  const withinScope = limits?.scope === undefined || above.has(limits.scope)
  const withinActions = limits?.actions === undefined || limits.actions.includes(action)
  return {
    roles: [...new Set(held.flatMap(({ role = [] }) => role))].sort(),
    owns: on.owner !== undefined && on.owner === actor.id,
    withinKey: withinScope && withinActions,
    cleared: isCleared(await clearanceOf(ctx, actor.id), scope, on.label),
  }
}

const labelKey = ({ rank, caveats }: Label): string => (rank === 0 && caveats.length === 0 ? '' : `${rank} ${caveats.join(',')}`)

const limitsKey = ({ limits }: Principal): string =>
  limits === undefined ? '' : `${limits.scope ?? ''} ${limits.actions?.join(',') ?? '*'}`

/** Allowed or not; what others must approve besides is added where policy is wired. */
export const decide = (ctx: Context, action: string, on: ResourceRef): Promise<Verdict> => {
  const { actor } = ctx
  // What is open to everyone is open to everyone who is signed in.
  if (actor.kind === 'anonymous') return Promise.resolve({ allowed: false, policyVersion, reasons: [] })
  const owns = on.owner !== undefined && on.owner === actor.id
  const key = `${actor.id} ${limitsKey(actor)} ${action} ${on.scope ?? ''} ${owns ? 1 : 0} ${labelKey(on.label ?? bottom)}`
  return remembered(ctx, key, async (db: Db) => {
    const facts = await factsFor({ site: ctx.site, db }, actor, action, on)
    const { allowed, rules } = evaluate(actor.id, action, on.kind, facts)
    return { allowed, policyVersion, reasons: rules }
  })
}

export type Filter = {
  /** Scopes at or below which everything of the kind may be seen. */
  readonly scopeIds: readonly string[]
  /** Everywhere. */
  readonly all: boolean
  /** What the principal owns may be seen wherever it is. */
  readonly own: boolean
  readonly withinScope: string | undefined
  /** Nothing labelled above this is seen. */
  readonly clearance: Label
}

/** What `decide` would answer row by row, as a condition for one query; a property test holds the two equal. */
export const filterFor = async (ctx: Context, action: string): Promise<Filter> => {
  ctx.decisions.count++
  const { actor } = ctx
  if (actor.kind === 'anonymous')
    throw unauthenticated('Sign in, or send an API key.', { headers: { 'www-authenticate': 'Bearer' } })
  if (actor.kind === 'system') return { all: true, scopeIds: [], own: false, withinScope: undefined, clearance: top }
  const { limits } = actor
  if (limits?.actions !== undefined && !limits.actions.includes(action))
    return { all: false, scopeIds: [], own: false, withinScope: limits.scope, clearance: bottom }
  const giving = new Set<string>(rolesWith(action))
  const scopeIds = [
    ...new Set((await heldBy(ctx, actor.id)).filter(({ role = '' }) => giving.has(role)).map(({ scope }) => scope)),
  ]
  const root = await scopeOf(ctx, undefined)
  const all = commonActions.includes(action) || (root !== undefined && scopeIds.includes(root.id))
  ctx.decisions.policyVersion = policyVersion
  const clearance = await clearanceOf(ctx, actor.id)
  return { all, scopeIds, own: ownActions.includes(action), withinScope: limits?.scope, clearance }
}

export type Columns = {
  /** Holds scope ids. */
  readonly scope: string
  readonly owner?: string
  /** What hangs on tags (jsonb) is hidden where there is no such column. */
  readonly labels?: string
  /** The row's own label; without them it has none. */
  readonly rank?: string
  readonly caveats?: string
}

/** The filter as a condition over the columns that say where a row lies, whose it is and how it is labelled. */
export const visible = (filter: Filter, actorId: string, columns: Columns): RawBuilder<boolean> => {
  const column = sql.ref(columns.scope)
  const below = (ids: readonly string[]) =>
    sql<boolean>`${column} in (select id from policy_scope where ancestors && ${[...ids]}::text[])`
  const seen = filter.all ? sql<boolean>`true` : below(filter.scopeIds)
  const owned =
    filter.own && columns.owner !== undefined ? sql<boolean>`(${seen} or ${sql.ref(columns.owner)} = ${actorId})` : seen
  const within = filter.withinScope === undefined ? owned : sql<boolean>`(${owned} and ${below([filter.withinScope])})`
  return sql<boolean>`(${within} and ${cleared(filter.clearance, columns)})`
}

const cleared = (clearance: Label, { scope, rank, caveats }: Columns): RawBuilder<boolean> => {
  const within = (rankColumn: RawBuilder<unknown>, caveatsColumn: RawBuilder<unknown>) =>
    clearance.caveats.includes(anyCaveat)
      ? sql<boolean>`${rankColumn} <= ${clearance.rank}`
      : sql<boolean>`${rankColumn} <= ${clearance.rank} and ${caveatsColumn} <@ ${[...clearance.caveats]}::text[]`
  const own = rank !== undefined && caveats !== undefined ? within(sql.ref(rank), sql.ref(caveats)) : sql<boolean>`true`
  const above = sql`select id from policy_scope where not (${within(sql`effective_rank`, sql`effective_caveats`)})`
  return sql<boolean>`(${own} and ${sql.ref(scope)} not in (${above}))`
}

/** Which of these actions the caller may not do at a scope: who hands on rights must hold them. */
export const lacking = async (ctx: Context, actions: readonly string[], scopeId: string): Promise<string[]> => {
  const { actor } = ctx
  ctx.decisions.count++
  if (actor.kind === 'system') return []
  const { limits } = actor
  // The limits of a key are judged action by action below; here it is only what is held where.
  const inScope = limits?.scope === undefined ? {} : { limits: { scope: limits.scope } }
  const facts = await factsFor(ctx, { id: actor.id, ...inScope }, 'policy.read', { kind: 'policy', scope: scopeId })
  const within = (action: string) => facts.withinKey && (limits?.actions === undefined || limits.actions.includes(action))
  return actions.filter((action) => !evaluate(actor.id, action, 'any', { ...facts, withinKey: within(action) }).allowed)
}
