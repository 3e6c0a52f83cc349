// Who is here and what they may do. The site decides every act anyway; this only keeps the page from offering what would be refused.
import { useSuspenseQuery } from '@tanstack/react-query'
import { session } from './queries.ts'
import type { Session } from './types.ts'

/** Pages behind sign-in are rendered only with a session; the route above them sees to it. */
export const useSession = (): Session => {
  const { data } = useSuspenseQuery(session)
  if (!data) throw new Error('This page needs a session')
  return data
}

export const may = (who: Session, action: string): boolean => who.may.includes(action)

/** What lies in scopes. A role deeper in the tree may allow it there, which `may` (told for the root) does not say; then it is offered and the site decides. */
const scoped = new Set([
  'folder',
  'project',
  'role-assignment',
  'model',
  'deployment',
  'artifact',
  'repository',
  'guardrail-assignment',
  'exemption',
  'compliance',
  'remediation',
])
export const mayPerhaps = (who: Session, action: string): boolean =>
  may(who, action) || (scoped.has(action.split('.')[0] ?? '') && who.roles.some(({ path }) => path !== '/'))

export const useMay = (): ((action: string) => boolean) => {
  const who = useSession()
  return (action) => may(who, action)
}
export const useMayPerhaps = (): ((action: string) => boolean) => {
  const who = useSession()
  return (action) => mayPerhaps(who, action)
}
