// Sums of what was judged, as they stand now: tallies for all whose verdicts can only have become too old or been made under other guardrails, and whatever else
// may have changed since taken out of them and looked at one by one. So a sum is what counting everything anew would give.
import { sql, type RawBuilder } from 'kysely'
import type { Context } from '#platform/context.ts'
import { findingState, reading, type Reading } from './state-sql.ts'
import { freshHour } from './tally-store.ts'
import { summable, type Summable } from './tally-visible.ts'

export type Sums = {
  /** Of those in `seen`, which are counted one by one. */
  readonly read: Reading
  /** `with …`, giving `seen`, and `kept`: how many more are how, by place, label, pattern and whether they are stale. */
  readonly withKept: RawBuilder<unknown>
}

/** `within` narrows by columns of `subject` that tallies have too; `whole` is for the site's own reckoning. */
export const sums = async (ctx: Context, within: RawBuilder<boolean>, whole = false): Promise<Sums> => {
  const can: Summable | undefined = whole ? { summed: sql<boolean>`true`, oneByOne: [] } : await summable(ctx)
  if (!can) {
    const read = await reading(ctx, within, { whole })
    return { read, withKept: sql`${read.withSeen}, kept as (${none})` }
  }
  const isOdd = sql<boolean>`subject.id in (select id from odd)`
  const read = await reading(ctx, sql<boolean>`(${isOdd} and ${within})`, { whole, before: odd(ctx.now(), can.oneByOne) })
  const isStale = sql`(version is distinct from ${read.version} or fresh_hour <= ${read.now}::timestamptz - interval '1 hour')`
  const withKept = sql`${read.withSeen}, kept as materialized (
    select scope_id, rank, caveats, pattern_id, ${isStale} as stale, sum(things)::int as things, min(oldest) as oldest from (
      select scope_id, rank, caveats, pattern_id, version, fresh_hour, things, oldest
        from compliance_tally subject where things <> 0 and ${within} and ${can.summed}
      union all
      select scope_id, rank, caveats, pattern_id, version, ${freshHour}, -1, null
        from compliance_subject subject where pattern_id is not null and ${isOdd} and ${within} and ${can.summed}) summed
    group by scope_id, rank, caveats, pattern_id, stale having sum(things) <> 0)`
  return { read, withKept }
}

const none = sql`select null::text as scope_id, null::int as rank, null::text[] as caveats, null::int as pattern_id, false as stale, 0 as things,
  null::timestamptz as oldest where false`

/** Those of which a tally may not say how they stand now; each by an index. */
const odd = (now: Date, oneByOne: readonly string[]): RawBuilder<unknown> => sql`odd as materialized (
  select id from pending
  union select id from compliance_subject where due > 0
  union select id from compliance_subject where until <= ${now}
  union select id from compliance_subject where pattern_id is null
  union select id from compliance_subject where scope_id in (select id from moved)
  union select id from compliance_subject where kind = any(${[...oneByOne]}::text[])
  union select thing.id from compliance_subject thing
    where thing.fresh_until <= ${now} and thing.scope_id in (
      select scope_id from compliance_tally where fresh_hour <= ${now} and fresh_hour > ${now}::timestamptz - interval '1 hour')),`

/** Every verdict in the sums, rule by rule: `rule_id`, `state`, `things`, and where. */
export const stated = ({ read }: Sums): RawBuilder<unknown> => sql`
  select f.rule_id, ${findingState(read)} as state, 1 as things, seen.scope_id, seen.rank, seen.caveats
    from compliance_finding f join seen on seen.id = f.subject_id
  union all
  select held.id, case when seen.stale is null then 'compliant' else 'stale' end, 1, seen.scope_id, seen.rank, seen.caveats
    from seen cross join unnest(seen.compliant) as held (id)
  union all
  select said.rule_id, case when kept.stale then 'stale' else said.state end, kept.things, kept.scope_id, kept.rank, kept.caveats
    from kept join compliance_pattern pattern on pattern.id = kept.pattern_id cross join lateral (
      select held.id as rule_id, 'compliant' as state from unnest(pattern.compliant) as held (id)
      union all select * from unnest(pattern.found, pattern.states)) said`
