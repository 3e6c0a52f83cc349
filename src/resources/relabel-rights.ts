// Labels and classification are what conditions of grants look at. Whoever changes them must not turn an answer in their own favour.
import { isDeepStrictEqual } from 'node:util'
import { recordDenial } from '#audit'
import { allActions, grantsOf, sameLabel } from '#policy'
import { afterEnd, createContext, type Context } from '#platform/context.ts'
import { selfRaise } from './move-rights.ts'
import { labelOf, refOf, type Row } from './store.ts'

const told = 20

/** Throws `self-raise`, of something that is there already; what one makes anew bears what one gave it. */
export const refuseRelabelled = async (tx: Context, before: Row, after: Row): Promise<void> => {
  if (isDeepStrictEqual(before.labels, after.labels) && sameLabel(labelOf(before), labelOf(after))) return
  if (!(await grantsOf(tx, tx.actor.id)).some(({ condition }) => condition !== undefined)) return
  const gained: string[] = []
  for (const action of allActions)
    if ((await tx.permits(action, refOf(after))) && !(await tx.permits(action, refOf(before)))) gained.push(action)
  if (gained.length === 0) return
  const { kind, id, scope_id: scope } = after
  const outside = createContext(tx.site, { actor: tx.actor, requestId: tx.requestId, log: tx.log })
  afterEnd(tx, () => recordDenial(outside, `${kind}.apply`, { kind, id, scope }, { why: selfRaise.code }))
  const actions = gained.slice(0, told)
  throw selfRaise(
    `Labelled so, you could do with it what you may not do now: ${actions.join(', ')}. Someone who may already do that has to label it.`,
    { gained: actions },
  )
}
