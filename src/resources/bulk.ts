// Many documents at once, from files: all of them or none. A dry run does everything, says what it took, and takes it back.
import { isDeepStrictEqual } from 'node:util'
import { atomically, rehearse, type Context, type Trace } from '#platform/context.ts'
import { apply } from './apply.ts'
import { located } from './located.ts'
import { inOrder } from './order.ts'
import { managedBy, prune, type Prune } from './prune.ts'
import type { Applied, Desired } from './schema.ts'

export const documentsMax = 500

export type Bulk = {
  dryRun?: boolean | undefined
  reason?: string | undefined
  /** Whose files these are: everything applied is labelled so. */
  manager?: string | undefined
  prune?: Prune | undefined
}

export const applyAll = async (ctx: Context, documents: readonly Desired[], options: Bulk = {}): Promise<Applied[]> => {
  await ctx.authorize('organisation.read', { kind: 'organisation' }) // open to all who are signed in; each document is decided below
  const ordered = inOrder(ctx.site, documents)
  if (!options.dryRun) return atomically(ctx, (tx) => applyInOrder(tx, ordered, options))
  return (await rehearse(ctx, (tx) => applyInOrder(tx, ordered, options))).result
}

type Placed = { document: Desired; i: number }

const applyInOrder = async (tx: Context, ordered: readonly Placed[], options: Bulk): Promise<Applied[]> => {
  const { reason, manager } = options
  const changes = Array.from<Applied>({ length: ordered.length })
  for (const { document, i } of ordered)
    changes[i] = await withApprovals(tx, () => apply(tx, document, { reason, labels: managedBy(manager) })).catch(
      (error: unknown) => {
        throw located(error, document, i)
      },
    )
  if (!options.prune) return changes
  const kept = changes.map(({ resource }) => resource.id)
  return [...changes, ...(await prune(tx, options.prune, { manager, reason, kept, withApprovals }))]
}

/** What is tried also says whose approval it would take. */
const withApprovals = async (tx: Context, run: () => Promise<Applied>): Promise<Applied> => {
  const { trace } = tx
  if (!trace) return run()
  const before = trace.obligations.length
  const applied = await run()
  return { ...applied, approvals: distinct(trace.obligations.slice(before)) }
}

const distinct = (obligations: Trace['obligations']): Trace['obligations'] =>
  obligations.filter((one, i) => obligations.findIndex((other) => isDeepStrictEqual(one, other)) === i)
