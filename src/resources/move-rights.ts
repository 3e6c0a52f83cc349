// What is moved comes under other grants. The mover's own rights over it, and over anything in it, must not grow by their own hand.
import { allActions, findScope, grantsOf, lacking } from '#policy'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'

export const selfRaise = problem('self-raise', 403, 'Moving it would raise your own rights')

const told = 20

/** Where in it the mover may be answered differently from elsewhere in it: at its top, and wherever something is given to them. */
const placesIn = async (tx: Context, id: string): Promise<string[]> => {
  const places = [id]
  for (const scope of new Set((await grantsOf(tx, tx.actor.id)).map((grant) => grant.scope)))
    if (scope !== id && (await findScope(tx, scope))?.ancestors.includes(id)) places.push(scope)
  return places
}

/** By place, what the mover may not do there. */
export type Lacks = ReadonlyMap<string, readonly string[]>

export const lacksIn = async (tx: Context, id: string): Promise<Lacks> => {
  const lacks = new Map<string, readonly string[]>()
  for (const place of await placesIn(tx, id)) lacks.set(place, await lacking(tx, allActions, place))
  return lacks
}

/** Throws `self-raise` when they may do anything now that they might not before. */
export const refuseRaised = async (tx: Context, id: string, before: Lacks): Promise<void> => {
  const now = await lacksIn(tx, id)
  const gained = [...before].flatMap(([place, lacked]) => lacked.filter((action) => !now.get(place)?.includes(action)))
  if (gained.length === 0) return
  const actions = [...new Set(gained)]
  throw selfRaise(
    `There you could do with it what you may not do now: ${actions.slice(0, told).join(', ')}. Someone who may already do that has to move it.`,
    { gained: actions.slice(0, told) },
  )
}
