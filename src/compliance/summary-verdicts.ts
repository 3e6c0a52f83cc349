// Verdict by verdict, a page at a time, as one may see them.
import { sql, type RawBuilder } from 'kysely'
import { findScopes } from '#policy'
import { atomically, type Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { State } from './state.ts'
import { below, findingState, reading, type StaleReason } from './state-sql.ts'
import { asked, type Asked } from './summary-scope.ts'

export type VerdictQuery = Asked & {
  readonly resource?: string | undefined
  readonly guardrail?: string | undefined
  readonly kind?: string | undefined
  readonly state?: State | undefined
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

export type VerdictItem = {
  resource: { id: string; kind: string; name: string; scope: string; scopeId: string }
  assignment: string
  guardrail: string
  initiative?: string
  title: string
  effect: string
  enforced: boolean
  state: State
  /** What it was when it was judged, where that is no longer to be believed; and why not. */
  was?: string
  stale?: StaleReason
  message?: string
  exemption?: string
  attestation?: { id: string; actor: string; statement: string; at: string }
  /** When the state changes by itself. */
  until?: string
  remediable: boolean
  since?: string
  judgedAt: string
  guardrailsVersion: string
  generation?: number
}

const pageRowsDefault = 50

type Row = {
  id: string
  kind: string
  name: string
  scope_id: string
  rule_id: number
  assignment: string
  guardrail: string
  initiative: string | null
  title: string
  effect: string
  enforced: boolean
  state: State
  was: string
  stale: StaleReason | null
  message: string | null
  exemption_id: string | null
  attestation_id: string | null
  attested_by: string | null
  statement: string | null
  attested_at: Date | null
  until: Date | null
  remediable: boolean
  since: Date | null
  judged_at: Date
  version: string
  generation: number | null
}

/** In the order of things and rules, from where the last page ended. */
export const verdicts = (ctx: Context, query: VerdictQuery): Promise<{ items: VerdictItem[]; next?: string }> =>
  atomically(ctx, async (tx) => {
    const { limit = pageRowsDefault } = query
    const { scope, assignments } = await asked(tx, query)
    const after = query.after === undefined ? undefined : cursorOf(query.after)
    const read = await reading(
      tx,
      every([
        below(scope.id),
        ...(query.resource === undefined ? [] : [sql<boolean>`subject.id = ${query.resource}`]),
        ...(query.kind === undefined ? [] : [sql<boolean>`subject.kind = ${query.kind}`]),
        ...(after === undefined ? [] : [sql<boolean>`subject.id >= ${after.id}`]),
      ]),
    )
    const wanted = every([
      ...(assignments === undefined ? [] : [sql<boolean>`rule.assignment_id = any(${assignments}::text[])`]),
      ...(query.guardrail === undefined ? [] : [sql<boolean>`rule.guardrail = ${query.guardrail}`]),
      ...(query.state === undefined ? [] : [sql<boolean>`stated.state = ${query.state}`]),
      ...(after === undefined ? [] : [sql<boolean>`(seen.id, stated.rule_id) > (${after.id}, ${after.rule})`]),
    ])
    const { rows } = await sql<Row>`${read.withSeen}, stated as (
        select f.subject_id, f.rule_id, ${findingState(read)} as state, f.state as was, f.message, f.exemption_id, f.attestation_id, f.until,
          f.remediable, f.since
        from compliance_finding f join seen on seen.id = f.subject_id
        union all
        select seen.id, held.id, case when seen.stale is null then 'compliant' else 'stale' end, 'compliant', null, null, null, null, false, null
        from seen cross join unnest(seen.compliant) as held (id))
      select seen.id, seen.kind, seen.name, seen.scope_id, stated.rule_id, rule.assignment_id as assignment, rule.guardrail, rule.initiative, rule.title,
        rule.effect, rule.enforced, stated.state, stated.was, seen.stale, stated.message, stated.exemption_id, stated.attestation_id,
        vouched.actor as attested_by, vouched.statement, vouched.at as attested_at, stated.until, stated.remediable, stated.since, seen.judged_at,
        seen.version, seen.generation
      from stated join seen on seen.id = stated.subject_id join compliance_rule rule on rule.id = stated.rule_id
        left join compliance_attestation vouched on vouched.id = stated.attestation_id
      where ${wanted} order by seen.id, stated.rule_id limit ${limit + 1}`.execute(tx.db)
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const scopes = await findScopes(tx, [...new Set(shown.map(({ scope_id }) => scope_id))])
    return {
      items: shown.map((row) => toItem(row, scopes.get(row.scope_id)?.path ?? row.scope_id)),
      ...(rows.length > limit && last ? { next: `${last.id}~${last.rule_id}` } : {}),
    }
  })

const every = (conditions: readonly RawBuilder<boolean>[]): RawBuilder<boolean> =>
  conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(conditions, sql` and `)}`

const cursorOf = (after: string): { id: string; rule: number } => {
  const [, id, rule] = /^([^~]{1,200})~(\d{1,9})$/.exec(after) ?? []
  if (id === undefined || rule === undefined)
    throw invalid('`after` is not from a page of this list. Leave it out to begin again.')
  return { id, rule: Number(rule) }
}

const toItem = (row: Row, scope: string): VerdictItem => ({
  resource: { id: row.id, kind: row.kind, name: row.name, scope, scopeId: row.scope_id },
  assignment: row.assignment,
  guardrail: row.guardrail,
  ...(row.initiative === null ? {} : { initiative: row.initiative }),
  title: row.title,
  effect: row.effect,
  enforced: row.enforced,
  state: row.state,
  ...(row.was === row.state ? {} : { was: row.was }),
  ...(row.stale === null ? {} : { stale: row.stale }),
  ...(row.message === null ? {} : { message: row.message }),
  ...(row.exemption_id === null ? {} : { exemption: row.exemption_id }),
  ...(row.attestation_id === null || row.attested_at === null
    ? {}
    : {
        attestation: {
          id: row.attestation_id,
          actor: row.attested_by ?? '',
          statement: row.statement ?? '',
          at: row.attested_at.toISOString(),
        },
      }),
  ...(row.until === null ? {} : { until: row.until.toISOString() }),
  remediable: row.remediable,
  ...(row.since === null ? {} : { since: row.since.toISOString() }),
  judgedAt: row.judged_at.toISOString(),
  guardrailsVersion: row.version,
  ...(row.generation === null ? {} : { generation: row.generation }),
})
