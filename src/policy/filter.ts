// Lists: what `decide` would answer row by row, as a condition for one query; a property test holds the two equal.
import { sql, type RawBuilder } from 'kysely'
import type { Context, Label } from '#platform/context.ts'
import { unauthenticated } from '#platform/problem.ts'
import { remembered } from './cache.ts'
import type { AccessCondition } from './conditions.ts'
import { policyOf, scopeOf } from './decide.ts'
import type { Grant } from './grants.ts'
import { circumstances, heldBy, inForceAnywhere, isDenied, type Split } from './held.ts'
import { holdsNow, type Circumstances, type Truth } from './holds.ts'
import { anyCaveat, bottom, top } from './labels.ts'
import { commonActions, ownActions } from './roles.ts'

export type Filter = {
  /** Scopes at or below which everything of the kind may be seen. */
  readonly scopeIds: readonly string[]
  /** Everywhere. */
  readonly all: boolean
  /** Given where it is said, for what meets its condition. */
  readonly conditional: readonly Grant[]
  /** Taken out of all of these, of what one owns as well. */
  readonly denied: Split
  /** What the principal owns may be seen wherever it is. */
  readonly own: boolean
  readonly withinScope: string | undefined
  /** Nothing labelled above this is seen. */
  readonly clearance: Label
  readonly given: Circumstances
}

const none: Split = { scopeIds: [], conditional: [] }

export const filterFor = async (ctx: Context, action: string): Promise<Filter> => {
  ctx.decisions.count++
  const { actor } = ctx
  if (actor.kind === 'anonymous')
    throw unauthenticated('Sign in, or send an API key.', { headers: { 'www-authenticate': 'Bearer' } })
  const { limits } = actor
  const given = await circumstances(ctx, actor)
  const nothing = { ...none, all: false, own: false, denied: none, withinScope: limits?.scope, clearance: bottom, given }
  if (actor.kind === 'system') return { ...nothing, all: true, withinScope: undefined, clearance: top }
  if (limits?.actions !== undefined && !limits.actions.includes(action)) return nothing
  const policy = await policyOf(ctx)
  ctx.decisions.policyVersion = policy.version
  const giving = new Set(policy.rolesWith(action))
  const { grants, clearance } = await heldBy(ctx, actor.id)
  const allowed = inForceAnywhere(
    grants.filter(({ effect, role = '' }) => effect === 'allow' && giving.has(role)),
    given,
  )
  const root = await scopeOf(ctx, undefined)
  return {
    ...allowed,
    all: commonActions.includes(action) || (root !== undefined && allowed.scopeIds.includes(root.id)),
    denied: inForceAnywhere(
      grants.filter((grant) => grant.effect === 'deny' && isDenied([grant], action)),
      given,
    ),
    own: ownActions.includes(action),
    withinScope: limits?.scope,
    clearance,
    given,
  }
}

/** In what share of all scopes, from 0 to 1, there may be something to see beside what one owns: for whoever chooses how to look for it. */
export const shareOf = async (ctx: Context, { all, scopeIds, conditional }: Filter): Promise<number> => {
  if (all) return 1
  const places = [...new Set([...scopeIds, ...conditional.map(({ scope }) => scope)])].sort()
  if (places.length === 0) return 0
  return remembered(ctx, `share ${places.join(' ')}`, async (db) => {
    const { rows } = await sql<{ share: number }>`select (select count(*) from policy_below(${places}::text[]))::float
      / greatest((select count(*) from policy_scope), 1) as share`.execute(db)
    return rows[0]!.share
  })
}

/** Whether all that it asks of a row is where it lies and how it is classified, and not whose it is or what tags it bears. */
export const isByPlace = ({ all, own, conditional, denied }: Filter): boolean =>
  (all || (!own && !conditional.some(asksForTags))) && !denied.conditional.some(asksForTags)

const asksForTags = ({ condition }: Grant): boolean => condition !== undefined && namesTag(condition)

const namesTag = (condition: AccessCondition): boolean => {
  if ('all' in condition) return condition.all.some(namesTag)
  if ('any' in condition) return condition.any.some(namesTag)
  if ('not' in condition) return namesTag(condition.not)
  return 'label' in condition
}

export type Columns = {
  /** Holds scope ids. */
  readonly scope: string
  readonly owner?: string
  /** Tags (jsonb); without the column a row bears none, as a thing bears none that comes without. */
  readonly labels?: string
  /** The row's own label; without them it has none. */
  readonly rank?: string
  readonly caveats?: string
}

