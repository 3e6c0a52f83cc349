// The whole site in this process, on a database of its own, spoken to through its front door as people of each role would.
import { mkdtempSync, rmSync } from 'node:fs'
import type { LightMyRequestResponse } from 'fastify'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { issueSetupToken } from '#identity'
import { awaitLog } from '#audit'
import { parseConfig } from '#platform/config.ts'
import { systemContext } from '#platform/context.ts'
import { createPool } from '#platform/db.ts'
import { createLog } from '#platform/log.ts'
import { createApp, type App } from '../src/app.ts'
import { createTestDatabase } from './postgres.ts'

export const password = 'correct horse battery staple'

export type Role = 'owner' | 'operator' | 'security-officer' | 'auditor' | 'ai-engineer' | 'member' | 'nobody'
export type Reply = { status: number; body: any; headers: LightMyRequestResponse['headers']; text: string } // tests look inside replies freely
export type Caller = {
  readonly userId: string
  readonly username: string
  readonly headers: Record<string, string>
  get(url: string, headers?: Record<string, string>): Promise<Reply>
  post(url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  put(url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  patch(url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  delete(url: string, headers?: Record<string, string>): Promise<Reply>
}

export type TestApp = {
  readonly app: App
  readonly home: string
  readonly clock: { advance(ms: number): void }
  /** A person who holds `role` at the organisation (or at `scope`); made on first use. */
  as(role: Role, options?: { scope?: string; name?: string }): Promise<Caller>
  /** No credential at all. */
  anyone(headers?: Record<string, string>): Caller
  /** A bearer of an API key. */
  bearer(secret: string): Caller
  /** What the log says happened since the site was set up, oldest first. */
  audit(): Promise<{ action: string; outcome: string; actor: string; resource: { kind: string; id?: string }; facts?: any }[]>
  /** Listens on a free loopback port, for clients that need a real one. */
  listen(): Promise<string>
}

export type TestAppOptions = {
  engines?: boolean
  env?: Record<string, string>
  startSequencer?: boolean
  /** What is defined before the site starts. */
  define?: (site: App['site']) => void
}

type Fresh = { app: App; home: string; advance: (ms: number) => void }

/** A site as it is after its very first start: nobody is its owner yet. */
export const freshSite = async (t: Pick<TestContext, 'after'>, options: TestAppOptions = {}): Promise<Fresh> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const pool = createPool(await createTestDatabase(), 6)
  let offsetMs = 0
  const app = await createApp({
    config: parseConfig({ HOLDFAST_HOME: home, HOLDFAST_PORT: '0', ...options.env }),
    pool,
    log: createLog(process.env['HOLDFAST_TEST_LOG'] ?? 'silent'),
    wall: () => Date.now() + offsetMs,
  })
  options.define?.(app.site)
  await app.start({ engines: options.engines ?? false })
  t.after(async () => {
    await app.stop()
    await pool.end()
    rmSync(home, { recursive: true, force: true })
  })
  return { app, home, advance: (ms) => void (offsetMs += ms) }
}

export const testApp = async (t: Pick<TestContext, 'after'>, options: TestAppOptions = {}): Promise<TestApp> => {
  const { app, home, advance } = await freshSite(t, options)
  const { owner, setupIndex } = await setUp(app)
  const people = new Map<string, Promise<Caller>>([['owner///', Promise.resolve(owner)]])
  const test: TestApp = {
    app,
    home,
    clock: { advance },
    as: (role, { scope = '', name = '' } = {}) => {
      const key = `${role}/${scope}/${name}/`.replace('owner////', 'owner///')
      const made =
        people.get(key) ?? newPerson(app, owner, role, { scope: scope || '/', username: `${name || role}-${people.size}` })
      people.set(key, made)
      return made
    },
    anyone: (headers = {}) => caller(app, { userId: 'anonymous', username: '', headers }),
    bearer: (secret) => caller(app, { userId: '', username: '', headers: { authorization: `Bearer ${secret}` } }),
    audit: () => auditSince(app, owner, setupIndex),
    listen: () => listen(app),
  }
  return test
}

export const listen = async (app: App): Promise<string> => {
  const address = app.http.server.address()
  if (address && typeof address === 'object') return `http://localhost:${address.port}`
  await app.http.listen({ host: '127.0.0.1', port: 0 })
  return listen(app)
}

const setUp = async (app: App): Promise<{ owner: Caller; setupIndex: number }> => {
  const token = await issueSetupToken(systemContext(app.site, 'test'))
  const anyone = caller(app, { userId: '', username: '', headers: {} })
  const reply = await anyone.post('/api/v1/setup', {
    token,
    organisation: 'Test Ministry',
    username: 'owner',
    displayName: 'The Owner',
    password,
  })
  const owner = await signedIn(app, reply, 'owner')
  await awaitLog(systemContext(app.site, 'test'))
  const { body } = await owner.get('/api/v1/audit?limit=1')
  return { owner, setupIndex: body.items[0].index }
}

const newPerson = async (app: App, owner: Caller, role: Role, where: { scope: string; username: string }): Promise<Caller> => {
  const { username, scope } = where
  const created = await owner.post('/api/v1/users', { username, displayName: username })
  if (created.status !== 201) throw new Error(`could not make ${username}: ${created.text}`)
  if (role !== 'nobody') {
    const granted = await owner.put('/api/v1/role-assignments', {
      scope,
      name: `${username}-${role}`,
      spec: { principal: created.body.user.id, role },
    })
    if (granted.status >= 300) throw new Error(`could not grant ${role}: ${granted.text}`)
  }
  const token = new URL(created.body.invitation.url, 'http://localhost').searchParams.get('token')
  const anyone = caller(app, { userId: '', username: '', headers: {} })
  return signedIn(app, await anyone.post('/api/v1/invitation', { token, password }), username)
}

/** From a reply that opened a session to someone who holds it. */
export const signedIn = async (app: App, reply: Reply, username: string): Promise<Caller> => {
  if (reply.status >= 300) throw new Error(`${username} is not signed in: ${reply.text}`)
  const cookie = cookieOf(reply)
  const me = await caller(app, { userId: '', username, headers: { cookie } }).get('/api/v1/session')
  if (me.status !== 200) throw new Error(`no session for ${username}: ${me.text}`)
  return caller(app, { userId: me.body.user.id, username, headers: { cookie, 'x-csrf-token': me.body.csrf } })
}

export const cookieOf = (reply: Pick<Reply, 'headers'>): string => {
  const set = reply.headers['set-cookie']
  const first = Array.isArray(set) ? set[0] : set
  return String(first).split(';')[0]!
}

const caller = (app: App, who: { userId: string; username: string; headers: Record<string, string> }): Caller => {
  const send = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const reply = await app.http.inject({
      method,
      url,
      headers: { host: 'localhost', ...who.headers, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    const json = /json/.test(String(reply.headers['content-type'])) && !/ndjson/.test(String(reply.headers['content-type']))
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: reply.body,
      body: json && reply.body !== '' ? reply.json() : undefined,
    }
  }
  return {
    ...who,
    get: (url, headers) => send('GET', url, undefined, headers),
    post: (url, body, headers) => send('POST', url, body, headers),
    put: (url, body, headers) => send('PUT', url, body, headers),
    patch: (url, body, headers) => send('PATCH', url, body, headers),
    delete: (url, headers) => send('DELETE', url, undefined, headers),
  }
}

const auditSince = async (app: App, owner: Caller, index: number) => {
  await awaitLog(systemContext(app.site, 'test'))
  const { body } = await owner.get('/api/v1/audit?limit=200')
  return body.items.filter((entry: { index: number }) => entry.index > index).toReversed()
}
