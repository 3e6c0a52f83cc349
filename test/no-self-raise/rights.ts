// What someone may do, at every place and for every action, as policy answers it.
import { allActions, clearanceOf, lacking, leq } from '#policy'
import { createContext, type Label, type Principal } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'

export type Rights = { readonly may: ReadonlySet<string>; readonly clearance: Label }

const principal = (id: string): Principal => ({ kind: 'user', id, factors: ['password', 'passkey'], address: '127.0.0.1' })

export const rightsOf = async (site: Site, userId: string, scopes: readonly { id: string }[]): Promise<Rights> => {
  const ctx = createContext(site, { actor: principal(userId) })
  const may = new Set<string>()
  for (const { id } of scopes) {
    const lacks = new Set(await lacking(ctx, allActions, id))
    for (const action of allActions) if (!lacks.has(action)) may.add(`${action} at ${id}`)
  }
  return { may, clearance: await clearanceOf(ctx, userId) }
}

/** What the one has and the other has not. */
export const beyond = (one: Rights, other: Rights): string[] => [
  ...[...one.may].filter((right) => !other.may.has(right)),
  ...(leq(one.clearance, other.clearance) ? [] : [`clearance ${JSON.stringify(one.clearance)}`]),
]
