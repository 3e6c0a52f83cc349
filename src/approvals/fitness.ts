// Who may approve what: never one's own, never from the browser of someone who already took part, never when it is over; and whose approval still counts.
import { stillActing } from '#identity'
import { holdsRole } from '#policy'
import { onBehalf, type Context, type Obligation } from '#platform/context.ts'
import { conflict, forbidden, problem, type Problem } from '#platform/problem.ts'
import { refsOf, type ApprovalRow, type Row } from './store.ts'

export const changeSetClosed = problem('change-set-closed', 409, 'It is no longer open')
export const selfApproval = problem('self-approval', 403, 'Nobody approves their own change')
export const sharedDevice = problem('shared-device', 403, 'Someone already took part from this browser')

export const stateOf = (ctx: Context, row: Pick<Row, 'state' | 'expires_at'>) =>
  row.state === 'open' && row.expires_at <= ctx.now() ? 'expired' : row.state

const closed = (ctx: Context, row: Row): Problem | undefined => {
  const state = stateOf(ctx, row)
  return state === 'open' ? undefined : changeSetClosed(`The change set is ${state}.`, { state })
}

export const requireOpen = (ctx: Context, row: Row): void => {
  const over = closed(ctx, row)
  if (over) throw over
}

/** Why the caller may not approve, whatever their rights; undefined when nothing stands against it. */
const unfitness = (ctx: Context, row: Row, approvals: readonly ApprovalRow[]): Problem | undefined => {
  const { actor } = ctx
  const over = closed(ctx, row)
  if (over) return over
  if (actor.id === row.requester) return selfApproval('You asked for this yourself. Someone else must look at it.')
  if (approvals.some(({ approver }) => approver === actor.id)) return conflict('You approved it already.')
  const devices = [row.principal.device, ...approvals.map(({ principal }) => principal.device)]
  if (actor.device !== undefined && devices.includes(actor.device))
    return sharedDevice('Whoever asked for it, or another approver, signed in with the same browser. Approve it from your own.')
  return undefined
}

export const requireFit = (ctx: Context, row: Row, approvals: readonly ApprovalRow[]): void => {
  const unfit = unfitness(ctx, row, approvals)
  if (unfit) throw unfit
}

/** For a page that shows who may approve: the refusal there would be, or none. */
export const hindranceFor = async (ctx: Context, row: Row, approvals: readonly ApprovalRow[]): Promise<Problem | undefined> => {
  for (const ref of await refsOf(ctx, row, { owned: false }))
    if (!(await ctx.permits('change-set.approve', ref))) return forbidden('You may not approve at every place it acts at.')
  return unfitness(ctx, row, approvals)
}

/** The approvals that count now: of people who are still here, and still may approve everywhere it acts. */
export const standing = async (tx: Context, row: Row, approvals: readonly ApprovalRow[]): Promise<ApprovalRow[]> => {
  const refs = await refsOf(tx, row, { owned: false })
  const judged = await Promise.all(
    approvals.map(async ({ principal }) => {
      if (!(await stillActing(tx, principal))) return false
      const theirs = onBehalf(tx, { actor: principal })
      return (await Promise.all(refs.map((ref) => theirs.permits('change-set.approve', ref)))).every(Boolean)
    }),
  )
  return approvals.filter((_, i) => judged[i])
}

export const isCovered = async (
  ctx: Context,
  { quorum, approverRole, scope }: Obligation,
  counting: readonly ApprovalRow[],
): Promise<boolean> => {
  if (approverRole === undefined) return counting.length >= quorum
  const held = await Promise.all(counting.map(({ principal }) => holdsRole(ctx, principal, approverRole, scope)))
  return held.filter(Boolean).length >= quorum
}
