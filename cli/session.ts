// Which site, and as whom. The key of this machine lies in one file that only its user may read; never in arguments, never in the environment itself.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client, type ClientOptions } from '#client'

export type Credential = { url: string; key: string; keyId?: string; username?: string }

export class NotSignedIn extends Error {
  override readonly name = 'NotSignedIn'
}

export const defaultUrl = 'http://localhost:4600'

const folder = (): string =>
  process.env['HOLDFAST_CONFIG_DIR'] ?? join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'holdfast')
const file = (): string => join(folder(), 'credentials.json')

export const readCredential = (): Credential | undefined => {
  const keyFile = process.env['HOLDFAST_KEY_FILE']
  if (keyFile !== undefined) return { url: process.env['HOLDFAST_URL'] ?? defaultUrl, key: readFileSync(keyFile, 'utf8').trim() }
  if (!existsSync(file())) return undefined
  return JSON.parse(readFileSync(file(), 'utf8')) as Credential // written by writeCredential
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
  return { url: credential.url, baseUrl: credential.url, headers: () => ({ authorization: `Bearer ${credential.key}` }) }
}

export const client = (): Client => createClient(options())
