// What people vouched for, as one may see it: in whose words, of what, until when, and whether it still counts.
import { sql, type RawBuilder } from 'kysely'
import { assigned } from '#guardrails'
import { filterFor, visible } from '#policy'
import { goneAt } from '#resources'
import { atomically, type Context } from '#platform/context.ts'
import type { standings } from './attestation-schema.ts'
import { reading } from './state-sql.ts'
import { looksNowhere, visibleGone } from './state-visible.ts'
import { asked, type Asked } from './summary-scope.ts'

type Standing = (typeof standings)[number]

export type AttestationItem = {
  id: string
  assignment: string
  guardrail: string
  title?: string
  scope: string
  resource?: { id: string; kind: string; name: string; gone: boolean }
  statement: string
  actor: string
  at: string
  expiresAt: string
  state: Standing
  withdrawn?: { actor: string; at: string; reason: string }
}

export type AttestationQuery = Asked & {
  readonly resource?: string | undefined
  readonly guardrail?: string | undefined
  readonly state?: Standing | undefined
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

const pageRowsDefault = 50

/** Newest first. Of a thing, also what was said of all in a place it lies in. */
export const listAttestations = (ctx: Context, query: AttestationQuery): Promise<{ items: AttestationItem[]; next?: string }> =>
  atomically(ctx, async (tx) => {
    const { resource, guardrail, state, after, limit = pageRowsDefault } = query
    const { scope, assignments } = await asked(tx, query)
    if (await looksNowhere(tx)) return { items: [] }
    const wanted: RawBuilder<boolean>[] = [
      ...(scope.parentId === undefined ? [] : [sql<boolean>`place.ancestors @> array[${scope.id}::text]`]),
      ...(assignments === undefined ? [] : [sql<boolean>`vouched.assignment_id = any(${assignments}::text[])`]),
      ...(guardrail === undefined ? [] : [sql<boolean>`vouched.guardrail = ${guardrail}`]),
      ...(state === undefined ? [] : [sql<boolean>`vouched.state = ${state}`]),
      ...(resource === undefined ? [] : [reaching(resource)]),
      ...(after === undefined ? [] : [sql<boolean>`vouched.id < ${after}`]),
    ]
    const rows = await rowsWhere(tx, { wanted, resource, limit: limit + 1 })
    const items = rows.slice(0, limit).map(toItem)
    const last = items.at(-1)
    return { items, ...(rows.length > limit && last ? { next: last.id } : {}) }
  })

/** Undefined where one may not see it, as where there is none. */
export const findAttestation = async (tx: Context, id: string): Promise<AttestationItem | undefined> => {
  const [row] = await rowsWhere(tx, { wanted: [sql<boolean>`vouched.id = ${id}`], limit: 1 })
  return row && toItem(row)
}

/** A scope is a thing too, and lies in itself. */
const reaching = (resource: string): RawBuilder<boolean> => sql<boolean>`(vouched.subject_id = ${resource}
  or vouched.scope_id in (select unnest(around.ancestors) from policy_scope around
    where around.id = ${resource} or around.id = (select scope_id from seen where seen.id = ${resource})))`

type Row = {
  id: string
  assignment_id: string
  guardrail: string
  title: string | null
  path: string
  subject_id: string | null
  kind: string | null
  name: string | null
  gone: boolean
  statement: string
  actor: string
  at: Date
  expires_at: Date
  state: Standing
  withdrawn_at: Date | null
  withdrawn_by: string | null
  withdrawn_because: string | null
}

/** Of all that is judged, a few things are attested. The one that is asked about is looked at too: it lies in places that may be. */
const spokenOf = (resource: string | undefined): RawBuilder<boolean> =>
  resource === undefined
    ? sql<boolean>`subject.id in (select subject_id from compliance_attestation)`
    : sql<boolean>`subject.id = ${resource}`

const rowsWhere = async (
  tx: Context,
  { wanted, resource, limit }: { wanted: readonly RawBuilder<boolean>[]; resource?: string | undefined; limit: number },
): Promise<Row[]> => {
  const { withSeen, now } = await reading(tx, spokenOf(resource))
  const manual = (await assigned(tx)).filter(({ effect }) => effect === 'manual')
  const asks = JSON.stringify(manual.map(({ assignment, guardrail, title }) => ({ assignment, guardrail, title })))
  const there = visible(await filterFor(tx, 'compliance.read'), tx.actor.id, { scope: 'vouched.scope_id' })
  const { rows } = await sql<Row>`${withSeen},
    asks as materialized (select * from jsonb_to_recordset(${asks}::jsonb) as given (assignment text, guardrail text, title text)),
    vouched as (select said.*, asks.title, gone.kind is not null as gone, coalesce(seen.kind, gone.kind) as kind,
        coalesce(seen.name, gone.name) as name, coalesce(said.scope_id, seen.scope_id, gone.scope_id) as place_id, case
          when said.withdrawn_at is not null then 'withdrawn' when said.expires_at <= ${now} then 'ended'
          when asks.title is null or gone.kind is not null then 'moot' else 'valid' end as state
      from compliance_attestation said
        left join seen on seen.id = said.subject_id
        left join lateral (${goneAt({ id: 'said.subject_id', at: 'said.at' })}) gone on seen.id is null
        left join asks on asks.assignment = said.assignment_id and asks.guardrail = said.guardrail
      where said.scope_id is not null or seen.id is not null or ${await visibleGone(tx)})
    select vouched.*, place.path
    from vouched join policy_scope place on place.id = vouched.place_id
    where (vouched.scope_id is null or ${there}) ${sql.join([sql``, ...wanted], sql` and `)}
    order by vouched.id desc limit ${limit}`.execute(tx.db)
  return rows
}

const toItem = (row: Row): AttestationItem => ({
  id: row.id,
  assignment: row.assignment_id,
  guardrail: row.guardrail,
  ...(row.title === null ? {} : { title: row.title }),
  scope: row.path,
  ...(row.subject_id === null
    ? {}
    : { resource: { id: row.subject_id, kind: row.kind ?? '', name: row.name ?? '', gone: row.gone } }),
  statement: row.statement,
  actor: row.actor,
  at: row.at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  state: row.state,
  ...(row.withdrawn_at === null
    ? {}
    : {
        withdrawn: {
          actor: row.withdrawn_by ?? '',
          at: row.withdrawn_at.toISOString(),
          reason: row.withdrawn_because ?? '',
        },
      }),
})
