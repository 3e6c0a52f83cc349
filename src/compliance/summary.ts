// How it stands, as one may see it: things by the worst of their verdicts, place by place, and verdicts by what is assigned.
import { sql } from 'kysely'
import { guardrailsVersion } from '#guardrails'
import { findScopes, type Scope } from '#policy'
import { atomically, type Context } from '#platform/context.ts'
import { states, type State } from './state.ts'
import { below, findingState, subjectState, type Reading } from './state-sql.ts'
import { readProgress } from './sweep-progress.ts'
import { asked, type Asked } from './summary-scope.ts'
import { stated, sums, type Sums } from './tally.ts'

export type Counts = Record<State, number>
const none = (): Counts => ({ compliant: 0, 'non-compliant': 0, exempt: 0, stale: 0, unknown: 0 })

/** The longest lists told; what is beyond is in the totals. */
export const listedMax = 500

type ByGuardrail = { guardrail: string; title: string; effect: string; enforced: boolean; verdicts: Counts }
type ByAssignment = { assignment: string; initiative?: string; verdicts: Counts; guardrails: ByGuardrail[] }
export type Summary = {
  scope: string
  guardrailsVersion: string
  /** No verdict that counts is older. */
  oldestAt?: string
  sweep: { running: boolean; startedAt?: string; seen: number; finishedAt?: string; finishedSeen?: number }
  resources: Counts
  verdicts: Counts
  scopes: { scope: string; scopeId: string; resources: Counts }[]
  initiatives: { initiative: string; verdicts: Counts }[]
  assignments: ByAssignment[]
}

/** All its counts are of one moment. They are sums that were kept, of which staleness is decided here: see tally.ts. */
export const summary = (ctx: Context, given: Asked): Promise<Summary> =>
  atomically(ctx, async (tx) => {
    await sql`set transaction isolation level repeatable read, read only`.execute(tx.db)
    return read(tx, given)
  })

const read = async (ctx: Context, given: Asked): Promise<Summary> => {
  const { scope, assignments } = await asked(ctx, given)
  const all = await sums(ctx, below(scope.id))
  const byScope = await countByScope(ctx, all, assignments)
  const byRule = await countByRule(ctx, all, assignments)
  const assignmentsNow = grouped(byRule)
  return {
    scope: scope.path,
    guardrailsVersion: await guardrailsVersion(ctx),
    ...(byScope.oldest ? { oldestAt: byScope.oldest.toISOString() } : {}),
    sweep: await sweepNow(ctx),
    resources: sum(byScope.rows.map(({ counts }) => counts)),
    verdicts: sum(byRule.map(({ verdicts }) => verdicts)),
    scopes: await rolledUp(ctx, scope, byScope.rows),
    initiatives: [...Map.groupBy(assignmentsNow, ({ initiative }) => initiative ?? '')]
      .filter(([initiative]) => initiative !== '')
      .map(([initiative, of]) => ({ initiative, verdicts: sum(of.map(({ verdicts }) => verdicts)) })),
    assignments: assignmentsNow.slice(0, listedMax),
  }
}

export const sweepNow = async (ctx: Context): Promise<Summary['sweep']> => {
  const { sweeping, startedAt, seen, sweptAt, sweptSeen } = await readProgress(ctx)
  return {
    running: sweeping,
    seen,
    ...(startedAt ? { startedAt: startedAt.toISOString() } : {}),
    ...(sweptAt ? { finishedAt: sweptAt.toISOString() } : {}),
    ...(sweptSeen === null ? {} : { finishedSeen: sweptSeen }),
  }
}

type ScopeCounts = { scopeId: string; counts: Counts }

/** Where only some assignments are asked for, a thing is as bad as the worst of their verdicts on it. */
const countByScope = async (
  ctx: Context,
  { read, withKept }: Sums,
  assignments: string[] | undefined,
): Promise<{ rows: ScopeCounts[]; oldest: Date | undefined }> => {
  const state = assignments === undefined ? subjectState(read) : stateAmong(read, assignments)
  const { rows } = await sql<{
    scope_id: string
    state: State
    count: number
    oldest: Date | null
  }>`${withKept}, alike as materialized (
      select pattern.id, ${assignments === undefined ? patternState : patternAmong(assignments)}
      from compliance_pattern pattern where pattern.id in (select pattern_id from kept))
    select scope_id, state, sum(things)::int as count, min(oldest) as oldest from (
      select seen.scope_id, seen.judged_at as oldest, ${state} as state, 1 as things from seen
      union all
      select kept.scope_id, kept.oldest, case when kept.stale then alike.stale else alike.state end, kept.things
        from kept join alike on alike.id = kept.pattern_id) stated
    where state is not null group by scope_id, state`.execute(ctx.db)
  const oldest = rows.flatMap(({ oldest: at }) => at ?? []).sort((a, b) => a.getTime() - b.getTime())[0]
  return {
    rows: [...Map.groupBy(rows, ({ scope_id }) => scope_id)].map(([scopeId, of]) => ({ scopeId, counts: countsOf(of) })),
    oldest,
  }
}

