import { record } from '#audit'
import { resolveScope } from '#policy'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { markDueBelow } from './state-store.ts'
import { sweepNow, type Summary } from './summary.ts'
import { pokeJudge } from './sweep-loop.ts'
import { askedForSweep, holdJudging } from './sweep-progress.ts'

/** Everything once more, or what is at or below a scope; as soon as may be, and beside requests. */
export const askForSweep = (ctx: Context, scope = '/'): Promise<Summary['sweep']> =>
  atomically(ctx, async (tx) => {
    const at = await resolveScope(tx, scope)
    await tx.authorize('compliance.sweep', { kind: 'compliance', scope: at.id })
    await holdJudging(tx)
    if (at.parentId === undefined) await askedForSweep(tx)
    else await markDueBelow(tx, [at.id])
    await record(tx, 'compliance.sweep', { kind: 'compliance', scope: at.id })
    afterCommit(tx, () => pokeJudge(tx.site))
    return sweepNow(tx)
  })
