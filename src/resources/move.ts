// To another place in the tree, with all that is in it. Takes the right to delete it here and to make it there, and shows what else changes by it.
import { record, recordDenial } from '#audit'
import { admit } from '#guardrails'
import { findScope, holdTree, join, moveScope, relabel, resolveScope, whatIf, type Effects, type Scope } from '#policy'
import { atomically, rehearse, type Context, type Obligation } from '#platform/context.ts'
import { invalid, Problem } from '#platform/problem.ts'
import { authoriseIn, requireMatch, tell, type Conditions } from './apply.ts'
import { documentsFor } from './documents.ts'
import { kindOf, type Kind } from './kinds.ts'
import { refuseLocked, refuseLockedInside } from './locks.ts'
import { previewOf } from './move-preview.ts'
import { refuseDeniedInside, refuseLockedOutThere } from './move-guardrails.ts'
import { refuseRaised, selfRaise, standingIn } from './move-rights.ts'
import type { MovePreview } from './move-schema.ts'
import { lock } from './remove.ts'
import { revise } from './revise.ts'
import type { Resource } from './schema.ts'
import { named, refOf, rows, toResource, type Row } from './store.ts'

export type Moved = { resource: Resource; preview?: MovePreview; approvals?: Obligation[]; rights?: Effects }
type To = Conditions & { scope: string; force?: boolean | undefined }

export const move = async (ctx: Context, kindName: string, which: string, to: To): Promise<Resource> => {
  try {
    return (await atomically(ctx, (tx) => carry(tx, kindName, which, to))).resource
  } catch (error) {
    if (error instanceof Problem && error.code === selfRaise.code)
      await recordDenial(ctx, `${kindName}.apply`, { kind: kindName }, { why: error.code })
    throw error
  }
}

/** Moves it, says what that took and did, and takes it back. */
export const tryMove = async (ctx: Context, kindName: string, which: string, to: To): Promise<Moved> => {
  const { result, trace } = await rehearse(ctx, (tx) => carry(tx, kindName, which, to))
  const tried = { ...result, approvals: [...trace.obligations] }
  // What each person may do is for those to see who explain policy.
  if (!result.preview || !(await ctx.permits('policy.explain', { kind: 'policy' }))) return tried
  return { ...tried, rights: await whatIf(ctx, async (tx) => void (await carry(tx, kindName, which, to))) }
}

const carry = async (tx: Context, kindName: string, which: string, { scope, force, ...conditions }: To): Promise<Moved> => {
  const kind = kindOf(tx.site, kindName)
  if (!kind.isScope) throw invalid(`Only folders and projects move, and a ${kind.kind} is neither.`)
  await holdTree(tx)
  const row = await lock(tx, kind, which)
  await tx.authorize(`${kind.kind}.delete`, refOf(row))
  const target = await resolveScope(tx, scope)
  await authoriseIn(tx, kind, { scope: target, which: scope, labels: row.labels })
  requireMatch(row, conditions)
  if (target.id === row.scope_id) return { resource: toResource(row) }
  await refuseHeld(tx, row, target)
  const left = await scopeOf(tx, row.scope_id)
  const before = await scopeOf(tx, row.id)
  await authoriseLabel(tx, row, before, target)
  const standing = await standingIn(tx, row.id)
  const moved = await put(tx, kind, row, target)
  await refuseRaised(tx, standing)
  const way = { left, target, before, after: await scopeOf(tx, row.id) }
  const failing = await refuseDeniedInside(tx, moved, way)
  await refuseLockedOutThere(tx, moved, way, force)
  const preview = tx.trace && (await previewOf(tx, moved, { ...way, failing }))
  await settle(tx, row, moved, { reason: conditions.reason, preview })
  return { resource: toResource(moved), ...(preview ? { preview } : {}) }
}

const scopeOf = async (tx: Context, id: string): Promise<Scope> => {
  const found = await findScope(tx, id)
  if (!found) throw new Error(`${id} is held, and is no scope`)
  return found
}

const refuseHeld = async (tx: Context, row: Row, target: Scope): Promise<void> => {
  await refuseLocked(tx, row, 'move')
  await refuseLockedInside(tx, row)
  await refuseLocked(tx, { ...row, scope_id: target.id, governing_scope_id: target.id }, 'apply')
}

/** What is inherited is lowered by leaving as by relabelling, and takes the same right. */
const authoriseLabel = (tx: Context, { kind, id }: Row, before: Scope, target: Scope): Promise<void> =>
  relabel(tx, { kind, id, scope: id }, { before: before.effective, after: join(before.label, target.effective) })

const put = async (tx: Context, kind: Kind, row: Row, target: Scope): Promise<Row> => {
  const moved = await named(tx, {
    ...row,
    scope_id: target.id,
    path: target.path,
    scope_rank: target.effective.rank,
    scope_caveats: [...target.effective.caveats],
    generation: row.generation + 1,
    updated_at: tx.now(),
  })
  await moveScope(tx, { id: row.id, parentId: target.id })
  const [doc, before] = await documentsFor(tx, [moved, row])
  await admit(tx, doc!, before)
  await kind.admit?.(tx, { resource: toResource(moved), before: toResource(row) })
  // A folder and a project cannot share a path, so the place that moveScope found free is free for the resource.
  const { scope_id, generation, updated_at } = moved
  await rows(tx).updateTable('resource').set({ scope_id, generation, updated_at }).where('id', '=', moved.id).execute()
  return moved
}

type Said = { reason: string | undefined; preview: MovePreview | undefined }

const settle = async (tx: Context, before: Row, moved: Row, { reason, preview }: Said): Promise<void> => {
  await revise(tx, moved, 'changed', { before, reason, move: preview })
  await tell(tx, moved, 'changed')
  await record(
    tx,
    `${moved.kind}.apply`,
    { kind: moved.kind, id: moved.id, scope: moved.scope_id },
    { change: 'moved', from: before.scope_id, to: moved.scope_id, generation: moved.generation },
  )
}
