// One question, asked at every door: may this principal do this here? Pure evaluation over remembered facts.
import type { Context, Label, Principal, ResourceRef, Verdict } from '#platform/context.ts'
import { remembered, rememberedWhile, type Lasting } from './cache.ts'
import { compile, type Facts, type Policy } from './cedar.ts'
import { findRoles } from './custom-roles.ts'
import { findScope, rootScope, type Scope } from './facts.ts'
import { circumstances, heldBy, inForceAt, isDenied, lasts, senses, type Asker, type AtPlace, type Held } from './held.ts'
import { bottom, join } from './labels.ts'
import { isCleared } from './levels.ts'

type Ask = Pick<Context, 'site' | 'db'>

export const scopeOf = (ctx: Ask, id: string | undefined): Promise<Scope | undefined> =>
  remembered(ctx, `scope ${id ?? ''}`, (db) => (id === undefined ? rootScope({ db }) : findScope({ db }, id)))

/** The rules in force: the built-in roles and those made here. */
export const policyOf = (ctx: Ask): Promise<Policy> =>
  remembered(ctx, 'policy', async (db) => compile(await findRoles({ site: ctx.site, db })))

export type Standing = AtPlace & {
  readonly held: Held
  readonly scope: Scope | undefined
  readonly facts: (action: string) => Facts
}

/** Everything a decision at the thing's place rests on: what is in force at its scope or above it, ownership, the key's limits, clearance. */
export const standingOf = async (ctx: Ask, asker: Asker, on: ResourceRef): Promise<Standing> => {
  const scope = await scopeOf(ctx, on.scope)
  const above = new Set(scope?.ancestors)
  const held = await heldBy(ctx, asker.id)
  const thing = { labels: on.labels, rank: join(on.label ?? bottom, scope?.effective ?? bottom).rank }
  const here = inForceAt(held, above, await circumstances(ctx, asker), thing)
  const cleared = isCleared(held.clearance, scope, on.label)
  const { limits } = asker
  const withinScope = limits?.scope === undefined || above.has(limits.scope)
  const roles = [...new Set(here.allowing.flatMap(({ role = [] }) => role))].sort()
  return {
    ...here,
    held,
    scope,
    facts: (action) => ({
      roles,
      owns: on.owner !== undefined && on.owner === asker.id,
      withinKey: withinScope && (limits?.actions === undefined || limits.actions.includes(action)),
      cleared,
      denied: isDenied(here.denying, action),
    }),
  }
}

const labelKey = ({ rank, caveats }: Label): string => (rank === 0 && caveats.length === 0 ? '' : `${rank} ${caveats.join(',')}`)

const limitsKey = ({ limits }: Principal): string =>
  limits === undefined ? '' : `${limits.scope ?? ''} ${limits.actions?.join(',') ?? '*'}`

/** Allowed or not; what others must approve besides is added where policy is wired. */
export const decide = async (ctx: Context, action: string, on: ResourceRef): Promise<Verdict> => {
  const { actor } = ctx
  // What is open to everyone is open to everyone who is signed in.
  if (actor.kind === 'anonymous') return { allowed: false, policyVersion: (await policyOf(ctx)).version, reasons: [] }
  const held = await heldBy(ctx, actor.id)
  const owns = on.owner !== undefined && on.owner === actor.id
  const key = `${actor.id} ${limitsKey(actor)} ${action} ${on.scope ?? ''} ${owns ? 1 : 0} ${labelKey(on.label ?? bottom)} ${senses(held, actor, on)}`
  return rememberedWhile(ctx, key, (db) => evaluated({ site: ctx.site, db, actor }, action, on), actor.id)
}

const evaluated = async (ctx: Ask & Pick<Context, 'actor'>, action: string, on: ResourceRef): Promise<Lasting<Verdict>> => {
  const nowMs = ctx.site.clock.now().getTime()
  const policy = await policyOf(ctx)
  const { facts, held } = await standingOf(ctx, ctx.actor, on)
  const { allowed, rules } = policy.evaluate(ctx.actor.id, action, on.kind, facts(action))
  return { value: { allowed, policyVersion: policy.version, reasons: rules }, holders: held.holders, ...lasts(held, nowMs) }
}

/**
 * Which of these actions the caller may not do at a scope: who hands on rights must hold them, and for as long. `until` is the end of what is handed on,
 * `forGood` where it has none: what is held for an hour would otherwise become, by way of a friend, one's own for ever.
 */
export const lacking = async (
  ctx: Context,
  actions: readonly string[],
  scopeId: string,
  until?: Date | typeof forGood,
): Promise<string[]> => {
  const { actor } = ctx
  ctx.decisions.count++
  if (actor.kind === 'system') return []
  const policy = await policyOf(ctx)
  const { facts, allowing } = await standingOf(ctx, actor, { kind: 'policy', scope: scopeId })
  const untilMs = until === undefined ? 0 : until === forGood ? Infinity : until.getTime()
  const lasting = allowing.filter(({ expiresAt }) => (expiresAt?.getTime() ?? Infinity) >= untilMs)
  const roles = lasting.flatMap(({ role = [] }) => role)
  return actions.filter((action) => !policy.evaluate(actor.id, action, 'any', { ...facts(action), roles }).allowed)
}

export const forGood = 'for good'
