// What became compliant and what no longer is, thing by thing; also of things that are gone, for whoever may still read their history.
import { sql, type RawBuilder } from 'kysely'
import { goneAt } from '#resources'
import { atomically, type Context } from '#platform/context.ts'
import { reading } from './state-sql.ts'
import { looksNowhere, visibleGone } from './state-visible.ts'
import { asked, type Asked } from './summary-scope.ts'

export type Transition = {
  seq: number
  resource: { id: string; kind: string; name: string; scope: string; gone: boolean }
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
  path: string
  gone: boolean
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

export type TransitionQuery = Asked & {
  resource?: string | undefined
  after?: number | undefined
  limit: number
}

/** Newest first. */
export const transitionsOf = (ctx: Context, query: TransitionQuery): Promise<{ items: Transition[]; next?: number }> =>
  atomically(ctx, async (tx) => {
    const { resource, after, limit } = query
    const { scope, assignments } = await asked(tx, query)
    if (await looksNowhere(tx)) return { items: [] }
    const wanted: RawBuilder<boolean>[] = [
      ...(resource === undefined ? [] : [sql<boolean>`moved.subject_id = ${resource}`]),
      ...(assignments === undefined ? [] : [sql<boolean>`moved.assignment_id = any(${assignments}::text[])`]),
      ...(after === undefined ? [] : [sql<boolean>`moved.seq < ${after}`]),
      ...(scope.parentId === undefined ? [] : [sql<boolean>`place.ancestors @> array[${scope.id}::text]`]),
    ]
    const narrowed = resource === undefined ? sql<boolean>`true` : sql<boolean>`subject.id = ${resource}`
    const { withSeen } = await reading(tx, narrowed)
    const { rows } = await sql<Kept>`${withSeen}
      select moved.*, place.path, gone.kind is not null as gone
      from compliance_transition moved
        left join seen on seen.id = moved.subject_id
        left join lateral (${goneAt({ id: 'moved.subject_id', at: 'moved.at' })}) gone on seen.id is null
        join policy_scope place on place.id = coalesce(seen.scope_id, gone.scope_id)
      where (seen.id is not null or ${await visibleGone(tx)})
        ${wanted.length === 0 ? sql`` : sql`and ${sql.join(wanted, sql` and `)}`}
      order by moved.seq desc limit ${limit + 1}`.execute(tx.db)
    const items = rows.slice(0, limit).map(toTransition)
    const last = items.at(-1)
    return { items, ...(rows.length > limit && last ? { next: last.seq } : {}) }
  })

const toTransition = (row: Kept): Transition => ({
  seq: row.seq,
  resource: { id: row.subject_id, kind: row.kind, name: row.name, scope: row.path, gone: row.gone },
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
