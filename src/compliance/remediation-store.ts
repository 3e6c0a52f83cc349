import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'

export type Running = {
  readonly id: string
  readonly assignment: string
  readonly guardrails: string[] | null
  readonly scopeId: string
  readonly perMinute: number
  readonly approved: boolean
  readonly reason: string | null
  readonly startedBy: string
  readonly startedAt: Date
  readonly stoppedBy: string | null
  readonly stoppedAt: Date | null
  readonly stoppedBecause: string | null
}

const columns = sql`id, assignment_id as assignment, guardrails, scope_id as "scopeId", per_minute as "perMinute", approved, reason,
  started_by as "startedBy", started_at as "startedAt", stopped_by as "stoppedBy", stopped_at as "stoppedAt", stopped_because as "stoppedBecause"`

export const insertRemediation = async (tx: Context, row: Running): Promise<void> =>
  void (await sql`insert into compliance_remediation (id, assignment_id, guardrails, scope_id, per_minute, approved, reason, started_by, started_at)
    values (${row.id}, ${row.assignment}, ${row.guardrails}, ${row.scopeId}, ${row.perMinute}, ${row.approved}, ${row.reason}, ${row.startedBy},
      ${row.startedAt})`.execute(tx.db))

export const runningIds = async (ctx: Pick<Context, 'db'>): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select id from compliance_remediation where stopped_at is null order by started_at, id`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

/** One, if it runs; it is not stopped while the transaction lasts, and whoever stops it waits for that. */
export const holdRunning = async (tx: Context, id: string): Promise<Running | undefined> => {
  const { rows } = await sql<Running>`
    select ${columns} from compliance_remediation where id = ${id} and stopped_at is null for update`.execute(tx.db)
  return rows[0]
}

export const findRemediation = async (ctx: Pick<Context, 'db'>, id: string): Promise<Running | undefined> => {
  const { rows } = await sql<Running>`select ${columns} from compliance_remediation where id = ${id}`.execute(ctx.db)
  return rows[0]
}

/** Another that does the same at this place or around it. */
export const rivalOf = async (
  tx: Context,
  { assignment, scopeIds }: { assignment: string; scopeIds: readonly string[] },
): Promise<string | undefined> => {
  const { rows } = await sql<{ id: string }>`
    select id from compliance_remediation where stopped_at is null and assignment_id = ${assignment} and scope_id = any(${[...scopeIds]}::text[])
    limit 1`.execute(tx.db)
  return rows[0]?.id
}

export const stopRemediation = async (tx: Context, id: string, by: string, because: string): Promise<void> =>
  void (await sql`update compliance_remediation set stopped_at = ${tx.now()}, stopped_by = ${by}, stopped_because = ${because}
    where id = ${id}`.execute(tx.db))

export type ItemState = 'rewritten' | 'locked' | 'refused' | 'set-aside'
export type Item = {
  readonly subject: string
  readonly state: ItemState
  readonly explanation?: string
  readonly generation: number
}

export const noteItem = async (
  tx: Context,
  remediation: string,
  { subject, state, explanation, generation }: Item,
): Promise<void> =>
  void (await sql`
    insert into compliance_remediation_item (remediation_id, subject_id, state, explanation, generation, at)
    values (${remediation}, ${subject}, ${state}, ${explanation ?? null}, ${generation}, ${tx.now()})
    on conflict (remediation_id, subject_id) do update set state = excluded.state, explanation = excluded.explanation,
      generation = excluded.generation, at = excluded.at`.execute(tx.db))

/** Longer ago, a rewrite is no sign of a fight. */
export const fightWindowMs = 3_600_000

export const noteRewrite = async (tx: Context, remediation: string, subject: string, generation: number): Promise<void> => {
  await sql`insert into compliance_rewrite (remediation_id, subject_id, generation, at)
    values (${remediation}, ${subject}, ${generation}, ${tx.now()})`.execute(tx.db)
  await sql`delete from compliance_rewrite where at < ${new Date(tx.now().getTime() - fightWindowMs)}`.execute(tx.db)
}

/** By which remediations this thing was rewritten of late, newest first. */
export const rewritesOf = async (tx: Context, subject: string): Promise<{ remediation: string; assignment: string }[]> => {
  const since = new Date(tx.now().getTime() - fightWindowMs)
  const { rows } = await sql<{ remediation: string; assignment: string }>`
    select made.remediation_id as remediation, by.assignment_id as assignment from compliance_rewrite made
    join compliance_remediation by on by.id = made.remediation_id
    where made.subject_id = ${subject} and made.at > ${since} order by made.seq desc`.execute(tx.db)
  return rows
}

export const countRewrites = async (tx: Context, remediation: string, withinMs: number): Promise<number> => {
  const since = new Date(tx.now().getTime() - withinMs)
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from compliance_rewrite where remediation_id = ${remediation} and at > ${since}`.execute(tx.db)
  return rows[0]?.count ?? 0
}

/** What was refused is tried again when it changed, or after this long. */
export const retryAfterMs = 600_000

type About = Pick<Running, 'assignment' | 'guardrails' | 'scopeId'>

/** Things that are known not to be as they should, and for which the guardrail knows how. Never what is only observed. */
export const candidates = ({ assignment, guardrails, scopeId }: About) => sql<{ id: string }>`
  select distinct f.subject_id as id from compliance_finding f
  join compliance_rule rule on rule.id = f.rule_id join compliance_subject subject on subject.id = f.subject_id
  where rule.assignment_id = ${assignment} and (${guardrails}::text[] is null or rule.guardrail = any(${guardrails}::text[]))
    and f.remediable and f.state = 'non-compliant' and not subject.observed
    and subject.scope_id in (select id from policy_scope where ancestors @> array[${scopeId}::text])`

/** Of those, the next that this remediation has not given up or just been refused. */
export const nextCandidate = async (tx: Context, running: Running): Promise<string | undefined> => {
  const since = new Date(tx.now().getTime() - retryAfterMs)
  const { rows } = await sql<{ id: string }>`
    select candidate.id from (${candidates(running)}) candidate join compliance_subject subject on subject.id = candidate.id
    where not exists (select from compliance_remediation_item item
      where item.remediation_id = ${running.id} and item.subject_id = candidate.id
        and (item.state = 'set-aside' or (item.state in ('locked', 'refused') and item.generation = subject.generation and item.at > ${since})))
    order by candidate.id limit 1`.execute(tx.db)
  return rows[0]?.id
}
