// Resources whose rows another room writes first (a grant made at set-up): listed, with history and news, undecided here because it was decided there.
import { resolveScope } from '#policy'
import type { Context } from '#platform/context.ts'
import { tell } from './apply.ts'
import { buried } from './remove.ts'
import { revise } from './revise.ts'
import { insert, named, rows, select, unstated } from './store.ts'

type Listed = { id: string; kind: string; scopeId: string; name: string; owner: string; spec: Record<string, unknown> }

/** The same again is no news. */
export const listAlongside = async (tx: Context, { scopeId, ...listed }: Listed): Promise<void> => {
  if (await held(tx, listed.id)) return
  const at = tx.now()
  const scope = await resolveScope(tx, scopeId)
  const row = await named(tx, {
    ...listed,
    scope_id: scopeId,
    governing_scope_id: scopeId,
    ...unstated,
    generation: 1,
    created_at: at,
    updated_at: at,
    path: scope.path,
    scope_rank: scope.effective.rank,
    scope_caveats: [...scope.effective.caveats],
  })
  await insert(tx, row)
  await revise(tx, row, 'created')
  await tell(tx, row, 'created')
}

export const unlist = async (tx: Context, ids: readonly string[]): Promise<void> => {
  for (const id of ids) {
    const row = await held(tx, id)
    if (!row) continue
    await rows(tx).deleteFrom('resource').where('id', '=', id).execute()
    await buried(tx, row)
  }
}

const held = (tx: Context, id: string) => select(tx).where('resource.id', '=', id).forUpdate('resource').executeTakeFirst()