const rulesOf = (assignments: readonly string[]) =>
  sql`select id from compliance_rule where assignment_id = any(${[...assignments]}::text[])`

const stateAmong = (read: Reading, assignments: readonly string[]) => {
  const rules = rulesOf(assignments)
  return sql<string>`(
    select state from (
      select ${findingState(read)} as state from compliance_finding f where f.subject_id = seen.id and f.rule_id in (${rules})
      union all select case when seen.stale is null then 'compliant' else 'stale' end where seen.compliant && array(${rules})) among
    order by array_position(array['non-compliant', 'unknown', 'stale', 'exempt', 'compliant'], state) limit 1)`
}

const patternState = sql`pattern.state, 'stale' as stale`

const patternAmong = (assignments: readonly string[]) => {
  const rules = rulesOf(assignments)
  return sql`(
    select state from (
      select said.state from unnest(pattern.found, pattern.states) as said (rule, state) where said.rule in (${rules})
      union all select 'compliant' where pattern.compliant && array(${rules})) among
    order by array_position(array['non-compliant', 'unknown', 'exempt', 'compliant'], state) limit 1) as state,
    case when pattern.compliant || pattern.found && array(${rules}) then 'stale' end as stale`
}

const countsOf = (rows: readonly { state: State; count: number }[]): Counts => {
  const counts = none()
  for (const { state, count } of rows) counts[state] += count
  return counts
}

const sum = (all: readonly Counts[]): Counts => {
  const total = none()
  for (const counts of all) for (const state of states) total[state] += counts[state]
  return total
}

/** The asked scope itself, and each of those right below it with all that it holds. */
const rolledUp = async (ctx: Context, scope: Scope, counted: readonly ScopeCounts[]): Promise<Summary['scopes']> => {
  const known = await findScopes(ctx, [...new Set([scope.id, ...counted.map(({ scopeId }) => scopeId)])])
  // Nearest first: the one right below is just before the asked one.
  const under = ({ scopeId }: ScopeCounts): string => {
    const ancestors = known.get(scopeId)?.ancestors ?? []
    return ancestors[Math.max(0, ancestors.indexOf(scope.id) - 1)] ?? scopeId
  }
  const groups = Map.groupBy(counted, under)
  const folders = await findScopes(
    ctx,
    [...groups.keys()].filter((id) => !known.has(id)),
  )
  return [...groups]
    .map(([scopeId, of]) => ({
      scope: (known.get(scopeId) ?? folders.get(scopeId))?.path ?? scopeId,
      scopeId,
      resources: sum(of.map(({ counts }) => counts)),
    }))
    .sort((a, b) => b.resources['non-compliant'] - a.resources['non-compliant'] || a.scope.localeCompare(b.scope))
    .slice(0, listedMax)
}

type RuleCounts = ByGuardrail & { assignment: string; initiative: string | null }

const countByRule = async (ctx: Context, all: Sums, assignments: string[] | undefined): Promise<RuleCounts[]> => {
  const { rows } = await sql<Omit<RuleCounts, 'verdicts'> & { state: State; count: number }>`${all.withKept},
    counted as (select rule_id as id, state, sum(things)::int as count from (${stated(all)}) said group by rule_id, state)
    select rule.assignment_id as assignment, rule.guardrail, rule.initiative, rule.title, rule.effect, rule.enforced, counted.state, counted.count
    from counted join compliance_rule rule on rule.id = counted.id
    where ${assignments ?? null}::text[] is null or rule.assignment_id = any(${assignments ?? null}::text[])
    order by assignment, rule.guardrail`.execute(ctx.db)
  return [...Map.groupBy(rows, ({ assignment, guardrail }) => `${assignment} ${guardrail}`).values()].map((of) => {
    const { assignment, guardrail, initiative, title, effect, enforced } = of[0]!
    return { assignment, guardrail, initiative, title, effect, enforced, verdicts: countsOf(of) }
  })
}

const grouped = (rules: readonly RuleCounts[]): ByAssignment[] =>
  [...Map.groupBy(rules, ({ assignment }) => assignment)].map(([assignment, of]) => ({
    assignment,
    ...(of[0]!.initiative === null ? {} : { initiative: of[0]!.initiative }),
    verdicts: sum(of.map(({ verdicts }) => verdicts)),
    guardrails: of.map(({ guardrail, title, effect, enforced, verdicts }) => ({ guardrail, title, effect, enforced, verdicts })),
  }))
