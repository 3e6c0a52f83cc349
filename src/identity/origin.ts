// Which pages are ours. Browsers name the page a request comes from; everything that decides by cookie or passkey compares it with this.
import { isLoopback } from '#platform/config.ts'
import { problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'

export const crossSite = problem('cross-site-refused', 403, 'The request did not come from this site’s own pages')

/** `localPort` is the port the connection came in on: configured as 0, only the socket knows it. */
export const isOwnOrigin = (site: Site, origin: string, localPort?: number): boolean => {
  const { config } = site
  if (origin === config.publicUrl.origin) return true
  const url = URL.parse(origin)
  if (!url || url.origin !== origin || url.protocol !== (config.secure ? 'https:' : 'http:')) return false
  if (!isLoopback(url.hostname) && url.hostname !== config.publicUrl.hostname && url.hostname !== config.host) return false
  const port = Number(url.port === '' ? (config.secure ? 443 : 80) : url.port)
  return port === (localPort ?? config.port)
}

/** Signing someone in from a foreign page, into the attacker's own account, is an attack too; these doors have no session to check a token against. */
export const refuseForeignOrigin = (site: Site, from: { origin?: string | undefined; localPort?: number | undefined }): void => {
  if (from.origin === undefined || isOwnOrigin(site, from.origin, from.localPort)) return
  throw crossSite(`A page of ${from.origin.slice(0, 200)} may not act here. Use this site’s own pages, or an API key.`)
}
