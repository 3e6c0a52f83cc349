// How compliance came to be what it is: counts at points in time, for charts; and what became different, thing by thing.
import { sql, type RawBuilder } from 'kysely'
import { filterFor, visible } from '#policy'
import { atomically, type Context } from '#platform/context.ts'
import { findingState, reading, subjectState } from './state-sql.ts'
import type { State } from './state.ts'
import { asked, type Asked } from './summary-scope.ts'

/** Points nearer than this replace each other. */
const pointMs = 300_000
/** All of them are kept so long; then one a day. */
const allKeptDays = 7
const daysKept = 400
const dayMs = 86_400_000

/** How it stands, by place, label and assignment. */
export const keepPoint = async (tx: Context): Promise<void> => {
  const at = new Date(Math.floor(tx.now().getTime() / pointMs) * pointMs)
  const read = await reading(tx, sql<boolean>`true`, true)
  await sql`delete from compliance_point where at = ${at}`.execute(tx.db)
  await sql`${read.withSeen}, stated as (
      select '' as assignment_id, scope_id, rank, caveats, ${subjectState(read)} as state from seen
      union all
      select rule.assignment_id, seen.scope_id, seen.rank, seen.caveats, ${findingState(read)}
        from compliance_finding f join seen on seen.id = f.subject_id join compliance_rule rule on rule.id = f.rule_id
      union all
      select rule.assignment_id, seen.scope_id, seen.rank, seen.caveats, case when seen.stale is null then 'compliant' else 'stale' end
        from seen cross join unnest(seen.compliant) as held (id) join compliance_rule rule on rule.id = held.id)
    insert into compliance_point (at, assignment_id, scope_id, rank, caveats, compliant, non_compliant, exempt, stale, unknown)
    select ${at}, assignment_id, scope_id, rank, caveats, count(*) filter (where state = 'compliant'), count(*) filter (where state = 'non-compliant'),
      count(*) filter (where state = 'exempt'), count(*) filter (where state = 'stale'), count(*) filter (where state = 'unknown')
    from stated where state is not null group by assignment_id, scope_id, rank, caveats`.execute(tx.db)
  await thin(tx)
}

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

export type TransitionRow = {
  seq: number
  resource: { id: string; kind: string; name: string }
  assignment: string
  guardrail: string
  was?: string
  became?: string
  cause: string
  actor?: string
  requestId?: string
  generation?: number
  guardrailsVersion: string
  at: string
}

type Kept = {
  seq: number
  subject_id: string
  kind: string
  name: string
  assignment_id: string
  guardrail: string
  was: string | null
  became: string | null
  cause: string
  actor: string | null
  request_id: string | null
  generation: number | null
  version: string
  at: Date
}

export type TransitionQuery = {
  resource?: string | undefined
  assignment?: string | undefined
  after?: number | undefined
  limit: number
}

/** Newest first. Of what is gone nothing is told. */
export const transitionsOf = (ctx: Context, { resource, assignment, after, limit }: TransitionQuery) =>
  atomically(ctx, async (tx) => {
    const wanted: RawBuilder<boolean>[] = [
      ...(resource === undefined ? [] : [sql<boolean>`moved.subject_id = ${resource}`]),
      ...(assignment === undefined ? [] : [sql<boolean>`moved.assignment_id = ${assignment}`]),
      ...(after === undefined ? [] : [sql<boolean>`moved.seq < ${after}`]),
    ]
    const narrowed = resource === undefined ? sql<boolean>`true` : sql<boolean>`subject.id = ${resource}`
    const { withSeen } = await reading(tx, narrowed)
    const { rows } = await sql<Kept>`${withSeen}
      select moved.* from compliance_transition moved where moved.subject_id in (select id from seen)
        ${wanted.length === 0 ? sql`` : sql`and ${sql.join(wanted, sql` and `)}`}
      order by moved.seq desc limit ${limit + 1}`.execute(tx.db)
    const items = rows.slice(0, limit).map(toTransition)
    const last = items.at(-1)
    return { items, ...(rows.length > limit && last ? { next: last.seq } : {}) }
  })

const toTransition = (row: Kept): TransitionRow => ({
  seq: row.seq,
  resource: { id: row.subject_id, kind: row.kind, name: row.name },
  assignment: row.assignment_id,
  guardrail: row.guardrail,
  ...(row.was === null ? {} : { was: row.was }),
  ...(row.became === null ? {} : { became: row.became }),
  cause: row.cause,
  ...(row.actor === null ? {} : { actor: row.actor }),
  ...(row.request_id === null ? {} : { requestId: row.request_id }),
  ...(row.generation === null ? {} : { generation: row.generation }),
  guardrailsVersion: row.version,
  at: row.at.toISOString(),
})
