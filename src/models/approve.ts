// Approval of a model: someone other than who brought the weights says that exactly these may be used.
import { record } from '#audit'
import { changeStatus, get, refFor, stale, type Resource } from '#resources'
import { atomically, type Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import type { ModelApproval } from './approval-schema.ts'
import { digestOf, type ModelStatus } from './weights.ts'

export const ownModel = problem('own-model', 403, 'Somebody else approves it')

export type Approving = { digest: string; reason?: string | undefined }

export const approveModel = (ctx: Context, which: string, { digest, reason }: Approving): Promise<Resource> =>
  atomically(ctx, async (tx) => {
    const { id } = await permitted(tx, which)
    const approval: ModelApproval = {
      by: tx.actor.id,
      at: tx.now().toISOString(),
      digest,
      ...(reason === undefined ? {} : { reason }),
    }
    const approved = await changeStatus(tx, id, (model) => {
      requireSame(model, digest)
      requireOther(tx, model)
      return { ...model.status, approval }
    })
    await record(tx, 'model.approve', refFor(approved), { digest, change: 'approved' })
    return approved
  })

export const withdrawApproval = (ctx: Context, which: string): Promise<Resource> =>
  atomically(ctx, async (tx) => {
    const model = await permitted(tx, which)
    if (model.status?.['approval'] === undefined) return model
    const withdrawn = await changeStatus(tx, model.id, ({ status }) => {
      const { approval: _, ...rest } = status as ModelStatus // written by this room
      return rest
    })
    await record(tx, 'model.approve', refFor(withdrawn), { digest: digestOf(withdrawn), change: 'withdrawn' })
    return withdrawn
  })

const permitted = async (tx: Context, which: string): Promise<Resource> => {
  const model = await get(tx, 'model', which)
  await tx.authorize('model.approve', refFor(model))
  return model
}

const requireSame = (model: Resource, digest: string): void => {
  if (digestOf(model) !== digest)
    throw stale(`The model ${model.name} has other weights than those you looked at. Look at it again.`, {
      digest: digestOf(model),
    })
}

/** Weights that came before this was noted are their owner's. */
const requireOther = ({ actor }: Context, model: Resource): void => {
  const broughtBy = (model.status as Partial<ModelStatus> | undefined)?.broughtBy ?? model.owner
  if (actor.id === broughtBy || actor.id === model.owner)
    throw ownModel(`You brought the model ${model.name} in. Somebody else who may approve models does it.`)
}
