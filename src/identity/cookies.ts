// The session cookie: unreadable to scripts, never sent along from other sites, and under TLS bound to this very host by its prefix (RFC 6265bis §4.1.3.2).
import type { Site } from '#platform/site.ts'

const overTls = (site: Site): boolean => site.config.secure || site.config.publicUrl.protocol === 'https:'

export const cookieName = (site: Site): string => (overTls(site) ? '__Host-holdfast' : 'holdfast')

const attributes = (site: Site): string => `Path=/; HttpOnly; SameSite=Strict${overTls(site) ? '; Secure' : ''}`

export const setCookie = (site: Site, name: string, value: string, maxAgeSeconds: number): string =>
  `${name}=${value}; ${attributes(site)}; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`

export const sessionCookie = (site: Site, token: string, maxAgeSeconds: number): string =>
  setCookie(site, cookieName(site), token, maxAgeSeconds)

export const noCookie = (site: Site): string => sessionCookie(site, '', 0)

/** Undefined when absent or given twice: two cookies of one name mean that someone else set one of them. */
export const readCookie = (site: Site, header: string, name = cookieName(site)): string | undefined => {
  const prefix = `${name}=`
  const found = header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
  return found.length === 1 ? found[0]!.slice(prefix.length) : undefined
}
