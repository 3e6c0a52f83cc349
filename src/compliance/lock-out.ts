// A guardrail that would leave nobody able to do anything is refused, unless two owners want it so.
import { record } from '#audit'
import { lockOuts, rulesOf, type LockOut, type Written } from '#guardrails'
import { Type } from 'typebox'
import type { Context, ResourceRef } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { documentsIn } from '#resources'

export const lockedOut = problem('lock-out', 409, 'This would lock everyone out')

export const Force = Type.Boolean({
  description: 'Put it to work though it would lock everyone out; where it would, that takes the approval of two owners',
})

/** Of each place, so many things are looked at. */
const sampleMax = 500
const placesMax = 50
const toldMax = 5
const toldCharsMax = 400

type Given = { written: readonly Written[]; force: boolean | undefined; on: ResourceRef }

/** Asked after it was written, in the same transaction: what is refused is undone. */
export const refuseLockOut = async (tx: Context, { written, force, on }: Given): Promise<void> => {
  const found: Found[] = []
  for (const one of written) found.push(...(await lockOutsOf(tx, one)))
  const [first] = found
  if (!first) return
  const explanations = found.slice(0, toldMax).map(({ lockOut: { guardrail, assignment, reason, explanation } }) => ({
    guardrail,
    assignment,
    reason,
    explanation: explanation.slice(0, toldCharsMax),
  }))
  if (!force)
    throw lockedOut(
      `${first.lockOut.explanation} If that is meant, say force, and ask for it as a change set: it takes the approval of two owners.`,
      { lockOuts: explanations },
    )
  for (const scope of new Set(found.map(({ scopeId }) => scopeId)))
    await tx.authorize('guardrail.force', { kind: 'guardrail', scope })
  await record(tx, 'guardrail.force', on, { lockOuts: explanations })
}

type Found = { lockOut: LockOut; scopeId: string }

/** Each place is judged by what lies there: what is elsewhere says nothing about it. */
const lockOutsOf = async (tx: Context, written: Written): Promise<Found[]> => {
  const risky = (await rulesOf(tx, written)).filter(
    ({ enforced, effect }) => enforced && effect !== 'audit' && effect !== 'manual',
  )
  const found: Found[] = []
  for (const [scopeId, rules] of [...Map.groupBy(risky, (rule) => rule.scopeId)].slice(0, placesMax)) {
    const assignments = new Set(rules.map(({ assignment }) => assignment))
    const kinds = (kind: string) => rules.some(({ compiled }) => compiled.covers(kind))
    const told = await lockOuts(tx, written, await documentsIn(tx, { scopeId, kinds, limit: sampleMax }))
    found.push(...told.filter(({ assignment }) => assignments.has(assignment)).map((lockOut) => ({ lockOut, scopeId })))
  }
  return found
}
