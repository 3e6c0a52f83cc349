// The browser itself, whoever is signed in with it: a long-lived random id in a cookie that scripts cannot read. Two accounts on one browser are one pair of eyes.
import type { Site } from '#platform/site.ts'
import { cookieName, readCookie, setCookie } from './cookies.ts'

/** Browsers keep no cookie longer (RFC 6265bis §5.5); each sign-in begins anew. */
const keptSeconds = 400 * 86_400
const tokenPattern = /^[A-Za-z0-9_-]{43}$/

const nameOf = (site: Site): string => `${cookieName(site)}-device`

export const deviceCookie = (site: Site, device: string): string => setCookie(site, nameOf(site), device, keptSeconds)

export const readDevice = (site: Site, header = ''): string | undefined => {
  const device = readCookie(site, header, nameOf(site))
  return device !== undefined && tokenPattern.test(device) ? device : undefined
}
