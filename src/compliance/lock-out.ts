// A guardrail that would leave nobody able to do anything is found when it is put to work.
import { lockOuts, refuseFound, rulesOf, type FoundLockOut, type Written } from '#guardrails'
import type { Context, ResourceRef } from '#platform/context.ts'
import { documentsIn } from '#resources'

/** Of each place, so many things are looked at. */
const sampleMax = 500
const placesMax = 50

type Given = { written: readonly Written[]; force: boolean | undefined; on: ResourceRef }

/** Asked after it was written, in the same transaction: what is refused is undone. */
export const refuseLockOut = async (tx: Context, { written, force, on }: Given): Promise<void> => {
  const found: FoundLockOut[] = []
  for (const one of written) found.push(...(await lockOutsOf(tx, one)))
  await refuseFound(tx, found, { force, on })
}

/** Each place is judged by what lies there: what is elsewhere says nothing about it. */
const lockOutsOf = async (tx: Context, written: Written): Promise<FoundLockOut[]> => {
  const risky = (await rulesOf(tx, written)).filter(
    ({ enforced, effect }) => enforced && effect !== 'audit' && effect !== 'manual',
  )
  const found: FoundLockOut[] = []
  for (const [scopeId, rules] of [...Map.groupBy(risky, (rule) => rule.scopeId)].slice(0, placesMax)) {
    const assignments = new Set(rules.map(({ assignment }) => assignment))
    const kinds = (kind: string) => rules.some(({ compiled }) => compiled.covers(kind))
    const told = await lockOuts(tx, written, await documentsIn(tx, { scopeId, kinds, limit: sampleMax }))
    found.push(...told.filter(({ assignment }) => assignments.has(assignment)).map((lockOut) => ({ lockOut, scopeId })))
  }
  return found
}
