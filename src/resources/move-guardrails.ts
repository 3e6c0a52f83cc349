// What guardrails of the new place say of all that moves there. What could not be made there does not come there by moving either.
import { sql } from 'kysely'
import { admit, applicableTo, judge, lockOutsAt, refuseFound, type GuardrailDocument, type Rule, type Verdict } from '#guardrails'
import type { Scope } from '#policy'
import type { Context } from '#platform/context.ts'
import { documentsFor } from './documents.ts'
import { reachedMax, type Failing } from './move-schema.ts'
import { refOf, select, type Row } from './store.ts'

/** From where to where, and the scope that moves, before and after. */
export type Way = { left: Scope; target: Scope; before: Scope; after: Scope }

const pageRows = 500

/** The guardrails that reach it now and did not before; and the other way round. */
export const reachingAnew = async (tx: Context, { left, target }: Way): Promise<{ gained: Rule[]; lost: Rule[] }> => {
  const only = async (here: Scope, there: Scope) =>
    (await applicableTo(tx, here.ancestors)).filter(({ scopeId }) => !there.ancestors.includes(scopeId))
  return { gained: await only(target, left), lost: await only(left, target) }
}

/** Throws `guardrail-denied` for the first thing that an enforced `deny` of the new place does not allow. Else what does not comply there, until the list is full. */
export const refuseDeniedInside = async (tx: Context, row: Row, way: Way): Promise<Failing[]> => {
  const { gained } = await reachingAnew(tx, way)
  const assignments = new Set(gained.map(({ assignment }) => assignment))
  if (assignments.size === 0) return []
  const failing: Failing[] = []
  let after = ''
  for (;;) {
    const page = await inside(tx, row.id, after)
    const docs = await documentsFor(tx, page)
    for (const [i, verdicts] of (await judge(tx, docs)).entries())
      failing.push(
        ...(await failingIn(
          tx,
          docs[i]!,
          verdicts.filter(({ assignment }) => assignments.has(assignment)),
        )),
      )
    if (failing.length > reachedMax) failing.length = reachedMax
    if (page.length < pageRows) return failing
    after = page.at(-1)!.id
  }
}

/** Nor does a scope come by moving under what would leave nobody able to do anything in it. What is in it was asked before, one by one. */
export const refuseLockedOutThere = async (tx: Context, moved: Row, way: Way, force: boolean | undefined): Promise<void> => {
  const { gained } = await reachingAnew(tx, way)
  const [doc] = await documentsFor(tx, [moved])
  const found = await lockOutsAt(tx, gained, doc!)
  await refuseFound(
    tx,
    found.map((lockOut) => ({ lockOut, scopeId: moved.scope_id })),
    { force, on: refOf(moved) },
  )
}

const inside = (tx: Context, scopeId: string, after: string): Promise<Row[]> =>
  select(tx)
    .where(
      sql<boolean>`(resource.scope_id in (select id from policy_scope where ancestors @> array[${scopeId}]) or resource.id = ${scopeId})`,
    )
    .where('resource.id', '>', after)
    .orderBy('resource.id')
    .limit(pageRows)
    .execute()

const failingIn = async (tx: Context, doc: GuardrailDocument, verdicts: readonly Verdict[]): Promise<Failing[]> => {
  const wrong = verdicts.filter(({ state }) => state === 'non-compliant' || state === 'unknown')
  if (wrong.some(({ effect, enforced }) => effect === 'deny' && enforced)) await admit(tx, doc) // which says why not
  return wrong.map(({ assignment, guardrail, state, message }) => ({
    id: doc.id,
    kind: doc.kind,
    name: doc.name,
    assignment,
    guardrail,
    state,
    ...(message === undefined ? {} : { message }),
  }))
}
