// What ends a resource. A scope goes only when nothing is in it, and nothing can be put into it while it goes.
import { record } from '#audit'
import { holdScope, removeScope, scopeNotEmpty } from '#policy'
import { atomically, type Context } from '#platform/context.ts'
import { notFound } from '#platform/problem.ts'
import { requireMatch, tell, type Conditions } from './apply.ts'
import { releaseEdges } from './edges.ts'
import { kindOf, kindsOf, type Kind } from './kinds.ts'
import { refuseLocked } from './locks.ts'
import { get } from './read.ts'
import { revise } from './revise.ts'
import { visibleAmong } from './page.ts'
import { refOf, rows, select, toResource, type Row } from './store.ts'

export const remove = (ctx: Context, kindName: string, which: string, conditions: Conditions = {}): Promise<void> =>
  atomically(ctx, async (tx) => {
    const kind = kindOf(tx.site, kindName)
    const row = await lock(tx, kind, which)
    await tx.authorize(`${kind.kind}.delete`, refOf(row))
    requireMatch(row, conditions)
    await refuseLocked(tx, row, 'delete')
    await kind.removed?.(tx, toResource(row))
    if (kind.isScope) await removeOwnScope(tx, row)
    await rows(tx).deleteFrom('resource').where('id', '=', row.id).execute()
    await buried(tx, row, conditions.reason)
    await record(tx, `${kind.kind}.delete`, { kind: kind.kind, id: row.id, scope: row.scope_id }, { generation: row.generation })
    await releaseEdges(tx, row)
  })

export const lock = async (tx: Context, kind: Kind, which: string): Promise<Row> => {
  const { id } = await get(tx, kind.kind, which)
  const row = await select(tx).where('resource.id', '=', id).forUpdate('resource').executeTakeFirst()
  if (!row) throw notFound(`No ${kind.kind} ${which.slice(0, 200)}: someone deleted it a moment ago.`)
  return row
}

/** A scope that is gone governs nothing: of its end they hear who may look where it lay. */
export const buried = async (tx: Context, row: Row, reason?: string): Promise<void> => {
  await revise(tx, { ...row, generation: row.generation + 1 }, 'deleted', { before: row, reason })
  await tell(tx, { ...row, governing_scope_id: row.scope_id }, 'deleted')
}

const insideTold = 5

const removeOwnScope = async (tx: Context, row: Row): Promise<void> => {
  await holdScope(tx, row.id, { alone: true }) // whoever is making something in it ends first, and is seen below
  const held = select(tx).where('resource.scope_id', '=', row.id).orderBy('resource.name')
  if (await held.limit(1).executeTakeFirst()) {
    // What they may not read, and be it only for its label, is not named.
    const seen = await visibleAmong(
      tx,
      kindsOf(tx.site).map(({ kind }) => kind),
    )
    const inside = (await held.where(seen).limit(insideTold).execute()).map(({ kind, name }) => ({ kind, name }))
    const named = inside.map(({ kind, name }) => `the ${kind} ${name}`).join(', ') || 'what you may not see'
    throw scopeNotEmpty(`The ${row.kind} ${row.name} still holds ${named}. Delete what is in it first.`, { inside })
  }
  await removeScope(tx, row.id)
}
