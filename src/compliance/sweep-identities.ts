import { observedKeys, observedPeople } from '#identity'
import { heldRoles } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { observe, type Observed } from './sweep-observe.ts'

/** People and keys: verdicts on them are for those who may see them, and for themselves. */
export const observeIdentities = (site: Site): void => {
  observe(site, 'person', { readAction: 'user.read', documents: people })
  observe(site, 'api-key', { readAction: 'key.read', documents: observedKeys })
}

const people = async (ctx: Context): Promise<Observed[]> => {
  const roles = await heldRoles(ctx)
  return (await observedPeople(ctx)).map((one) => ({ ...one, facts: { ...one.facts, roles: roles.get(one.id) ?? [] } }))
}
