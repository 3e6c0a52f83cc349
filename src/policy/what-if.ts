// What a change would do, before it is made: it is tried and taken back, and who would gain or lose what is told. Rights that hang on a condition count as held
// under a condition: whether it is met is not known before someone asks.
import { sql } from 'kysely'
import { Type, type Static } from 'typebox'
import { atomically, rehearse, type Context } from '#platform/context.ts'
import type { Policy } from './cedar.ts'
import { policyOf } from './decide.ts'
import { findScopes, type Scope } from './facts.ts'
import { holdingsOf, type Grant, type Holdings } from './grants.ts'
import { isDenied } from './held.ts'
import { bottom } from './labels.ts'
import { isCleared } from './levels.ts'
import { allActions, commonActions } from './roles.ts'
import { whileNoting, type Touched } from './touched.ts'

/** More people than these are not looked at, and the answer says so. */
const peopleMax = 200
const shownMax = 1_000
const scopesMax = 2_000

export const Difference = Type.Object({
  principal: Type.String(),
  action: Type.String(),
  scope: Type.String({ description: 'Path; it holds there and below' }),
  conditional: Type.Boolean({ description: 'Not always: it hangs on a condition, or on a moment to come' }),
})
export type Difference = Static<typeof Difference>
export const Effects = Type.Object({
  gains: Type.Array(Difference),
  loses: Type.Array(Difference),
  truncated: Type.Boolean({ description: 'There are more people or more differences than are told' }),
})
export type Effects = Static<typeof Effects>

type World = {
  readonly policy: Policy
  readonly holdings: ReadonlyMap<string, Holdings>
  /** Those that were touched, with all below, and those where something is held. */
  readonly scopes: ReadonlyMap<string, Scope>
}

/** Throws what the change throws. Nothing of it stays. */
export const whatIf = async (ctx: Context, change: (tx: Context) => Promise<void>): Promise<Effects> => {
  await ctx.authorize('policy.explain', { kind: 'policy' })
  return atomically(ctx, async (tx) => {
    const { result } = await rehearse(tx, async (trial) => {
      const touched = await whileNoting(trial, () => change(trial))
      const people = await peopleTouched(trial, touched)
      return { touched, people, after: await look(trial, touched, people.slice(0, peopleMax)) }
    })
    const { touched, people } = result
    const before = await look(tx, touched, people.slice(0, peopleMax))
    const points = new Set([...touched.scopes, ...places(before), ...places(result.after)])
    const found = compare(before, result.after, { points, nowMs: tx.now().getTime() })
    const gains = found.filter(({ gained }) => gained).map(({ told }) => told)
    const loses = found.filter(({ gained }) => !gained).map(({ told }) => told)
    return {
      gains: gains.slice(0, shownMax),
      loses: loses.slice(0, shownMax),
      truncated: people.length > peopleMax || gains.length > shownMax || loses.length > shownMax,
    }
  })
}

const places = ({ holdings }: World): string[] => [...holdings.values()].flatMap(({ grants }) => grants.map(({ scope }) => scope))

