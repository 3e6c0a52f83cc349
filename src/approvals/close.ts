// Ending what was asked without doing it: by whoever asked, or by someone who could have approved.
import { record } from '#audit'
import { atomically, type Context } from '#platform/context.ts'
import { conflict } from '#platform/problem.ts'
import { requireOpen } from './fitness.ts'
import { readable } from './read.ts'
import { end, lock, refsOf } from './store.ts'

export const withdraw = async (ctx: Context, id: string): Promise<void> => {
  const { requester } = await readable(ctx, id)
  await atomically(ctx, async (tx) => {
    await tx.authorize('change-set.withdraw', { kind: 'change-set', id, owner: requester })
    const row = await lock(tx, id)
    requireOpen(tx, row)
    await end(tx, id, { state: 'withdrawn' })
    await record(tx, 'change-set.withdraw', { kind: 'change-set', id, owner: requester }, { digest: row.digest })
  })
}

/** Takes no signature: to stop something must never be harder than to let it happen. */
export const refuse = async (ctx: Context, id: string, reason: string): Promise<void> => {
  const { requester } = await readable(ctx, id)
  if (requester === ctx.actor.id) throw conflict('It is your own: withdraw it.')
  await atomically(ctx, async (tx) => {
    const row = await lock(tx, id)
    for (const ref of await refsOf(tx, row, { owned: false })) await tx.authorize('change-set.approve', ref)
    requireOpen(tx, row)
    await end(tx, id, { state: 'refused', because: { reason } })
    await record(tx, 'change-set.refuse', { kind: 'change-set', id }, { digest: row.digest })
  })
}
