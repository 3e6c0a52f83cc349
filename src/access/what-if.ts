// Before a change of roles, assignments, groups of things or places: who would gain by it, and who would lose. It is made in the asker's name and taken back.
import type { Static } from 'typebox'
import { whatIf, type Effects } from '#policy'
import type { Context } from '#platform/context.ts'
import { notFound, Problem } from '#platform/problem.ts'
import { applyAll, findById, remove, type Desired } from '#resources'

export type Proposed = { readonly documents?: readonly Desired[]; readonly deletions?: readonly string[] }

/** Refuses what the asker may not do themselves: a trial tells nobody what they could not try. */
export const effectsOf = (ctx: Context, { documents = [], deletions = [] }: Proposed): Promise<Static<typeof Effects>> =>
  whatIf(ctx, async (tx) => {
    if (documents.length > 0) await applyAll(tx, documents)
    for (const id of deletions) await removeAny(tx, id)
  })

/** Of which kind it is, or whether it is there at all, is told to no one who may not see it. */
const removeAny = async (tx: Context, id: string): Promise<void> => {
  const absent = notFound(`There is nothing ${JSON.stringify(id.slice(0, 200))} that you may see, to delete.`)
  const found = await findById(tx, id)
  if (!found) throw absent
  await remove(tx, found.kind, id).catch((error: unknown) => {
    throw error instanceof Problem && error.code === notFound.code ? absent : error
  })
}
