// Remediations as one may see them: which run, how far they are, and what they could not do.
import { sql, type RawBuilder } from 'kysely'
import { filterFor, visible } from '#policy'
import { atomically, type Context } from '#platform/context.ts'
import { notFound } from '#platform/problem.ts'
import { candidates, type ItemState } from './remediation-store.ts'
import { reading } from './state-sql.ts'

export type Progress = { waiting: number; rewritten: number; locked: number; refused: number; setAside: number }
export type Remediation = {
  id: string
  assignment: string
  guardrails?: string[]
  scope: string
  scopeId: string
  perMinute: number
  approved: boolean
  reason?: string
  state: 'running' | 'stopped'
  startedBy: string
  startedAt: string
  stoppedBy?: string
  stoppedAt?: string
  stoppedBecause?: string
  progress: Progress
}
export type RemediationItem = {
  resource: { id: string; kind: string; name: string }
  state: ItemState
  explanation?: string
  at: string
}

export const pageMax = 100
export const itemsMax = 200

type Row = {
  id: string
  assignment: string
  guardrails: string[] | null
  scope: string
  scopeId: string
  perMinute: number
  approved: boolean
  reason: string | null
  startedBy: string
  startedAt: Date
  stoppedBy: string | null
  stoppedAt: Date | null
  stoppedBecause: string | null
  rewritten: number
  locked: number
  refused: number
  setAside: number
}

const rowsWhere = async (ctx: Context, where: RawBuilder<boolean>): Promise<Row[]> => {
  const seen = visible(await filterFor(ctx, 'remediation.read'), ctx.actor.id, { scope: 'made.scope_id' })
  const count = (state: ItemState) =>
    sql`(select count(*)::int from compliance_remediation_item item where item.remediation_id = made.id and item.state = ${state})`
  const { rows } = await sql<Row>`
    select made.id, made.assignment_id as assignment, made.guardrails, place.path as scope, made.scope_id as "scopeId", made.per_minute as "perMinute",
      made.approved, made.reason, made.started_by as "startedBy", made.started_at as "startedAt", made.stopped_by as "stoppedBy",
      made.stopped_at as "stoppedAt", made.stopped_because as "stoppedBecause", ${count('rewritten')} as rewritten, ${count('locked')} as locked,
      ${count('refused')} as refused, ${count('set-aside')} as "setAside"
    from compliance_remediation made join policy_scope place on place.id = made.scope_id
    where ${seen} and ${where} order by made.id desc limit ${pageMax + 1}`.execute(ctx.db)
  return rows
}

export const listRemediations = async (ctx: Context, after?: string): Promise<{ items: Remediation[]; next?: string }> => {
  const rows = await rowsWhere(ctx, after === undefined ? sql<boolean>`true` : sql<boolean>`made.id < ${after}`)
  const shown = rows.slice(0, pageMax)
  const items: Remediation[] = []
  for (const row of shown) items.push(await toRemediation(ctx, row))
  const last = shown.at(-1)
  return { items, ...(rows.length > pageMax && last ? { next: last.id } : {}) }
}

export const getRemediation = (ctx: Context, id: string): Promise<Remediation & { outcomes: RemediationItem[] }> =>
  atomically(ctx, async (tx) => {
    const [row] = await rowsWhere(tx, sql<boolean>`made.id = ${id}`)
    if (!row) throw notFound(`No remediation ${id}.`)
    return { ...(await toRemediation(tx, row)), outcomes: await itemsOf(tx, id) }
  })

const toRemediation = async (ctx: Context, row: Row): Promise<Remediation> => {
  const { guardrails, reason, startedAt, stoppedAt, stoppedBy, stoppedBecause, rewritten, locked, refused, setAside, ...rest } =
    row
  return {
    ...rest,
    ...(guardrails === null ? {} : { guardrails }),
    ...(reason === null ? {} : { reason }),
    state: stoppedAt === null ? 'running' : 'stopped',
    startedAt: startedAt.toISOString(),
    ...(stoppedAt === null
      ? {}
      : { stoppedAt: stoppedAt.toISOString(), stoppedBy: stoppedBy ?? '', stoppedBecause: stoppedBecause ?? '' }),
    progress: { waiting: stoppedAt === null ? await waitingFor(ctx, row) : 0, rewritten, locked, refused, setAside },
  }
}

/** What is not as it should be and was not given up. */
const waitingFor = async (ctx: Context, row: Row): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (${candidates(row)}) candidate where not exists (
      select from compliance_remediation_item item
      where item.remediation_id = ${row.id} and item.subject_id = candidate.id and item.state <> 'rewritten')`.execute(ctx.db)
  return rows[0]?.count ?? 0
}

type ItemRow = { id: string; kind: string; name: string; state: ItemState; explanation: string | null; at: Date }

/** Latest first; of things that one may see. */
const itemsOf = async (tx: Context, id: string): Promise<RemediationItem[]> => {
  const { withSeen } = await reading(
    tx,
    sql<boolean>`subject.id in (select subject_id from compliance_remediation_item where remediation_id = ${id})`,
  )
  const { rows } = await sql<ItemRow>`${withSeen}
    select seen.id, seen.kind, seen.name, item.state, item.explanation, item.at
    from compliance_remediation_item item join seen on seen.id = item.subject_id
    where item.remediation_id = ${id} order by item.at desc, seen.id limit ${itemsMax}`.execute(tx.db)
  return rows.map(({ id: subject, kind, name, state, explanation, at }) => ({
    resource: { id: subject, kind, name },
    state,
    ...(explanation === null ? {} : { explanation }),
    at: at.toISOString(),
  }))
}
