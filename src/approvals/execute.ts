// Carrying out: the very request that was approved, in its requester's name and by their rights of this moment, kept only if it does exactly what was shown.
import { record } from '#audit'
import { stillActing } from '#identity'
import { onBehalf, type Context, type Trace } from '#platform/context.ts'
import { approvalNeeded, forbidden, problem, unavailable, type Problem } from '#platform/problem.ts'
import type { InnerReply } from '#platform/inner.ts'
import { differenceOf, sameDifference } from './difference.ts'
import { parseDocument, type ChangeDocument } from './document.ts'
import { isCovered } from './fitness.ts'
import { refusalIn, send } from './request.ts'
import { end, type ApprovalRow, type Row } from './store.ts'

export const changedSince = problem('changed-since', 409, 'What was approved is no longer what it would do')
export const requesterGone = problem('requester-gone', 409, 'Whoever asked for it may act no more')

/** Ends the change set instead of doing it. Thrown, so that all that was begun is undone. */
export class Unfit extends Error {
  readonly state: 'outdated' | 'failed'
  readonly because: Problem
  constructor(state: 'outdated' | 'failed', because: Problem) {
    super(because.message)
    this.state = state
    this.because = because
  }
}

export const carryOut = async (tx: Context, row: Row, counting: readonly ApprovalRow[]): Promise<void> => {
  const document = parseDocument(row.document)
  if (!(await stillActing(tx, row.principal)))
    throw new Unfit(
      'failed',
      requesterGone('Who asked for it was disabled or removed, or the key it was asked with was revoked.'),
    )
  const trace: Trace = { obligations: [], allowed: [], changes: [] }
  const from = tx.now()
  const approved = { id: row.id, covers: (obligation: Parameters<typeof isCovered>[1]) => isCovered(tx, obligation, counting) }
  const reply = await send(onBehalf(tx, { actor: row.principal, trace, approved }), document.request, document.reason)
  requireDone(reply)
  requireAsShown(document, trace, { from, to: tx.now() })
  await end(tx, row.id, { state: 'done', reply: sealReply(tx, row.id, reply) })
  const facts = { digest: row.digest, requester: row.requester, approvals: counting.length, records: trace.changes.length }
  await record(tx, 'change-set.execute', { kind: 'change-set', id: row.id }, facts)
}

const requireDone = (reply: InnerReply): void => {
  if (reply.status < 400) return
  // A fault of ours or of the database says nothing about the change: nothing is kept, and it can be approved again.
  if (reply.status >= 500)
    throw unavailable('It could not be carried out just now. Nothing was done and your approval was not counted: approve again.')
  const refusal = refusalIn(reply)
  const rightLost = refusal.status === forbidden.status && refusal.code !== approvalNeeded.code
  throw new Unfit(rightLost ? 'failed' : 'outdated', refusal)
}

const requireAsShown = ({ difference, createdAt }: ChangeDocument, trace: Trace, window: { from: Date; to: Date }): void => {
  const done = differenceOf(trace.changes, window)
  if (!sameDifference(difference, done, window.from.getTime() - Date.parse(createdAt)))
    throw new Unfit(
      'outdated',
      changedSince('Something it touches changed after it was shown. Ask again, so that people see what it does now.'),
    )
}

const purpose = 'change-set-reply'

const sealReply = (tx: Context, id: string, reply: InnerReply): Buffer =>
  tx.site.secrets.seal(purpose, Buffer.from(JSON.stringify(reply)), id)

/** What the door answered, one-time links and all; the caller has made sure that it is the requester who asks. */
export const openReply = (ctx: Context, id: string, sealed: Buffer): InnerReply =>
  JSON.parse(ctx.site.secrets.unseal(purpose, sealed, id).toString()) as InnerReply // we sealed it
