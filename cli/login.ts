import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Command } from 'commander'
import { ApiProblem, createClient, Unreachable, type Client } from '#client'
import { ask } from './ask.ts'
import { good, show, type Output } from './output.ts'
import { trust } from './reach.ts'
import {
  CalledWrongly,
  defaultUrl,
  envUrl,
  forgetCredential,
  keyFile,
  optionsOf,
  siteUrl,
  storedCredential,
  writeCredential,
} from './session.ts'

const keyDays = 30

/** A person's own session, for what a key may not do; closed again after `use`. */
export const asPerson = async <T>(url: string, use: (session: Client, username: string) => Promise<T>): Promise<T> => {
  const username = await ask('User name: ')
  if (username === '') throw new CalledWrongly('No user name was given.')
  const password = await ask('Password: ', { secret: true })
  if (password === '') throw new CalledWrongly('No password was given.')
  const { origin } = new URL(url)
  const open = (code?: string) =>
    fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ username, password, ...(code ? { code } : {}) }),
    }).catch((error: unknown) => {
      throw new Unreachable(url, error)
    })
  let reply = await open()
  let told = await bodyOf(reply)
  if (told['type'] === '/problems/second-factor-needed') {
    reply = await open(await ask('Code: '))
    told = await bodyOf(reply)
  }
  if (!reply.ok) throw new ApiProblem(reply.status, told)
  const csrf = typeof told['csrf'] === 'string' ? told['csrf'] : ''
  const cookie = (reply.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  const session = createClient({ baseUrl: url, headers: () => ({ cookie, origin, 'x-csrf-token': csrf }) })
  try {
    return await use(session, username)
  } finally {
    await session.sessionEnd()
  }
}

/** Signs in as a person once, makes an expiring API key for this machine, and signs out: what lies on disk can be revoked by itself. */
const login = (url: string, ca: string | undefined): Promise<{ username: string; url: string; expiresAt: string }> =>
  asPerson(url, async (session, username) => {
    const expiresAt = new Date(Date.now() + keyDays * 86_400_000).toISOString()
    const made = await session.keyCreate({ body: { name: `cli@${hostname()}`.slice(0, 60), expiresAt } })
    writeCredential({ url, key: made.secret, keyId: made.key.id, username, ...(ca === undefined ? {} : { ca }) })
    return { username, url, expiresAt }
  })

const readCa = (path: string): string => {
  const pem = readFileSync(path, 'utf8')
  try {
    void new X509Certificate(pem)
  } catch {
    throw new CalledWrongly(`${path} holds no certificate in PEM.`)
  }
  trust(pem)
  return pem
}

/** Ends the stored login. A key that a file was named for is not ours to end. */
const logout = async (): Promise<{ signedOut: boolean; revoked: boolean; keyFile?: string }> => {
  const path = keyFile()
  const stored = storedCredential()
  const id = stored?.keyId
  const revoked =
    stored !== undefined &&
    id !== undefined &&
    (await createClient(optionsOf(stored))
      .keyRevoke({ path: { id } })
      .then(
        () => true,
        () => false,
      ))
  forgetCredential()
  return { signedOut: stored !== undefined, revoked, ...(path === undefined ? {} : { keyFile: path }) }
}

const loggedOut = ({ signedOut, revoked, keyFile: path }: Awaited<ReturnType<typeof logout>>): string =>
  [
    !signedOut
      ? 'There was no login on this machine.'
      : revoked
        ? 'Signed out on this machine; its key is revoked.'
        : 'Signed out on this machine, but its key could not be revoked: revoke it in the portal (Account, API keys).',
    ...(path === undefined
      ? []
      : [`The key in ${path} stays, file and key: HOLDFAST_KEY_FILE still names it. \`holdfast key revoke ID\` ends a key.`]),
  ].join('\n')

const bodyOf = async (reply: Response): Promise<Record<string, unknown>> =>
  ((await reply.json().catch(() => ({}))) ?? {}) as Record<string, unknown> // shown, never trusted

export const addLogin = (program: Command, output: () => Output): void => {
  program
    .command('login')
    .description('sign in on this machine (makes an API key that expires)')
    .argument('[address]', `of the site (default: HOLDFAST_URL, else ${defaultUrl})`)
    .option('--ca <file>', "the site's own CA, to trust from now on: tls/ca.pem of its home")
    .action(async (address: string | undefined, flags: { ca?: string }) =>
      show(
        output(),
        await login(address === undefined ? envUrl() : siteUrl(address), flags.ca === undefined ? undefined : readCa(flags.ca)),
        ({ username, url, expiresAt }) => `${good('Signed in')} to ${url} as ${username}, until ${expiresAt.slice(0, 10)}.`,
      ),
    )

  program
    .command('logout')
    .description('revoke the key of this machine and forget it')
    .action(async () => show(output(), await logout(), loggedOut))
}
