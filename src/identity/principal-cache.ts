// Who a credential belongs to is asked on every request; remembering it for under a second takes that query off the inference gateway.
import type { Principal } from '#platform/context.ts'
import { monotonicMs } from '#platform/clock.ts'
import type { Site } from '#platform/site.ts'

/** Another process of the site may revoke too; what this one remembers is never older than this. */
export const rememberedMs = 1_000
const entriesMax = 10_000

type Remembered = {
  readonly principal: Principal
  readonly goodUntil: number
  readonly fetchedAtMs: number
  readonly fetchedAt: number
}
type Cache = { entries: Map<string, Remembered>; generation: number }

const caches = new WeakMap<Site, Cache>()

const cacheOf = (site: Site): Cache => {
  const cache = caches.get(site) ?? { entries: new Map(), generation: 0 }
  caches.set(site, cache)
  return cache
}

/** Called after the commit of anything that revokes. Revocations are rare, so all is forgotten: nothing can be missed. */
export const forgetPrincipals = (site: Site): void => {
  const cache = cacheOf(site)
  cache.entries.clear()
  cache.generation++
}

/** `find` answers with the principal and the moment (wall time, ms) up to which it holds. */
export const rememberPrincipal = async (
  site: Site,
  credential: string,
  find: () => Promise<{ principal: Principal; goodUntil: number } | undefined>,
): Promise<Principal | undefined> => {
  const cache = cacheOf(site)
  const known = cache.entries.get(credential)
  if (known && isFresh(site, known)) return known.principal
  const { generation } = cache
  const fetched = { fetchedAtMs: monotonicMs(), fetchedAt: site.clock.now().getTime() }
  const found = await find()
  cache.entries.delete(credential)
  // A revocation that committed while we were reading may not be undone by what we read before it.
  if (found && generation === cache.generation) {
    if (cache.entries.size >= entriesMax) cache.entries.clear()
    cache.entries.set(credential, { ...found, ...fetched })
  }
  return found?.principal
}

/** By both clocks: the wall may stand still or be set back, and may also leap over an expiry. */
const isFresh = (site: Site, known: Remembered): boolean => {
  const at = site.clock.now().getTime()
  return monotonicMs() - known.fetchedAtMs < rememberedMs && at - known.fetchedAt < rememberedMs && at < known.goodUntil
}