/** Asked while the change stands: whoever it takes a group's rights from was noted by name. */
const peopleTouched = async (tx: Context, { principals, scopes, left, roles }: Touched): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    with recursive above as (select unnest(ancestors) as id from policy_scope where id = any(${[...scopes, ...left]}::text[])),
    below as (select id from policy_scope where ancestors && ${[...scopes]}::text[]),
    holder as (
      select unnest(${[...principals]}::text[]) as id
      union select principal_id from policy_grant where role = any(${[...roles]}::text[])
        or scope_id in (select id from above) or scope_id in (select id from below)
      union select member_id from policy_member join holder on holder.id = group_id)
    select id from holder where id like 'user\\_%' order by id limit ${peopleMax + 1}`.execute(tx.db)
  return rows.map(({ id }) => id)
}

const look = async (tx: Context, { scopes }: Touched, people: readonly string[]): Promise<World> => {
  const holdings = new Map<string, Holdings>()
  for (const id of people) holdings.set(id, await holdingsOf(tx, id))
  const held = [...holdings.values()].flatMap(({ grants }) => grants.map(({ scope }) => scope))
  const { rows: below } = await sql<{ id: string }>`
    select id from policy_scope where ancestors && ${[...scopes]}::text[] limit ${scopesMax}`.execute(tx.db)
  const ids = [...new Set([...held, ...below.map(({ id }) => id)])]
  return { policy: await policyOf(tx), holdings, scopes: await findScopes(tx, ids) }
}

type Found = { readonly gained: boolean; readonly told: Difference }
type At = { readonly points: ReadonlySet<string>; readonly nowMs: number }

const compare = (before: World, after: World, { points, nowMs }: At): Found[] => {
  // What the change did not touch lies where it lay.
  const scopeIn = (world: World, other: World, id: string) => world.scopes.get(id) ?? other.scopes.get(id)
  const ordered = [...points].flatMap((id) => {
    const [was, is] = [scopeIn(before, after, id), scopeIn(after, before, id)]
    return was && is ? [{ was, is }] : []
  })
  // From the root down: what is told of a place is not told again of those below it.
  ordered.sort((a, b) => a.is.ancestors.length - b.is.ancestors.length || (a.is.path < b.is.path ? -1 : 1))
  const people = [...new Set([...before.holdings.keys(), ...after.holdings.keys()])]
  return people.flatMap((person) => {
    const told: { found: Found; key: string; id: string }[] = []
    for (const { was, is } of ordered) {
      const [had, has] = [before, after].map((world, i) => rightsAt(world, person, i === 0 ? was : is, nowMs)) as [Rights, Rights] // one for each
      for (const [action, key] of differences(had, has)) {
        if (told.some((one) => one.key === key && is.ancestors.includes(one.id))) continue
        const gained = has(action) > had(action)
        const conditional = Math.max(had(action), has(action)) < always || Math.min(had(action), has(action)) > never
        const path = gained ? is.path : was.path
        told.push({ key, id: is.id, found: { gained, told: { principal: person, action, scope: path, conditional } } })
      }
    }
    return told.map(({ found }) => found)
  })
}

const [never, sometimes, always] = [0, 1, 2] as const
type Right = typeof never | typeof sometimes | typeof always
type Rights = (action: string) => Right

const differences = (had: Rights, has: Rights): [string, string][] =>
  allActions.flatMap((action): [string, string][] =>
    had(action) === has(action) ? [] : [[action, `${action} ${had(action)} ${has(action)}`]],
  )

/** By roles, as `decide` judges things that bear no more than their scope. What is one's own is not told. */
const rightsAt = ({ policy, holdings }: World, person: string, scope: Scope, nowMs: number): Rights => {
  const { grants, clearance } = holdings.get(person) ?? { grants: [], clearance: bottom }
  const here = grants.filter(
    (grant) => scope.ancestors.includes(grant.scope) && !grant.eligible && (grant.expiresAt?.getTime() ?? Infinity) > nowMs,
  )
  const isCertain = ({ condition, startsAt }: Grant) => condition === undefined && (startsAt?.getTime() ?? -Infinity) <= nowMs
  const [certain, possible] = [here.filter(isCertain), here.filter((grant) => !isCertain(grant))]
  const denying = (some: readonly Grant[]) => some.filter(({ effect }) => effect === 'deny')
  const cleared = isCleared(clearance, scope)
  return (action) => {
    if (!cleared || isDenied(denying(certain), action)) return never
    const roles = policy.rolesWith(action)
    const gives = (some: readonly Grant[]) => some.some(({ effect, role = '' }) => effect === 'allow' && roles.includes(role))
    // What everyone has, of the organisation, is neither gained nor lost with a role; it is lost by a denial.
    const certainly = commonActions.includes(action) ? scope.parentId === undefined : gives(certain)
    if (!certainly && (commonActions.includes(action) || !gives(possible))) return never
    return certainly && !isDenied(denying(possible), action) ? always : sometimes
  }
}
