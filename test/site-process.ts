// A site as a process of its own, as `npm start` hands over to it: for what only a start, a signal or a socket shows.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import type { Connection } from '#platform/db.ts'
import { cookieOf, password, type Caller, type Reply, type Role } from './app.ts'
import { childEnv } from './child-env.ts'

type Ends = Pick<TestContext, 'after'>

const noticeMs = 10

export const newHome = (t: Ends): string => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'))
  t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }))
  return home
}

/** The way to a test database for a program that knows no sockets of ours. */
export const urlOf = ({ host, user, database }: Exclude<Connection, string>): string =>
  `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}`

/** No default model lies here, so that no engine takes the machine's time. */
const noAssets = join(tmpdir(), 'holdfast-no-assets')

const launch = (t: Ends, env: Record<string, string>) => {
  const child = spawn(process.execPath, ['src/main.ts', 'up'], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      ...childEnv(),
      HOLDFAST_PORT: '0',
      HOLDFAST_ASSETS_DIR: noAssets,
      HOLDFAST_LOG_LEVEL: 'silent',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  t.after(() => void child.kill('SIGKILL'))
  return { child, out: () => out, err: () => err }
}

export type SiteProcess = {
  /** What it printed: the address, with the one-time link while there is no owner. */
  readonly url: URL
  readonly child: ChildProcess
  err(): string
  stop(): Promise<void>
}

export const startSite = async (t: Ends, env: Record<string, string>): Promise<SiteProcess> => {
  const { child, out, err } = launch(t, env)
  const closed = once(child, 'close')
  while (!out().includes('\n')) {
    await Promise.race([once(child.stdout, 'data'), closed])
    assert.equal(child.exitCode, null, err())
  }
  return {
    child,
    url: new URL(/https?:\S+/.exec(out())![0]),
    err,
    stop: async () => {
      child.kill('SIGTERM')
      await closed
      assert.equal(child.exitCode, 0, err())
    },
  }
}

/** What a start that must not succeed says. */
export const refusedStart = async (t: Ends, env: Record<string, string>): Promise<string> => {
  const { child, err, out } = launch(t, env)
  await once(child, 'close')
  assert.deepEqual([child.exitCode, out()], [1, ''], err())
  return err()
}

/** The first owner, by the link that was printed; returns the headers of the session. */
export const becomeOwner = async (url: URL): Promise<{ cookie: string; 'x-csrf-token': string }> => {
  const made = await fetch(new URL('/api/v1/setup', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      token: url.searchParams.get('token'),
      organisation: 'Test Ministry',
      username: 'owner',
      displayName: 'The Owner',
      password,
    }),
  })
  const cookie = made.headers.get('set-cookie')?.split(';')[0]
  assert.ok(made.ok && cookie, await made.text())
  const session = await fetch(new URL('/api/v1/session', url), { headers: { cookie } })
  const { csrf } = (await session.json()) as { csrf: string }
  return { cookie, 'x-csrf-token': csrf }
}

/** Someone who speaks to a site over its socket, with the headers of their session. */
export const overHttp = (url: URL, who: Pick<Caller, 'userId' | 'username' | 'headers'>): Caller => {
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> => {
    const reply = await fetch(new URL(path, url), {
      method,
      headers: { ...who.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    const json = /json/.test(reply.headers.get('content-type') ?? '') && text !== ''
    return {
      status: reply.status,
      headers: { ...Object.fromEntries(reply.headers), 'set-cookie': reply.headers.getSetCookie() },
      text,
      body: json ? JSON.parse(text) : undefined,
    }
  }
  return {
    ...who,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    put: (path, body, headers) => send('PUT', path, body, headers),
    patch: (path, body, headers) => send('PATCH', path, body, headers),
    delete: (path, headers) => send('DELETE', path, undefined, headers),
  }
}

/** Another person, who came by the invitation of someone who may invite. */
export const joins = async (url: URL, by: Caller, { username, role }: { username: string; role: Role }): Promise<Caller> => {
  const made = await by.post('/api/v1/users', { username, displayName: username })
  assert.equal(made.status, 201, made.text)
  const userId: string = made.body.user.id
  const given = await by.put('/api/v1/role-assignments', { name: username, spec: { principal: userId, role } })
  assert.equal(given.status, 201, given.text)
  const token = new URL(made.body.invitation.url, url).searchParams.get('token')
  const anyone = overHttp(url, { userId: '', username, headers: {} })
  const cookie = cookieOf(await anyone.post('/api/v1/invitation', { token, password }))
  const { body } = await overHttp(url, { userId, username, headers: { cookie } }).get('/api/v1/session')
  return overHttp(url, { userId, username, headers: { cookie, 'x-csrf-token': body.csrf } })
}

/** The hardest end, and what its transactions leave behind: looked at when the database has noticed. */
export const killSite = async ({ child }: SiteProcess, pool: pg.Pool): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
  const others = 'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
  while ((await pool.query(others)).rowCount !== 0) await setTimeout(noticeMs)
}
