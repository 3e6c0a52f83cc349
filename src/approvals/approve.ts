// Approving: a signature under the digest, by someone else, from elsewhere. With the last one needed the change is carried out, in the same transaction: both are done, or neither.
import { record, recordDenial } from '#audit'
import { signatureRefused, useSignature, verifySignature, type From, type Signature } from '#identity'
import { atomically, type Context } from '#platform/context.ts'
import { Problem } from '#platform/problem.ts'
import { statementOf } from './document.ts'
import { carryOut, Unfit } from './execute.ts'
import { isCovered, requireFit, selfApproval, sharedDevice, standing } from './fitness.ts'
import { readable } from './read.ts'
import { approvalsOf, end, insertApproval, lock, refsOf, type ApprovalRow, type Row } from './store.ts'

type Given = { readonly id: string; readonly signature: Signature; readonly from: From }

export const approve = async (ctx: Context, given: Given): Promise<void> => {
  await readable(ctx, given.id)
  try {
    await atomically(ctx, async (tx) => {
      const { row, approvals } = await addApproval(tx, given)
      const counting = await standing(tx, row, approvals)
      const covered = await Promise.all(row.obligations.map((obligation) => isCovered(tx, obligation, counting)))
      if (covered.every(Boolean)) await carryOut(tx, row, counting)
    })
  } catch (error) {
    if (error instanceof Unfit) return await endUnfit(ctx, given, error)
    await tellRefused(ctx, given.id, error)
    throw error
  }
}

const addApproval = async (tx: Context, { id, signature, from }: Given): Promise<{ row: Row; approvals: ApprovalRow[] }> => {
  const row = await lock(tx, id)
  const approvals = await approvalsOf(tx, id)
  requireFit(tx, row, approvals)
  for (const ref of await refsOf(tx, row, { owned: false })) await tx.authorize('change-set.approve', ref)
  const signed = await verifySignature(tx, statementOf(row.digest, tx.actor.id), signature, from)
  await useSignature(tx, signed)
  const { evidence } = signed
  const approval = { change_set_id: id, approver: tx.actor.id, principal: tx.actor, evidence, at: tx.now() }
  await insertApproval(tx, approval)
  await record(
    tx,
    'change-set.approve',
    { kind: 'change-set', id },
    { digest: row.digest, decision: 'approve', ...forTheLog(evidence) },
  )
  return { row, approvals: [...approvals, approval] }
}

/** Whole, so that the log alone proves who approved; but for the certificate, which names a person, and a leaf is never erased. */
const forTheLog = (evidence: ApprovalRow['evidence']) => {
  const { statement: _, ...shown } = evidence
  if (shown.method === 'passkey') return { evidence: shown }
  const { certificate: __, ...nameless } = shown
  return { evidence: nameless }
}

/** The approval stands, and with it the end it led to. What the transaction before had begun is undone already. */
const endUnfit = (ctx: Context, given: Given, { state, because }: Unfit): Promise<void> =>
  atomically(ctx, async (tx) => {
    const { row } = await addApproval(tx, given)
    await end(tx, row.id, { state, because: because.toJSON() })
    const facts = { digest: row.digest, requester: row.requester, state, why: because.code }
    await record(tx, 'change-set.execute', { kind: 'change-set', id: row.id }, facts, { outcome: 'failed' })
  })

const told = new Set([selfApproval.code, sharedDevice.code, signatureRefused.code])

const tellRefused = async (ctx: Context, id: string, error: unknown): Promise<void> => {
  if (error instanceof Problem && told.has(error.code))
    await recordDenial(ctx, 'change-set.approve', { kind: 'change-set', id }, { why: error.code })
}
