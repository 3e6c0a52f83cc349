// What is moved comes under other grants. The mover's own rights over it, and over anything in it, must not grow by their own hand.
import { allActions, findScope, findScopes, gainedByMove, grantsOf, lacking, type Scope } from '#policy'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'

export const selfRaise = problem('self-raise', 403, 'That would raise your own rights')

const told = 20

/** Where in it the mover may be answered differently from elsewhere in it: at its top, and wherever something is given to them. */
const placesIn = async (tx: Context, id: string): Promise<Scope[]> => {
  const ids = [id, ...(await grantsOf(tx, tx.actor.id)).map((grant) => grant.scope)]
  const scopes = await findScopes(tx, [...new Set(ids)])
  return [...scopes.values()].filter(({ ancestors }) => ancestors.includes(id))
}

/** A place, and what the mover may not do there. */
type Standing = { readonly place: Scope; readonly lacks: readonly string[] }

export const standingIn = async (tx: Context, id: string): Promise<Standing[]> => {
  const standing: Standing[] = []
  for (const place of await placesIn(tx, id)) standing.push({ place, lacks: await lacking(tx, allActions, place.id) })
  return standing
}

/** Throws `self-raise` when they may do anything now that they might not before, or could by a condition, an activation or a time to come. */
export const refuseRaised = async (tx: Context, before: readonly Standing[]): Promise<void> => {
  if (tx.actor.kind === 'system') return
  const gained = new Set<string>()
  for (const { place, lacks } of before) {
    const now = await findScope(tx, place.id)
    if (!now) continue
    const still = new Set(await lacking(tx, lacks, place.id))
    for (const action of lacks) if (!still.has(action)) gained.add(action)
    for (const action of await gainedByMove(tx, tx.actor.id, place, now)) gained.add(action)
  }
  if (gained.size === 0) return
  const actions = [...gained].slice(0, told)
  throw selfRaise(
    `There you could do with it what you may not do now: ${actions.join(', ')}. Someone who may already do that has to move it.`,
    { gained: actions },
  )
}
