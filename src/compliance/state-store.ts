// What is kept of each judgement, as rows: written a slice at a time, and only where something is different.
import { sql, type RawBuilder } from 'kysely'
import type { Context } from '#platform/context.ts'
import type { Finding, Kept, Known, Settled, Vouched } from './state.ts'
import { counted, patternIds, tally } from './tally-store.ts'

/** What is judged: a resource, or something observed, with where policy looks for it. */
export type Subject = {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly observed: boolean
  readonly scopeId: string
  readonly owner: string
  readonly labels: Readonly<Record<string, string>>
  readonly rank: number
  readonly caveats: readonly string[]
  readonly generation: number | undefined
}

export type Before = Known & {
  readonly due: number
  readonly judged: boolean
  readonly version: string | undefined
  readonly generation: number | undefined
}

type SubjectRow = {
  id: string
  due: number
  judged: boolean
  version: string | null
  generation: number | null
  compliant: number[]
}
type FindingRow = {
  subject_id: string
  rule: number
  state: Kept
  until: Date | null
  after: 'unknown' | 'non-compliant' | null
  message: string | null
  exemption: string | null
  attestation: string | null
  remediable: boolean
}

/** What is known of each, and how often it was said to have changed since: read before the documents are. */
export const findBefore = async (tx: Context, ids: readonly string[]): Promise<Map<string, Before>> => {
  const { rows: subjects } = await sql<SubjectRow>`
    select id, due, judged_at is not null as judged, version, generation, compliant
    from compliance_subject where id = any(${[...ids]}::text[])`.execute(tx.db)
  const { rows: findings } = await sql<FindingRow>`
    select subject_id, rule_id as rule, state, until, after, message, exemption_id as exemption, attestation_id as attestation, remediable
    from compliance_finding where subject_id = any(${subjects.map(({ id }) => id)}::text[])`.execute(tx.db)
  const bySubject = Map.groupBy(findings, ({ subject_id }) => subject_id)
  return new Map(
    subjects.map(({ id, version, generation, ...row }) => [
      id,
      {
        ...row,
        version: version ?? undefined,
        generation: generation ?? undefined,
        findings: (bySubject.get(id) ?? []).map(toFinding),
      },
    ]),
  )
}

const toFinding = (row: FindingRow): Finding => ({
  rule: row.rule,
  state: row.state,
  until: row.until?.toISOString(),
  after: row.after ?? undefined,
  message: row.message ?? undefined,
  exemption: row.exemption ?? undefined,
  attestation: row.attestation ?? undefined,
  remediable: row.remediable,
})

export type Judged = { readonly subject: Subject; readonly due: number; readonly settled: Settled }
export type Stamp = { readonly version: string; readonly at: Date; readonly freshUntil: Date }

/** A mark that was set while it was judged stays: what it stands for may not have been seen. */
export const writeSubjects = async (
  tx: Context,
  judged: readonly Judged[],
  { version, at, freshUntil }: Stamp,
): Promise<void> => {
  const patterns = await patternIds(
    tx,
    judged.map(({ settled }) => settled),
  )
  const given = judged.map(({ subject, settled: { compliant, state, until } }, i) => ({
    ...subject,
    scope_id: subject.scopeId,
    pattern_id: patterns[i],
    compliant,
    state,
    until,
  }))
  await sql`
    with given as materialized (
      select * from json_to_recordset(${JSON.stringify(given)}::json) as given (id text, kind text, observed boolean, name text, scope_id text,
        owner text, labels jsonb, rank int, caveats text[], generation int, state text, until timestamptz, compliant int[], pattern_id int)),
    was as (select ${counted} from compliance_subject where id in (select id from given)),
    became as (insert into compliance_subject as kept
      (id, kind, observed, name, scope_id, owner, labels, rank, caveats, generation, version, judged_at, fresh_until, state, until, compliant, pattern_id)
    select id, kind, observed, name, scope_id, owner, labels, rank, caveats, generation, ${version}, ${at}, ${freshUntil}, state, until, compliant, pattern_id
    from given
    on conflict (id) do update set name = excluded.name, scope_id = excluded.scope_id, owner = excluded.owner, labels = excluded.labels,
      rank = excluded.rank, caveats = excluded.caveats, generation = excluded.generation, version = excluded.version, judged_at = excluded.judged_at,
      fresh_until = excluded.fresh_until, state = excluded.state, until = excluded.until, compliant = excluded.compliant,
      pattern_id = excluded.pattern_id returning ${counted})
    ${tally(sql`select *, -1 as n from was union all select *, 1 from became`)}`.execute(tx.db)
  const marked = judged.filter(({ due }) => due > 0)
  if (marked.length === 0) return
  await sql`update compliance_subject kept set due = 0
    from jsonb_to_recordset(${JSON.stringify(marked.map(({ subject: { id }, due }) => ({ id, due })))}::jsonb) as seen (id text, due int)
    where kept.id = seen.id and kept.due = seen.due`.execute(tx.db)
}

export const removeFindings = async (tx: Context, gone: readonly { subject: string; rule: number }[]): Promise<void> => {
  if (gone.length === 0) return
  await sql`delete from compliance_finding kept using json_to_recordset(${JSON.stringify(gone)}::json) as gone (subject text, rule int)
    where kept.subject_id = gone.subject and kept.rule_id = gone.rule`.execute(tx.db)
}

