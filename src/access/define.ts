import { observeLabels, rootScope, type LabelObserver } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { unlist } from '#resources'
import { defineAssignments } from './assignments.ts'
import { defineClearances, listClearance } from './clearances.ts'
import { defineElevations } from './elevations.ts'
import { defineRoles } from './roles.ts'
import { defineScheme, listScheme } from './scheme.ts'

export const defineAccess = (site: Site): void => {
  defineScheme(site)
  defineClearances(site)
  defineRoles(site)
  defineAssignments(site)
  defineElevations(site)
  observeLabels(site, inventory)
}

/** What others write (set-up; a person who goes) is in the inventory like any other. */
const inventory: LabelObserver = {
  scheme: async (tx, scheme) => listScheme(tx, await root(tx), scheme),
  cleared: async (tx, clearance) => listClearance(tx, await root(tx), clearance),
  uncleared: (tx, ids) => unlist(tx, ids),
}

const root = async (tx: Context): Promise<string> => {
  const scope = await rootScope(tx)
  if (!scope) throw new Error('labels before there is an organisation')
  return scope.id
}
