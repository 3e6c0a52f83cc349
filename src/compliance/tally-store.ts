// How many things were found alike, kept with what was judged: a summary adds up some thousand rows, however many things there are.
import { createHash } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import type { Context } from '#platform/context.ts'
import type { Settled } from './state.ts'

/** What was found of a thing, without what is said of it: most things of a kind are alike. */
type Pattern = Pick<Settled, 'state' | 'compliant'> & { readonly found: readonly number[]; readonly states: readonly string[] }

const patternOf = ({ state, compliant, findings }: Settled): Pattern => {
  const sorted = findings.toSorted((a, b) => a.rule - b.rule)
  return { state, compliant, found: sorted.map(({ rule }) => rule), states: sorted.map((one) => one.state) }
}

/** In their order. Whoever judges holds the lock, so none is made twice or forgotten meanwhile. */
export const patternIds = async (tx: Context, settled: readonly Settled[]): Promise<number[]> => {
  const digests = new Map<string, string>()
  const mine = settled.map((one) => {
    const text = JSON.stringify(patternOf(one))
    const digest = digests.get(text) ?? createHash('sha256').update(text).digest('base64url')
    digests.set(text, digest)
    return digest
  })
  const given = [...digests].map(([text, digest]) => `{"digest":"${digest}",${text.slice(1)}`).join()
  const { rows } = await sql<{ id: number; digest: string }>`
    with given as materialized (
      select * from json_to_recordset(${`[${given}]`}::json) as given (digest text, state text, compliant int[], found int[], states text[])),
    made as (
      insert into compliance_pattern (digest, state, compliant, found, states) select digest, state, compliant, found, states from given
      on conflict (digest) do nothing returning id, digest)
    select id, digest from made union all select id, digest from compliance_pattern where digest in (select digest from given)`.execute(
    tx.db,
  )
  const ids = new Map(rows.map(({ id, digest }) => [digest, id]))
  return mine.map((digest) => ids.get(digest)!) // each was there or made
}

/** Of a row of compliance_subject: begins the hour in which it becomes too old. */
export const freshHour = sql`date_bin('1 hour', fresh_until, timestamptz 'epoch')`

/** What of a subject says where it is counted. */
export const counted = sql`scope_id, kind, rank, caveats, version, ${freshHour} as fresh_hour, pattern_id, judged_at`

/** Counts `moved`: rows as `counted` gives them, each with `n`, which is 1 for one that came and -1 for one that went. */
export const tally = (moved: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  insert into compliance_tally as kept (scope_id, kind, rank, caveats, version, fresh_hour, pattern_id, things, oldest)
  select scope_id, kind, rank, caveats, version, fresh_hour, pattern_id, sum(n), min(judged_at) from (${moved}) moved
  where pattern_id is not null group by scope_id, kind, rank, caveats, version, fresh_hour, pattern_id having sum(n) <> 0
  on conflict (scope_id, kind, rank, caveats, version, fresh_hour, pattern_id) do update set things = kept.things + excluded.things,
    oldest = case when kept.things = 0 then excluded.oldest else least(kept.oldest, excluded.oldest) end`

export const forgetEmpty = async (tx: Context): Promise<void> => {
  await sql`delete from compliance_tally where things = 0`.execute(tx.db)
  await sql`delete from compliance_pattern where id not in (select pattern_id from compliance_tally)`.execute(tx.db)
}
