// Putting right what guardrails know how to put right: shown first, then done bit by bit, and stopped at any time.
import { sql } from 'kysely'
import { record } from '#audit'
import { assigned } from '#guardrails'
import { findScope, noScope, resolveScope, type Scope } from '#policy'
import { afterCommit, atomically, onBehalf, rehearse, type Context, type Principal } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { notFound, problem } from '#platform/problem.ts'
import { refusedBy, rewrite, type Difference, type Rewrite } from './remediation-rewrite.ts'
import { candidates, findRemediation, insertRemediation, rivalOf, stopRemediation, type Running } from './remediation-store.ts'
import { reading } from './state-sql.ts'
import { pokeJudge } from './sweep-loop.ts'

export const remediationImpossible = problem('remediation-impossible', 409, 'There is nothing that could be remediated')
export const remediationRunning = problem('remediation-running', 409, 'It is being remediated already')

export const perMinuteDefault = 60
export const perMinuteMax = 600
export const previewMax = 50

export type NewRemediation = {
  assignment: string
  guardrails?: string[]
  scope?: string
  perMinute?: number
  reason?: string
}

export type PreviewItem = {
  resource: { id: string; kind: string; name: string; scope: string }
  outcome: 'rewrite' | 'locked' | 'refused' | 'set-aside'
  explanation?: string
  guardrails: string[]
  changes: Difference[]
}
/** How many there are, and the first of them with exactly what would be changed. */
export type Preview = { total: number; items: PreviewItem[] }

/** Everything is done, told, and taken back. */
export const previewRemediation = (ctx: Context, given: NewRemediation): Promise<Preview> =>
  atomically(ctx, async (tx) => {
    const wanted = await wantedFor(tx, given)
    await tx.authorize('remediation.control', { kind: 'remediation', scope: wanted.scopeId })
    const { rows, total } = await visibleCandidates(tx, wanted)
    const items: PreviewItem[] = []
    for (const row of rows) {
      const made = await triedOut(tx, wanted, row.id)
      if (made && made.outcome !== 'compliant') items.push(shown(row, made))
    }
    return { total, items }
  })

type Wanted = Pick<Running, 'assignment' | 'guardrails' | 'scopeId' | 'approved' | 'reason'> & { enforced: boolean }
type Candidate = { id: string; kind: string; name: string; scope: string }

const shown = (resource: Candidate, { outcome, explanation, guardrails, changes }: Rewrite): PreviewItem => ({
  resource,
  outcome: outcome === 'rewritten' || outcome === 'compliant' ? 'rewrite' : outcome,
  ...(explanation === undefined ? {} : { explanation }),
  guardrails: [...guardrails],
  changes: [...changes],
})

const system: Principal = { kind: 'system', id: 'system', factors: [] }

/** As the site will do it: whoever looks is only the one who asked. */
const triedOut = async (tx: Context, wanted: Wanted, subject: string): Promise<Rewrite | undefined> => {
  try {
    return (await rehearse(onBehalf(tx, { actor: system }), (trial) => rewrite(trial, wanted, subject))).result
  } catch (error) {
    return { ...refusedBy(error), generation: 0, guardrails: [], changes: [] }
  }
}

const visibleCandidates = async (tx: Context, wanted: Wanted): Promise<{ rows: Candidate[]; total: number }> => {
  const { withSeen } = await reading(tx, sql<boolean>`subject.id in (${candidates(wanted)})`)
  const { rows } = await sql<Candidate & { total: number }>`${withSeen}
    select seen.id, seen.kind, seen.name, place.path as scope, count(*) over ()::int as total
    from seen join policy_scope place on place.id = seen.scope_id order by seen.id limit ${previewMax}`.execute(tx.db)
  return { rows: rows.map(({ id, kind, name, scope }) => ({ id, kind, name, scope })), total: rows[0]?.total ?? 0 }
}

