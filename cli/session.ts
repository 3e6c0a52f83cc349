// Which site, and as whom. The key of this machine lies in one file that only its user may read; never in arguments, never in the environment itself.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client, type ClientOptions } from '#client'
import { trust } from './reach.ts'

export type Credential = {
  url: string
  key: string
  keyId?: string
  username?: string
  /** PEM of the site's own CA, where it has one. */ ca?: string
}

/** Ends with 2: what was asked could not be meant. */
export class CalledWrongly extends Error {
  override readonly name: string = 'CalledWrongly'
}

export class NotSignedIn extends CalledWrongly {
  override readonly name = 'NotSignedIn'
}

export const defaultUrl = 'http://localhost:4600'

/** Where this machine keeps what the command line remembers. */
export const folder = (): string =>
  process.env['HOLDFAST_CONFIG_DIR'] ?? join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'holdfast')
const file = (): string => join(folder(), 'credentials.json')

/** A file with a key and nothing else, in place of a stored login. */
export const keyFile = (): string | undefined => process.env['HOLDFAST_KEY_FILE']

const readKeyFile = (path: string): string => {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch {
    throw new NotSignedIn(`The file that HOLDFAST_KEY_FILE names cannot be read: ${path === '' ? 'it names none' : path}.`)
  }
  if (!/^\S{1,500}$/.test(text))
    throw new NotSignedIn(`${path}, which HOLDFAST_KEY_FILE names, must hold one API key and nothing else.`)
  return text
}

/** The address of a site, without a slash at its end. */
export const siteUrl = (text: string): string => {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new CalledWrongly(`${JSON.stringify(text)} is not the address of a site. One looks like ${defaultUrl}.`)
  return text.replace(/\/+$/, '')
}

export const envUrl = (): string => siteUrl(process.env['HOLDFAST_URL'] ?? defaultUrl)

/** What `login` keeps on this machine. */
export const storedCredential = (): Credential | undefined => {
  if (!existsSync(file())) return undefined
  try {
    const stored = JSON.parse(readFileSync(file(), 'utf8')) as Credential // written by writeCredential
    if (typeof stored.url === 'string' && typeof stored.key === 'string') return stored
  } catch {
    // told below: what is no JSON and what is no login alike
  }
  throw new NotSignedIn(`${file()} holds no login that can be read. Delete it, then run \`holdfast login\`.`)
}

const readCredential = (): Credential | undefined => {
  const path = keyFile()
  return path === undefined ? storedCredential() : { url: envUrl(), key: readKeyFile(path) }
}

export const writeCredential = (credential: Credential): void => {
  mkdirSync(folder(), { recursive: true, mode: 0o700 })
  rmSync(file(), { force: true })
  writeFileSync(file(), `${JSON.stringify(credential, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(file(), 0o600)
}

export const forgetCredential = (): void => rmSync(file(), { force: true })

export const options = (): ClientOptions & { url: string } => {
  const credential = readCredential()
  if (!credential)
    throw new NotSignedIn(
      'You are not signed in on this machine. Run `holdfast login`, or name a file that holds an API key with HOLDFAST_KEY_FILE.',
    )
  return optionsOf(credential)
}

export const optionsOf = ({ url, key, ca }: Credential): ClientOptions & { url: string } => {
  if (ca !== undefined) trust(ca)
  return { url, baseUrl: url, headers: () => ({ authorization: `Bearer ${key}` }) }
}

export const client = (): Client => createClient(options())
