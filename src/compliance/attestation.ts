// What no program can see, a person vouches for: by name, in their words, until a day, or until it is taken back. Then it is unknown again.
import { sql } from 'kysely'
import { record } from '#audit'
import { assigned, type Rule } from '#guardrails'
import { resolveScope } from '#policy'
import { judgeable } from '#resources'
import { afterCommit, atomically, type Context, type ResourceRef } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { invalid, notFound, problem } from '#platform/problem.ts'
import { findAttestation, type AttestationItem } from './attestation-read.ts'
import { pokeJudge } from './sweep-loop.ts'
import { holdJudging } from './sweep-progress.ts'
import { judgeResources } from './state-judge.ts'
import { markDue, markDueBelow } from './state-store.ts'

export const notManual = problem('attestation-not-manual', 409, 'There is nothing here for a person to attest')

export const attestationOver = problem('attestation-over', 409, 'What was attested counts for nothing any more')

export const attestationDaysMax = 366
const dayMs = 86_400_000

export type NewAttestation = {
  assignment: string
  guardrail?: string
  resource?: string
  scope?: string
  statement: string
  expiresAt: string
}
export type Attestation = {
  id: string
  assignment: string
  guardrail: string
  resource?: string
  scope?: string
  statement: string
  actor: string
  at: string
  expiresAt: string
}

type Place = { subject?: string; scopeId?: string; observed?: boolean; on: ResourceRef }

export const attest = (ctx: Context, given: NewAttestation): Promise<Attestation> =>
  atomically(ctx, async (tx) => {
    const place = await placeOf(tx, given)
    await tx.authorize('compliance.attest', place.on)
    const expiresAt = expiryOf(tx, given.expiresAt)
    const { assignment, guardrail } = manualRule(await assigned(tx), given)
    const at = tx.now()
    const id = newId('attestation', at)
    await sql`insert into compliance_attestation (id, assignment_id, guardrail, subject_id, scope_id, statement, actor, at, expires_at)
      values (${id}, ${assignment}, ${guardrail}, ${place.subject ?? null}, ${place.scopeId ?? null}, ${given.statement}, ${tx.actor.id}, ${at},
        ${expiresAt})`.execute(tx.db)
    const about = aboutOf(place)
    await record(
      tx,
      'compliance.attest',
      { ...place.on, kind: 'compliance', id },
      { assignment, guardrail, ...about, expiresAt: expiresAt.toISOString() },
      { sealed: { subject: tx.actor.id, content: { statement: given.statement } } },
    )
    await judgeAnew(tx, place)
    const said = { statement: given.statement, actor: tx.actor.id, at: at.toISOString(), expiresAt: expiresAt.toISOString() }
    return { id, assignment, guardrail, ...about, ...said }
  })

/** By whoever may attest there, whosever word it was. What was said, and that it was taken back, stays. */
export const withdrawAttestation = (ctx: Context, id: string, reason: string): Promise<AttestationItem> =>
  atomically(ctx, async (tx) => {
    const found = await findAttestation(tx, id)
    if (!found) throw notFound(`No attestation ${id} that you may see.`)
    const { resource, scope } = found
    if (resource?.gone)
      throw attestationOver(`The ${resource.kind} ${resource.name} is gone, and what was attested of it with it.`)
    const place = await placeOf(tx, resource ? { resource: resource.id } : { scope })
    await tx.authorize('compliance.attest', place.on)
    const at = tx.now()
    const { rows } = await sql<{ actor: string }>`
      update compliance_attestation set withdrawn_at = ${at}, withdrawn_by = ${tx.actor.id}, withdrawn_because = ${reason}
      where id = ${id} and withdrawn_at is null and expires_at > ${at} returning actor`.execute(tx.db)
    if (!rows[0]) throw attestationOver(await whyOver(tx, id))
    await record(
      tx,
      'compliance.withdraw',
      { ...place.on, kind: 'compliance', id },
      { assignment: found.assignment, guardrail: found.guardrail, attestedBy: rows[0].actor, ...aboutOf(place) },
      { sealed: { subject: tx.actor.id, content: { reason } } },
    )
    await judgeAnew(tx, place)
    return (await findAttestation(tx, id)) ?? found
  })

/** Read anew: another may have been quicker. */
const whyOver = async (tx: Context, id: string): Promise<string> => {
  const { withdrawn, expiresAt } = (await findAttestation(tx, id)) ?? {}
  return withdrawn ? `It was withdrawn at ${withdrawn.at} already.` : `It ended at ${expiresAt} by itself.`
}

const aboutOf = ({ subject, scopeId }: Place) => (subject === undefined ? { scope: scopeId! } : { resource: subject })

/** One thing is judged at once; what lies below a place is marked, and judged in a moment. */
const judgeAnew = async (tx: Context, { subject, scopeId, observed }: Place): Promise<void> => {
  await holdJudging(tx)
  if (scopeId !== undefined) await markDueBelow(tx, [scopeId])
  else if (subject !== undefined && observed) await markDue(tx, [subject])
  else if (subject !== undefined) await judgeResources(tx, [subject])
  afterCommit(tx, () => pokeJudge(tx.site))
}

const placeOf = async (tx: Context, { resource, scope }: Pick<NewAttestation, 'resource' | 'scope'>): Promise<Place> => {
  if ((resource === undefined) === (scope === undefined))
    throw invalid('Say what is attested: one resource, or all that is at or below a scope.', { fields: ['resource', 'scope'] })
  if (resource === undefined) {
    const at = await resolveScope(tx, scope!)
    return { scopeId: at.id, on: { kind: 'compliance', scope: at.id } }
  }
  const [found] = await judgeable(tx, [resource])
  if (found) return { subject: resource, on: { ...found.ref, kind: 'compliance' } }
  const { rows } = await sql<{ scope: string; owner: string }>`
    select scope_id as scope, owner from compliance_subject where id = ${resource} and observed`.execute(tx.db)
  if (rows[0]) return { subject: resource, observed: true, on: { kind: 'compliance', id: resource, ...rows[0] } }
  // Who may attest anywhere is told that it is not there; others, that they may not.
  await tx.authorize('compliance.attest', { kind: 'compliance' })
  throw notFound(`There is nothing ${resource} to attest anything of.`)
}

const expiryOf = (ctx: Context, given: string): Date => {
  const at = ctx.now().getTime()
  const expiresAt = new Date(given)
  if (!(expiresAt.getTime() > at))
    throw invalid('expiresAt must be a moment that is still to come.', {
      field: 'expiresAt',
      siteTime: new Date(at).toISOString(),
    })
  if (expiresAt.getTime() - at > attestationDaysMax * dayMs)
    throw invalid(`What is attested holds for ${attestationDaysMax} days at most; then someone looks again.`, {
      field: 'expiresAt',
      latest: new Date(at + attestationDaysMax * dayMs).toISOString(),
    })
  return expiresAt
}

const manualRule = (rules: readonly Rule[], { assignment, guardrail }: NewAttestation): Rule => {
  const manual = rules.filter((rule) => rule.assignment === assignment && rule.effect === 'manual')
  const found = guardrail === undefined && manual.length === 1 ? manual[0] : manual.find((rule) => rule.guardrail === guardrail)
  if (found) return found
  if (manual.length === 0)
    throw notManual(
      `Nothing that ${assignment.slice(0, 200)} assigns has the effect manual: what can be judged is judged, not attested.`,
    )
  throw invalid(`Say which guardrail is attested: ${manual.map((rule) => rule.guardrail).join(', ')}.`, { field: 'guardrail' })
}
