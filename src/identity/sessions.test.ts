import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookieOf, password, signedIn, testApp } from '../../test/app.ts'
import { forgetPrincipals, rememberPrincipal } from './principal-cache.ts'
import { sessionAgeMsMax, sessionIdleMs } from './sessions.ts'

const session = '/api/v1/session'
const minutes = 60_000

test('a change by cookie needs the session’s own token', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const cookie = owner.headers['cookie']!
  const change = { displayName: 'Changed' }

  const without = await app.anyone({ cookie }).patch('/api/v1/me', change)
  const foreign = await app.anyone({ cookie, 'x-csrf-token': 'A'.repeat(43) }).patch('/api/v1/me', change)
  const own = await owner.patch('/api/v1/me', change)

  assert.deepEqual([without.status, without.body.type], [403, '/problems/cross-site-refused'])
  assert.deepEqual([foreign.status, own.status], [403, 200])
})

test('a change by cookie from a page of another origin is refused, even with the token', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const from = (origin: string) => owner.patch('/api/v1/me', { displayName: 'Changed' }, { origin })

  for (const origin of [
    'http://evil.example',
    'null',
    'http://localhost:9999',
    'https://localhost:0',
    'http://localhost.evil.example:0',
  ])
    assert.equal((await from(origin)).status, 403, origin)
  assert.equal((await from('http://localhost:0')).status, 200)
})

test('signing out ends the session and clears the cookie', async (t) => {
  const app = await testApp(t)
  const member = await app.as('nobody')

  const { status, headers } = await member.delete(session)

  assert.equal(status, 204)
  assert.match(String(headers['set-cookie']), /^holdfast=; .*Max-Age=0/)
  assert.equal((await member.get(session)).status, 401)
})

test('a revoked session is refused on the very next request', async (t) => {
  const app = await testApp(t)
  const member = await app.as('nobody')
  const other = await signedIn(
    app.app,
    await app.anyone().post(session, { username: member.username, password }),
    member.username,
  )
  const { body } = await member.get('/api/v1/sessions')
  const theirs = body.items.find((item: { current: boolean }) => !item.current)
  assert.equal(body.items.length, 2)
  assert.equal((await other.get(session)).status, 200)

  const revoked = await member.delete(`/api/v1/sessions/${theirs.id}`)

  assert.equal(revoked.status, 204)
  assert.equal((await other.get(session)).status, 401)
  assert.equal((await member.get(session)).status, 200)
})

test('nobody sees or ends another’s sessions without the right to', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')
  const { body } = await owner.get('/api/v1/sessions')

  const seen = await member.get(`/api/v1/sessions?user=${owner.userId}`)
  const ended = await member.delete(`/api/v1/sessions/${body.items[0].id}`)
  const unknown = await member.delete('/api/v1/sessions/session_nowhere')

  assert.deepEqual([seen.status, ended.status, unknown.status], [404, 403, 403])
  assert.equal((await owner.get(session)).status, 200)
})

test('a session ends a while after the last request, and some time after sign-in whatever is done with it', async (t) => {
  const app = await testApp(t)
  const idle = await app.as('nobody')
  const busy = await app.as('nobody', { name: 'busy' })
  const step = sessionIdleMs - minutes
  let passedMs = 0
  const later = (ms: number) => {
    app.clock.advance(ms)
    passedMs += ms
  }

  later(step)
  assert.equal((await busy.get(session)).status, 200)
  later(2 * minutes)
  assert.equal((await idle.get(session)).status, 401)
  assert.equal((await busy.get(session)).status, 200)
  while (passedMs + step < sessionAgeMsMax) {
    later(step)
    assert.equal((await busy.get(session)).status, 200)
  }
  later(step)
  assert.equal((await busy.get(session)).status, 401)
})

test('a cookie that is no session, or given twice, is nobody’s', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const cookie of [
    'holdfast=',
    'holdfast=short',
    `holdfast=${'A'.repeat(43)}`,
    `${owner.headers['cookie']}; ${owner.headers['cookie']}`,
  ])
    assert.equal((await app.anyone({ cookie }).get(session)).status, 401, cookie)
})

test('over TLS the cookie is bound to this host and sent over TLS alone', async (t) => {
  const app = await testApp(t, { env: { HOLDFAST_PUBLIC_URL: 'https://holdfast.harbour.example' } })

  const reply = await app
    .anyone()
    .post(
      session,
      { username: 'owner', password },
      { host: 'holdfast.harbour.example', origin: 'https://holdfast.harbour.example' },
    )

  const kept = /^__Host-holdfast(-device)?=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=\d+$/
  for (const cookie of [reply.headers['set-cookie']].flat()) assert.match(String(cookie), kept)
  assert.equal((await app.anyone({ cookie: cookieOf(reply) }).get(session)).status, 200)
})

test('what was read before a revocation is not remembered after it', async (t) => {
  const { app } = await testApp(t)
  const principal = { kind: 'user', id: 'user_a', factors: [] } as const
  const found = { principal, goodUntil: Number.MAX_SAFE_INTEGER }
  let asked = 0

  await rememberPrincipal(app.site, 'x', async () => {
    forgetPrincipals(app.site) // the revocation commits while the query runs
    return found
  })
  const after = await rememberPrincipal(app.site, 'x', async () => {
    asked++
    return undefined
  })

  assert.deepEqual([asked, after], [1, undefined])
})

test('a credential is asked of the database once in a burst of requests', async (t) => {
  const { app } = await testApp(t)
  const principal = { kind: 'user', id: 'user_a', factors: [] } as const
  let asked = 0
  const ask = () =>
    rememberPrincipal(app.site, 'x', async () => {
      asked++
      return { principal, goodUntil: Number.MAX_SAFE_INTEGER }
    })

  for (let i = 0; i < 100; i++) assert.equal(await ask(), principal)

  assert.equal(asked, 1)
})