export const writeFindings = async (
  tx: Context,
  made: readonly { subject: string; finding: Finding }[],
  at: Date,
): Promise<void> => {
  await sql`
    insert into compliance_finding as kept
      (subject_id, rule_id, state, until, after, message, exemption_id, attestation_id, remediable, since)
    select subject, rule, state, until, after, message, exemption, attestation, remediable, ${at}
    from json_to_recordset(${JSON.stringify(made.map(({ subject, finding }) => ({ subject, ...finding })))}::json) as given (subject text, rule int,
      state text, until timestamptz, after text, message text, exemption text, attestation text, remediable boolean)
    on conflict (subject_id, rule_id) do update set state = excluded.state, until = excluded.until, after = excluded.after,
      message = excluded.message, exemption_id = excluded.exemption_id, attestation_id = excluded.attestation_id,
      remediable = excluded.remediable, since = case when kept.state = excluded.state then kept.since else excluded.since end`.execute(
    tx.db,
  )
}

export type Change = {
  readonly subject: Subject
  readonly assignment: string
  readonly guardrail: string
  readonly was: Kept | undefined
  readonly became: Kept | undefined
  readonly cause: 'change' | 'guardrails' | 'attestation' | 'observed'
  readonly actor: string | undefined
  readonly request: string | undefined
}

export const writeTransitions = async (tx: Context, changes: readonly Change[], { version, at }: Stamp): Promise<void> => {
  if (changes.length === 0) return
  const given = changes.map(({ subject: { id, kind, name, generation }, ...change }) => ({
    id,
    kind,
    name,
    generation,
    ...change,
  }))
  await sql`
    insert into compliance_transition (subject_id, kind, name, generation, assignment_id, guardrail, was, became, cause, actor, request_id, version, at)
    select id, kind, name, generation, assignment, guardrail, was, became, cause, actor, request, ${version}, ${at}
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given (id text, kind text, name text, generation int, assignment text, guardrail text,
      was text, became text, cause text, actor text, request text)`.execute(tx.db)
}

/** Marks, so that they are judged again; what was never judged is judged for the first time. */
export const markDue = async (tx: Pick<Context, 'db'>, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  await sql`update compliance_subject set due = due + 1 where id = any(${[...ids].sort()}::text[])`.execute(tx.db)
}

/** All at or below these scopes. */
export const markDueBelow = async (tx: Pick<Context, 'db'>, scopeIds: readonly string[]): Promise<void> => {
  if (scopeIds.length === 0) return
  await sql`update compliance_subject set due = due + 1
    where scope_id in (select id from policy_scope where ancestors && ${[...scopeIds]}::text[])`.execute(tx.db)
}

/** Resources that were marked, or of which a verdict has changed by itself. The order of each is that of the one index that holds no others. */
export const dueIds = async (tx: Pick<Context, 'db'>, now: Date, limit: number): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    (select id from compliance_subject where due > 0 and not observed order by id limit ${limit})
    union (select id from compliance_subject where until <= ${now} and not observed order by until limit ${limit}) limit ${limit}`.execute(
    tx.db,
  )
  return rows.map(({ id }) => id)
}

export const anyObservedDue = async (tx: Pick<Context, 'db'>, now: Date): Promise<boolean> => {
  const { rows } = await sql`
    (select from compliance_subject where due > 0 and observed order by id limit 1)
    union all (select from compliance_subject where until <= ${now} and observed order by until limit 1)`.execute(tx.db)
  return rows.length > 0
}

export const removeSubjects = async (tx: Pick<Context, 'db'>, ids: readonly string[]): Promise<void> => {
  if (ids.length > 0) await removeSubjectsWhere(tx, sql<boolean>`subject.id = any(${[...ids].sort()}::text[])`)
}

/** With what was found of them. */
export const removeSubjectsWhere = async (tx: Pick<Context, 'db'>, where: RawBuilder<boolean>): Promise<void> =>
  void (await sql`with gone as (delete from compliance_subject subject where ${where} returning id, ${counted}),
    found as (delete from compliance_finding f using gone where f.subject_id = gone.id)
    ${tally(sql`select gone.*, -1 as n from gone`)}`.execute(tx.db))

/** What people vouched for, of these things or of a place they lie in; the one that lasts longest. Keyed by assignment, guardrail, and thing or place. */
export const findVouched = async (
  tx: Context,
  on: { subjects: readonly string[]; scopes: readonly string[] },
): Promise<Map<string, Vouched>> => {
  const { rows } = await sql<{ key: string; id: string; expires_at: Date; actor: string }>`
    select distinct on (key) assignment_id || ' ' || guardrail || ' ' || coalesce(subject_id, scope_id) as key, id, expires_at, actor
    from compliance_attestation
    where expires_at > ${tx.now()} and withdrawn_at is null and (subject_id = any(${[...on.subjects]}::text[]) or scope_id = any(${[...on.scopes]}::text[]))
    order by key, expires_at desc`.execute(tx.db)
  return new Map(rows.map(({ key, id, expires_at, actor }) => [key, { id, actor, expiresAt: expires_at.toISOString() }]))
}

/** Who took back what, of these. */
export const findWithdrawn = async (tx: Context, ids: readonly string[]): Promise<Map<string, string>> => {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; by: string }>`
    select id, withdrawn_by as by from compliance_attestation where id = any(${[...ids]}::text[]) and withdrawn_at is not null`.execute(
    tx.db,
  )
  return new Map(rows.map(({ id, by }) => [id, by]))
}