/** The filter as a condition over the columns that say where a row lies, whose it is and how it is labelled. */
export const visible = (filter: Filter, actorId: string, columns: Columns): RawBuilder<boolean> => {
  const below = (ids: readonly string[]) => belowAny(columns, ids)
  const some = filter.all ? [] : filter.conditional.map((grant) => met(grant, filter.given, columns, false))
  const owned = filter.own && columns.owner !== undefined ? [sql<boolean>`${sql.ref(columns.owner)} = ${actorId}`] : []
  const within = filter.withinScope === undefined ? [] : [below([filter.withinScope])]
  const { scopeIds, conditional } = filter.denied
  const denied = [
    ...(scopeIds.length === 0 ? [] : [below(scopeIds)]),
    ...conditional.map((grant) => met(grant, filter.given, columns, true)),
  ].map((condition) => sql<boolean>`not ${condition}`)
  const places =
    filter.all || some.length + owned.length > 0
      ? [
          sql<boolean>`(${sql.join([filter.all ? sql<boolean>`true` : below(filter.scopeIds), ...some, ...owned], sql` or `)})`,
          nowhereAbove(filter.clearance, columns),
        ]
      : // One set of places, and not one without another: PostgreSQL then goes from the places to the rows.
        [belowAny(columns, filter.scopeIds, sql`and ${clearedFor(filter.clearance, scopeLabel)}`)]
  return sql<boolean>`(${sql.join([...places, ...within, ...denied, ownCleared(filter.clearance, columns)], sql` and `)})`
}

/** To look for many places in each scope's ancestors takes 80 ms of 10,000 scopes (measured), which PostgreSQL does not foresee: a function says how few it finds, and by which index. */
const belowAny = (columns: Columns, ids: readonly string[], more: RawBuilder<unknown> = sql``): RawBuilder<boolean> =>
  ids.length > 1
    ? sql<boolean>`${sql.ref(columns.scope)} in (select id from policy_below(${[...ids]}::text[]) where true ${more})`
    : sql<boolean>`${sql.ref(columns.scope)} in (select id from policy_scope where ancestors && ${[...ids]}::text[] ${more})`

/** What cannot be judged gives nothing, and denies. */
const met = ({ scope, condition }: Grant, given: Circumstances, columns: Columns, unknown: boolean): RawBuilder<boolean> => {
  const truth = condition ? truthOf(condition, given, columns) : sql`true`
  return sql<boolean>`(${belowAny(columns, [scope])} and coalesce(${truth}, ${unknown}))`
}

const literal = (truth: Truth) => (truth === undefined ? sql`null::boolean` : truth ? sql`true` : sql`false`)

/** SQL's own null is what cannot be judged. */
const truthOf = (condition: AccessCondition, given: Circumstances, columns: Columns): RawBuilder<unknown> => {
  const each = (some: readonly AccessCondition[]) => some.map((part) => truthOf(part, given, columns))
  if ('all' in condition) return sql`(${sql.join(each(condition.all), sql` and `)})`
  if ('any' in condition) return sql`(${sql.join(each(condition.any), sql` or `)})`
  if ('not' in condition) return sql`(not ${truthOf(condition.not, given, columns)})`
  if ('label' in condition) {
    const { name, in: values } = condition.label
    return columns.labels === undefined
      ? literal(false)
      : sql`coalesce(${sql.ref(columns.labels)} ->> ${name}::text = any(${[...values]}::text[]), false)`
  }
  if ('classification' in condition) {
    const most = given.ranks.get(condition.classification.atMost)
    if (most === undefined) return literal(undefined)
    const own = columns.rank === undefined ? sql`true` : sql`${sql.ref(columns.rank)} <= ${most}`
    return sql`(${own} and ${sql.ref(columns.scope)} in (select id from policy_scope where effective_rank <= ${most}))`
  }
  return literal(holdsNow(condition, given))
}

type LabelColumns = { rank: RawBuilder<unknown>; caveats: RawBuilder<unknown> }
const scopeLabel: LabelColumns = { rank: sql`effective_rank`, caveats: sql`effective_caveats` }

const clearedFor = ({ rank, caveats }: Label, columns: LabelColumns): RawBuilder<boolean> =>
  caveats.includes(anyCaveat)
    ? sql<boolean>`${columns.rank} <= ${rank}`
    : sql<boolean>`${columns.rank} <= ${rank} and ${columns.caveats} <@ ${[...caveats]}::text[]`

const ownCleared = (clearance: Label, { rank, caveats }: Columns): RawBuilder<boolean> =>
  rank !== undefined && caveats !== undefined
    ? clearedFor(clearance, { rank: sql.ref(rank), caveats: sql.ref(caveats) })
    : sql<boolean>`true`

const nowhereAbove = (clearance: Label, { scope }: Columns): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref(scope)} not in (select id from policy_scope where not (${clearedFor(clearance, scopeLabel)}))`
