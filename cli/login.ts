import { hostname } from 'node:os'
import type { Command } from 'commander'
import { ApiProblem, createClient, type Client } from '#client'
import { ask } from './ask.ts'
import { good, print, show, type Output } from './output.ts'
import { client, defaultUrl, forgetCredential, readCredential, writeCredential } from './session.ts'

const keyDays = 30

/** A person's own session, for what a key may not do; closed again after `use`. */
export const asPerson = async <T>(url: string, use: (session: Client, username: string) => Promise<T>): Promise<T> => {
  const username = await ask('User name: ')
  const password = await ask('Password: ', { secret: true })
  const { origin } = new URL(url)
  const open = (code?: string) =>
    fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ username, password, ...(code ? { code } : {}) }),
    }).catch((error: unknown) => unreachable(url, error))
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
const login = (url: string): Promise<{ username: string; url: string; expiresAt: string }> =>
  asPerson(url, async (session, username) => {
    const expiresAt = new Date(Date.now() + keyDays * 86_400_000).toISOString()
    const made = await session.keyCreate({ body: { name: `cli@${hostname()}`.slice(0, 60), expiresAt } })
    writeCredential({ url, key: made.secret, keyId: made.key.id, username })
    return { username, url, expiresAt }
  })

const unreachable = (url: string, cause: unknown): never => {
  throw Object.assign(new Error(`No site answers at ${url}. Is it running? \`holdfast up\` starts one.`, { cause }), {
    name: 'Unreachable',
  })
}

const bodyOf = async (reply: Response): Promise<Record<string, unknown>> =>
  ((await reply.json().catch(() => ({}))) ?? {}) as Record<string, unknown> // shown, never trusted

export const addLogin = (program: Command, output: () => Output): void => {
  program
    .command('login')
    .description('sign in on this machine (makes an API key that expires)')
    .argument('[address]', 'of the site', process.env['HOLDFAST_URL'] ?? defaultUrl)
    .action(async (address: string) =>
      show(
        output(),
        await login(address.replace(/\/$/, '')),
        ({ username, url, expiresAt }) => `${good('Signed in')} to ${url} as ${username}, until ${expiresAt.slice(0, 10)}.`,
      ),
    )

  program
    .command('logout')
    .description('revoke the key of this machine and forget it')
    .action(async () => {
      const credential = readCredential()
      if (credential?.keyId)
        await client()
          .keyRevoke({ path: { id: credential.keyId } })
          .catch(() => print('The key could not be revoked; revoke it in the portal.'))
      forgetCredential()
      show(output(), { signedOut: true }, () => 'Signed out on this machine.')
    })
}
