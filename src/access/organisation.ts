import { invalid } from '#platform/problem.ts'
import type { Resource } from '#resources'

/** Some things hold for the whole site, and a place in the tree would say otherwise. */
export const requireOrganisation = ({ kind, scope }: Resource): void => {
  if (scope === '/') return
  throw invalid(`A ${kind} holds for the whole organisation: its scope is /, not ${scope}.`, {
    faults: [{ at: '/scope', message: 'must be /' }],
  })
}
