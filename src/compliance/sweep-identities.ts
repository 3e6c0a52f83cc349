import { observedKeys, observedPeople } from '#identity'
import type { Site } from '#platform/site.ts'
import { observe } from './sweep-observe.ts'

/** People and keys: verdicts on them are for those who may see them, and for themselves. */
export const observeIdentities = (site: Site): void => {
  observe(site, 'person', { readAction: 'user.read', documents: observedPeople })
  observe(site, 'api-key', { readAction: 'key.read', documents: observedKeys })
}
