// Compliance as it is read: what was kept, and whether it still holds. Decided in the query itself, so that nothing is green that may no longer be.
import { sql, type RawBuilder } from 'kysely'
import { guardrailsVersion } from '#guardrails'
import { changedAfter } from '#resources'
import type { Context } from '#platform/context.ts'
import { visibleSubjects } from './state-visible.ts'
import { readProgress } from './sweep-progress.ts'

/** Why a verdict is not to be believed. */
export const staleReasons = ['never-judged', 'guardrails-changed', 'changed', 'too-old'] as const
export type StaleReason = (typeof staleReasons)[number]

export type Reading = {
  readonly version: string
  /** `with …`, giving `seen`: every subject in question, with why it is stale (null: it is not). */
  readonly withSeen: RawBuilder<unknown>
  readonly now: Date
}

type Given = {
  /** For the site's own reckoning: hides nothing. */
  readonly whole?: boolean
  /** Of `with`, ended by a comma: what `within` asks, of `pending` and `moved`. */
  readonly before?: RawBuilder<unknown>
}

/** `within` narrows what is looked at, by columns of `subject`. */
export const reading = async (
  ctx: Context,
  within: RawBuilder<boolean>,
  { whole = false, before = sql`` }: Given = {},
): Promise<Reading> => {
  const version = await guardrailsVersion(ctx)
  const progress = await readProgress(ctx)
  const now = ctx.now()
  const seen = whole ? sql<boolean>`true` : await visibleSubjects(ctx)
  const withSeen = sql`with
    pending as materialized (${changedAfter(progress)}),
    moved as materialized (select id from policy_scope where ancestors && (select array_agg(id) from pending)),
    ${before}
    seen as materialized (
      select subject.*, case
        when subject.judged_at is null then 'never-judged'
        when subject.version is distinct from ${version} then 'guardrails-changed'
        when subject.due > 0 or subject.id in (select id from pending) or subject.scope_id in (select id from moved) then 'changed'
        when subject.fresh_until <= ${now} then 'too-old' end as stale
      from compliance_subject subject where ${within} and ${seen})`
  return { version, withSeen, now }
}

/** Of a finding `f` of a subject `seen`. */
export const findingState = ({ now }: Reading): RawBuilder<string> =>
  sql`case when seen.stale is not null then 'stale' when f.until <= ${now} then f.after else f.state end`

/** Of a subject `seen`: the worst of its verdicts; null where nothing is about it. */
export const subjectState = ({ now }: Reading): RawBuilder<string> => sql`case
  when seen.stale = 'never-judged' then 'unknown'
  when seen.stale is not null then 'stale'
  when seen.until <= ${now} then (
    select case when f.until <= ${now} then f.after else f.state end as state from compliance_finding f where f.subject_id = seen.id
    order by array_position(array['non-compliant', 'unknown', 'exempt', 'compliant'], case when f.until <= ${now} then f.after else f.state end) limit 1)
  else seen.state end`

/** At or below a scope. */
export const below = (scopeId: string): RawBuilder<boolean> =>
  sql`subject.scope_id in (select id from policy_scope where ancestors @> array[${scopeId}::text])`
