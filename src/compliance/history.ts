// How compliance came to be what it is: counts at points in time, for charts.
import { sql } from 'kysely'
import { filterFor, visible } from '#policy'
import type { Context } from '#platform/context.ts'
import { subjectState } from './state-sql.ts'
import type { State } from './state.ts'
import { asked, type Asked } from './summary-scope.ts'
import { stated, sums } from './tally.ts'

/** Points nearer than this replace each other. */
const pointMs = 300_000
/** All of them are kept so long; then one a day. */
const allKeptDays = 7
const daysKept = 400
const dayMs = 86_400_000

/** How it stands, by place, label and assignment. */
export const keepPoint = async (tx: Context): Promise<void> => {
  const at = new Date(Math.floor(tx.now().getTime() / pointMs) * pointMs)
  const all = await sums(tx, sql<boolean>`true`, true)
  await sql`delete from compliance_point where at = ${at}`.execute(tx.db)
  await sql`${all.withKept}, stated as (
      select '' as assignment_id, scope_id, rank, caveats, ${subjectState(all.read)} as state, 1 as things from seen
      union all
      select '', scope_id, rank, caveats, case when kept.stale then 'stale' else pattern.state end, kept.things
        from kept join compliance_pattern pattern on pattern.id = kept.pattern_id
      union all
      select rule.assignment_id, said.scope_id, said.rank, said.caveats, said.state, said.things
        from (${stated(all)}) said join compliance_rule rule on rule.id = said.rule_id)
    insert into compliance_point (at, assignment_id, scope_id, rank, caveats, compliant, non_compliant, exempt, stale, unknown)
    select ${at}, assignment_id, scope_id, rank, caveats, ${ofState('compliant')}, ${ofState('non-compliant')}, ${ofState('exempt')}, ${ofState('stale')},
      ${ofState('unknown')}
    from stated where state is not null group by assignment_id, scope_id, rank, caveats`.execute(tx.db)
  await thin(tx)
}

const ofState = (state: State) => sql`coalesce(sum(things) filter (where state = ${state}), 0)`

const thin = async (tx: Context): Promise<void> => {
  const now = tx.now().getTime()
  const whole = new Date(now - allKeptDays * dayMs)
  const kept = new Date(now - daysKept * dayMs)
  await sql`delete from compliance_point where at < ${kept} or at in (
    select at from (select at, row_number() over (partition by date_trunc('day', at) order by at) as nth
      from (select distinct at from compliance_point where at < ${whole}) old) numbered where nth > 1)`.execute(tx.db)
  await sql`delete from compliance_transition where at < ${kept}`.execute(tx.db)
}

export type Point = { at: string } & Record<State, number>
export const pointsMax = 1_000

/** Things by the worst of their verdicts, or the verdicts of one assignment or initiative. */
export const pointsOver = async (ctx: Context, given: Asked & { since?: string | undefined }): Promise<Point[]> => {
  const { scope, assignments } = await asked(ctx, given)
  const seen = visible(await filterFor(ctx, 'compliance.read'), ctx.actor.id, {
    scope: 'point.scope_id',
    rank: 'point.rank',
    caveats: 'point.caveats',
  })
  const of = assignments ?? ['']
  const since = given.since === undefined ? new Date(ctx.now().getTime() - 30 * dayMs) : new Date(given.since)
  const { rows } = await sql<Record<State, number> & { at: Date }>`
    select * from (
      select at, sum(compliant)::int as compliant, sum(non_compliant)::int as "non-compliant", sum(exempt)::int as exempt,
        sum(stale)::int as stale, sum(unknown)::int as unknown
      from compliance_point point
      where assignment_id = any(${of}::text[]) and at >= ${since} and ${seen}
        and scope_id in (select id from policy_scope where ancestors @> array[${scope.id}::text])
      group by at order by at desc limit ${pointsMax}) latest order by at`.execute(ctx.db)
  return rows.map(({ at, ...counts }) => ({ at: at.toISOString(), ...counts }))
}
