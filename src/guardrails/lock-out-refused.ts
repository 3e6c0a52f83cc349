// A lock-out that was found is refused and told, unless two owners want it so.
import { Type } from 'typebox'
import { record } from '#audit'
import type { Context, ResourceRef } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import type { LockOut } from './lock-out.ts'

export const lockedOut = problem('lock-out', 409, 'This would lock everyone out')

export const Force = Type.Boolean({
  description: 'Put it to work though it would lock everyone out; where it would, that takes the approval of two owners',
})

const toldMax = 5
const toldCharsMax = 400

/** What was found, and whose owners could want it. */
export type FoundLockOut = { readonly lockOut: LockOut; readonly scopeId: string }

type Given = { force: boolean | undefined; on: ResourceRef }

/** Asked after it was written, in the same transaction: what is refused is undone. */
export const refuseFound = async (tx: Context, found: readonly FoundLockOut[], { force, on }: Given): Promise<void> => {
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
