// What a principal holds, as one set of facts: who they are in groups with, what was given or denied where, and when that next changes by itself.
import type { Context, Factor, Principal, ResourceRef } from '#platform/context.ts'
import { always, rememberedWhile } from './cache.ts'
import { denies, holdingsOf, type Grant, type Holdings } from './grants.ts'
import { holds, isAboutThing, parts, type Circumstances, type Thing, type Truth } from './holds.ts'
import { levels } from './levels.ts'

type Ask = Pick<Context, 'site' | 'db'>

/** Who asks. Whoever is only asked about brings no factors and no address: what depends on them cannot be judged. */
export type Asker = {
  readonly id: string
  readonly limits?: Principal['limits']
  readonly factors?: readonly Factor[] | undefined
  readonly address?: string | undefined
}

export type Held = Holdings & {
  /** Which facts the conditions among them hang on: what is remembered is remembered for these. */
  readonly labelNames: readonly string[]
  readonly byAddress: boolean
  readonly byFactors: boolean
  readonly byTime: boolean
}

export const heldBy = (ctx: Ask, principalId: string): Promise<Held> =>
  rememberedWhile(
    ctx,
    `grants ${principalId}`,
    async (db) => {
      const holdings = await holdingsOf({ db }, principalId)
      return { value: heldOf(holdings), ...always, holders: holdings.holders }
    },
    principalId,
  )

const heldOf = ({ grants, holders, clearance }: Holdings): Held => {
  const leaves = grants.flatMap(({ condition }) => (condition ? parts(condition) : []))
  return {
    grants,
    holders,
    clearance,
    labelNames: [...new Set(leaves.flatMap((leaf) => ('label' in leaf ? leaf.label.name : [])))].sort(),
    byAddress: leaves.some((leaf) => 'networks' in leaf),
    byFactors: leaves.some((leaf) => 'factor' in leaf),
    byTime: leaves.some((leaf) => 'time' in leaf),
  }
}

/** Whether it has started, has not ended, and needs no activation. To the millisecond: what ends at a moment is gone at that moment. */
export const isInForce = (
  { startsAt, expiresAt, eligible }: Pick<Grant, 'startsAt' | 'expiresAt' | 'eligible'>,
  nowMs: number,
): boolean => eligible === undefined && (startsAt?.getTime() ?? -Infinity) <= nowMs && nowMs < (expiresAt?.getTime() ?? Infinity)

const minuteMs = 60_000

/** While nothing of it starts or ends by itself. Windows of time open and close on the minute. */
export const lasts = ({ grants, byTime }: Held, nowMs: number): { sinceMs: number; untilMs: number } => {
  let [sinceMs, untilMs] = byTime ? [nowMs - (nowMs % minuteMs), nowMs - (nowMs % minuteMs) + minuteMs] : [-Infinity, Infinity]
  for (const { startsAt, expiresAt } of grants)
    for (const moment of [startsAt, expiresAt]) {
      if (moment === undefined) continue
      if (moment.getTime() <= nowMs) sinceMs = Math.max(sinceMs, moment.getTime())
      else untilMs = Math.min(untilMs, moment.getTime())
    }
  return { sinceMs, untilMs }
}

/** What of the request and the thing a decision hangs on besides the place, as part of the key it is remembered under. */
export const senses = ({ labelNames, byAddress, byFactors }: Held, asker: Asker, { labels }: ResourceRef): string => {
  const borne = labelNames.map((name) => (labels !== undefined && Object.hasOwn(labels, name) ? labels[name] : null))
  const said = [...borne, byAddress ? (asker.address ?? null) : 0, byFactors ? (asker.factors ?? null) : 0]
  return said.length === 2 && !byAddress && !byFactors ? '' : JSON.stringify(said)
}

export const circumstances = async (ctx: Ask, { factors, address }: Asker): Promise<Circumstances> => ({
  nowMs: ctx.site.clock.now().getTime(),
  ranks: new Map((await levels(ctx)).levels.map(({ name, rank }) => [name, rank])),
  address,
  factors,
})

export type AtPlace = { readonly allowing: readonly Grant[]; readonly denying: readonly Grant[] }

/** What is in force at a place and whose conditions are met. A denial is met unless it certainly is not. */
export const inForceAt = (held: Held, above: ReadonlySet<string>, given: Circumstances, thing: Thing): AtPlace => {
  const truth = ({ condition }: Grant): Truth => (condition ? holds(condition, given, thing) : true)
  const here = held.grants.filter((grant) => above.has(grant.scope) && isInForce(grant, given.nowMs))
  return {
    allowing: here.filter((grant) => grant.effect === 'allow' && truth(grant) === true),
    denying: here.filter((grant) => grant.effect === 'deny' && truth(grant) !== false),
  }
}

export const isDenied = (denying: readonly Grant[], action: string): boolean =>
  denying.some(({ actions = [] }) => actions.some((pattern) => denies(pattern, action)))

export type Split = {
  /** Scopes where it holds for everything. */
  readonly scopeIds: readonly string[]
  /** And where it hangs on the thing. */
  readonly conditional: readonly Grant[]
}

/** The same for a list: what the request alone decides is decided here, and the rest goes into the query. */
export const inForceAnywhere = (grants: readonly Grant[], given: Circumstances): Split => {
  const standing = grants.filter((grant) => isInForce(grant, given.nowMs))
  const [conditional, plain] = [true, false].map((about) =>
    standing.filter(({ condition }) => (condition !== undefined && isAboutThing(condition)) === about),
  ) as [Grant[], Grant[]] // one for each of the two
  const nothing: Thing = { rank: 0 }
  const met = plain.filter(({ condition, effect }) => {
    const truth = condition ? holds(condition, given, nothing) : true
    return effect === 'deny' ? truth !== false : truth === true
  })
  return { scopeIds: [...new Set(met.map(({ scope }) => scope))], conditional }
}
