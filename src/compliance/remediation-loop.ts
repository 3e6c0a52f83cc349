// Remediations at work: each takes up what is not as it should be, one thing a transaction, no faster than it was told, until someone stops it.
import { sql } from 'kysely'
import { record } from '#audit'
import { assigned } from '#guardrails'
import { atomically, type Context } from '#platform/context.ts'
import { Problem } from '#platform/problem.ts'
import { judgeResources } from './state-judge.ts'
import { holdJudging } from './sweep-progress.ts'
import { refusedBy, rewrite, type Rewrite } from './remediation-rewrite.ts'
import {
  countRewrites,
  holdRunning,
  nextCandidate,
  noteItem,
  noteRewrite,
  runningIds,
  stopRemediation,
  type Running,
} from './remediation-store.ts'

const minuteMs = 60_000
const secondMs = 1_000

/** One thing for each that runs; false when none had anything to do, or may yet. */
export const remediateNext = async (ctx: Context): Promise<boolean> => {
  let worked = false
  for (const id of await runningIds(ctx)) if (await atomically(ctx, (tx) => attempt(tx, id))) worked = true
  return worked
}

const attempt = async (tx: Context, id: string): Promise<boolean> => {
  const running = await holdRunning(tx, id)
  if (!running || (await endWithoutCause(tx, running)) || (await isTooSoon(tx, running))) return false
  const subject = await nextCandidate(tx, running)
  if (subject === undefined) return false
  const made = await tried(tx, running, subject)
  if (made && made.outcome !== 'compliant') await note(tx, running, subject, made)
  // Judged here and now: what was made right is no candidate any more, and what was gone or right already neither.
  await holdJudging(tx)
  await judgeResources(tx, [subject])
  return true
}

/** What is refused half way is taken back, and the reason kept. A defect in one thing must not keep the others from their turn. */
const tried = async (tx: Context, running: Running, subject: string): Promise<Rewrite | undefined> => {
  await sql`savepoint rewriting`.execute(tx.db)
  try {
    return await rewrite(tx, running, subject)
  } catch (error) {
    await sql`rollback to savepoint rewriting`.execute(tx.db)
    const { rows } = await sql<{ generation: number }>`select generation from compliance_subject where id = ${subject}`.execute(
      tx.db,
    )
    const nothing = { generation: rows[0]?.generation ?? 0, guardrails: [], changes: [] }
    if (error instanceof Problem) return { ...refusedBy(error), ...nothing }
    tx.log.error({ err: error, module: 'compliance', subject }, 'a thing could not be remediated')
    return { outcome: 'refused', explanation: 'It failed by a defect of ours, which the site has logged.', ...nothing }
  }
}

const note = async (
  tx: Context,
  { id, startedBy, assignment, scopeId }: Running,
  subject: string,
  made: Rewrite,
): Promise<void> => {
  const { outcome, explanation, generation, guardrails, changes } = made
  if (outcome === 'compliant') return
  await noteItem(tx, id, { subject, state: outcome, generation, ...(explanation === undefined ? {} : { explanation }) })
  if (outcome === 'rewritten') await noteRewrite(tx, id, subject, generation)
  if (outcome !== 'rewritten' && outcome !== 'set-aside') return
  await record(
    tx,
    outcome === 'rewritten' ? 'remediation.rewrite' : 'remediation.set-aside',
    { kind: 'remediation', id, scope: scopeId },
    {
      assignment,
      guardrails: [...guardrails],
      resource: subject,
      generation,
      fields: changes.map(({ path }) => path).slice(0, 50),
      onBehalfOf: startedBy,
    },
  )
}

/** Not in a burst either: what was a mistake is noticed before much of it is done. */
const isTooSoon = async (tx: Context, { id, perMinute }: Running): Promise<boolean> =>
  (await countRewrites(tx, id, minuteMs)) >= perMinute ||
  (await countRewrites(tx, id, secondMs)) >= Math.ceil(perMinute / (minuteMs / secondMs))

/** Nobody goes on for a guardrail that is no longer assigned so. */
const endWithoutCause = async (tx: Context, { id, assignment, guardrails, scopeId }: Running): Promise<boolean> => {
  const rules = (await assigned(tx)).filter(
    (rule) => rule.assignment === assignment && (guardrails === null || guardrails.includes(rule.guardrail)),
  )
  if (rules.some(({ effect, enforced }) => effect === 'remediate' && enforced)) return false
  await stopRemediation(tx, id, 'system', 'The assignment is gone, is a dry run now, or no longer has the effect remediate.')
  await record(tx, 'remediation.stop', { kind: 'remediation', id, scope: scopeId }, { assignment })
  return true
}