export const startRemediation = (ctx: Context, given: NewRemediation): Promise<string> =>
  atomically(ctx, async (tx) => {
    const wanted = await wantedFor(tx, given)
    await tx.authorize('remediation.control', { kind: 'remediation', scope: wanted.scopeId })
    if (!wanted.enforced)
      throw remediationImpossible(
        `The assignment ${wanted.assignment} is a dry run. Set enforced to true first, if it is to change things.`,
      )
    const { ancestors } = (await findScope(tx, wanted.scopeId))!
    // One at a time asks; the index could not say "around this place".
    await sql`select pg_advisory_xact_lock(${startLock})`.execute(tx.db)
    const rival = await rivalOf(tx, { assignment: wanted.assignment, scopeIds: ancestors })
    if (rival !== undefined)
      throw remediationRunning(
        `The remediation ${rival} of this assignment runs here already. Stop it first, to start another.`,
        {
          remediation: rival,
        },
      )
    const id = newId('remediation', tx.now())
    const { assignment, guardrails, scopeId, approved, reason } = wanted
    const perMinute = given.perMinute ?? perMinuteDefault
    await insertRemediation(tx, {
      id,
      perMinute,
      startedBy: tx.actor.id,
      startedAt: tx.now(),
      assignment,
      guardrails,
      scopeId,
      approved,
      reason,
      ...unstopped,
    })
    await record(
      tx,
      'remediation.start',
      { kind: 'remediation', id, scope: scopeId },
      { assignment, ...(wanted.guardrails ? { guardrails: wanted.guardrails } : {}), perMinute },
    )
    afterCommit(tx, () => pokeJudge(tx.site))
    return id
  })

const startLock = 4_600_013
const unstopped = { stoppedBy: null, stoppedAt: null, stoppedBecause: null }

/** When this is answered, the last thing it had in hand is done and it does no other. */
export const stopRemediating = (ctx: Context, id: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    const found = await findRemediation(tx, id)
    await tx.authorize('remediation.control', { kind: 'remediation', id, ...(found ? { scope: found.scopeId } : {}) })
    if (!found) throw notFound(`No remediation ${id}.`)
    await sql`select from compliance_remediation where id = ${id} for update`.execute(tx.db)
    if ((await findRemediation(tx, id))?.stoppedAt) return
    await stopRemediation(tx, id, tx.actor.id, 'It was stopped.')
    await record(tx, 'remediation.stop', { kind: 'remediation', id, scope: found.scopeId }, { assignment: found.assignment })
  })

/** What is asked for, if there is such a thing; of a place where one may not look, only that there is none. */
const wantedFor = async (ctx: Context, given: NewRemediation): Promise<Wanted> => {
  const rules = (await assigned(ctx)).filter(({ assignment }) => assignment === given.assignment)
  const scope = await placeOf(ctx, given, rules[0]?.scopeId)
  const mine = rules.filter(({ guardrail, effect }) => effect === 'remediate' && (given.guardrails?.includes(guardrail) ?? true))
  if (mine.length === 0) {
    await ctx.authorize('remediation.control', { kind: 'remediation', scope: scope.id })
    throw remediationImpossible(
      `Nothing that ${given.assignment.slice(0, 200)} assigns has the effect remediate${given.guardrails ? ' among those you name' : ''}. Assign it with that effect, where its definition offers it.`,
    )
  }
  return {
    assignment: given.assignment,
    guardrails: given.guardrails ?? null,
    scopeId: scope.id,
    approved: ctx.approved !== undefined,
    reason: given.reason ?? null,
    enforced: mine.some(({ enforced }) => enforced),
  }
}

const placeOf = async (ctx: Context, { scope, assignment }: NewRemediation, assignedAt: string | undefined): Promise<Scope> => {
  const found = await resolveScope(ctx, scope ?? assignedAt ?? '/')
  const known =
    found.parentId === undefined ||
    ctx.actor.kind === 'anonymous' || // told to sign in
    (await ctx.permits('remediation.read', { kind: 'remediation', scope: found.id })) ||
    (await ctx.permits('folder.read', { kind: 'folder', scope: found.id }))
  if (!known) throw noScope(scope ?? assignment)
  return found
}
