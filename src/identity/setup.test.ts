import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parseConfig } from '#platform/config.ts'
import { systemContext } from '#platform/context.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { createApp } from '../app.ts'
import { password } from '../../test/app.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import { linkAgeMs } from './links.ts'
import { issueSetupToken } from './setup.ts'
import { SoftwareAuthenticator } from '../../test/software-authenticator.ts'

const origin = 'http://localhost:0'

/** A site before its first minute, which `testApp` is past. */
const freshSite = async (t: TestContext) => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const pool = createPool(await createTestDatabase(), 6)
  let offsetMs = 0
  const config = parseConfig({ HOLDFAST_HOME: home, HOLDFAST_PORT: '0' })
  const app = await createApp({ config, pool, log: silentLog, wall: () => Date.now() + offsetMs })
  t.after(async () => {
    await app.stop()
    await pool.end()
    rmSync(home, { recursive: true, force: true })
  })
  const post = async (url: string, payload: object, headers = {}) => {
    const reply = await app.http.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      headers: { host: 'localhost', ...headers },
      payload,
    })
    return { status: reply.statusCode, body: reply.json(), headers: reply.headers }
  }
  const get = async (url: string, headers = {}) => {
    const reply = await app.http.inject({ url: `/api/v1${url}`, headers: { host: 'localhost', ...headers } })
    return { status: reply.statusCode, body: reply.json() }
  }
  const issue = async () => (await issueSetupToken(systemContext(app.site, 'test')))!
  return { app, post, get, issue, advance: (ms: number) => void (offsetMs += ms) }
}

const owner = { organisation: 'Harbour Authority', username: 'ada', displayName: 'Ada', password }

test('whoever holds the set-up link becomes owner and is signed in', async (t) => {
  const site = await freshSite(t)
  assert.deepEqual((await site.get('/setup')).body.needed, true)

  const { status, body, headers } = await site.post('/setup', { token: await site.issue(), ...owner })

  assert.equal(status, 201)
  assert.equal(body.user.username, 'ada')
  assert.deepEqual(
    body.roles.map((grant: { role: string; path: string }) => [grant.role, grant.path]),
    [['owner', '/']],
  )
  assert.ok(body.may.includes('user.create'))
  const cookies = [headers['set-cookie']].flat().map(String)
  assert.equal(cookies.length, 2)
  assert.match(cookies[0]!, /^holdfast=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
  assert.match(cookies[1]!, /^holdfast-device=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
  const me = await site.get('/session', { cookie: cookies[0]!.split(';')[0] })
  assert.equal(me.status, 200)
  assert.equal(me.body.organisation.name, 'Harbour Authority')
  assert.equal((await site.get('/setup')).body.needed, false)
})

test('a set-up link used a second time is refused, and says so', async (t) => {
  const site = await freshSite(t)
  const token = await site.issue()
  await site.post('/setup', { token, ...owner })

  const { status, body } = await site.post('/setup', { token, ...owner, username: 'eve' })

  assert.deepEqual([status, body.type], [410, '/problems/link-used'])
  assert.equal(await issueSetupToken(systemContext(site.app.site, 'test')), undefined)
})

test('a set-up link opens once, even to two requests at the same moment', async (t) => {
  const site = await freshSite(t)
  const token = await site.issue()

  const replies = await Promise.all(['ada', 'eve'].map((username) => site.post('/setup', { token, ...owner, username })))

  assert.deepEqual(replies.map((reply) => reply.status).sort(), [201, 410])
})

test('a wrong, a replaced and an expired set-up link open nothing', async (t) => {
  const site = await freshSite(t)
  const replaced = await site.issue()
  const token = await site.issue()

  const wrong = await site.post('/setup', { token: 'x'.repeat(43), ...owner })
  const old = await site.post('/setup', { token: replaced, ...owner })
  site.advance(linkAgeMs.setup + 1000)
  const late = await site.post('/setup', { token, ...owner })

  assert.deepEqual(
    [wrong.body.type, old.body.type, late.body.type],
    ['/problems/link-unknown', '/problems/link-unknown', '/problems/link-expired'],
  )
  assert.equal((await site.get('/setup')).body.needed, true)
})

test('set-up with a name or password that will not do leaves the link good', async (t) => {
  const site = await freshSite(t)
  const token = await site.issue()
  for (const change of [
    { username: '../etc/passwd' },
    { username: 'a\u0007b' },
    { organisation: '\u202e' },
    { password: 'short' },
    { password: 'aaaaaaaaaaaaaaaa' },
  ])
    assert.equal((await site.post('/setup', { token, ...owner, ...change })).status, 400, JSON.stringify(change))

  assert.equal((await site.post('/setup', { token, ...owner })).status, 201)
})

test('a page of another origin cannot set the site up', async (t) => {
  const site = await freshSite(t)

  const { status, body } = await site.post('/setup', { token: await site.issue(), ...owner }, { origin: 'http://evil.example' })

  assert.deepEqual([status, body.type], [403, '/problems/cross-site-refused'])
})

test('the owner can set up with a passkey and no password at all, and sign in with it', async (t) => {
  const site = await freshSite(t)
  const token = await site.issue()
  const key = new SoftwareAuthenticator()
  const { password: _, ...names } = owner
  const options = await site.post('/setup/passkey', { token, ...names })

  const made = await site.post('/setup', { token, ...names, passkey: key.create(options.body, origin) })
  const challenge = await site.post('/session/passkey/options', {})
  const used = await site.post('/session/passkey', { response: key.get(challenge.body, origin) })

  assert.deepEqual([options.status, made.status, used.status], [200, 201, 200])
  assert.equal(used.body.user.id, made.body.user.id)
  assert.deepEqual(used.body.factors, ['passkey'])
})
