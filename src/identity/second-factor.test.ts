import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookieOf, password, signedIn, testApp, type Caller, type TestApp } from '../../test/app.ts'
import { freshMsMax } from './acting.ts'
import { codeAt, stepOf, stepSeconds } from './totp.ts'

const session = '/api/v1/session'
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const fromBase32 = (text: string): Buffer => {
  const bits = Array.from(text)
    .map((char) => alphabet.indexOf(char).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)))
}

/** A person with an authenticator app, still signed in; `code` is what the app shows now. */
const withApp = async (app: TestApp) => {
  const member = await app.as('nobody')
  const { body } = await member.post('/api/v1/me/totp')
  const seed = fromBase32(body.secret)
  const code = () => codeAt(seed, stepOf(app.app.site.clock.now()))
  const confirmed = await member.post('/api/v1/me/totp/confirm', { code: code() })
  assert.equal(confirmed.status, 204)
  app.clock.advance(stepSeconds * 1000)
  const renewed: Caller = { ...member, headers: { ...member.headers, cookie: cookieOf(confirmed) } }
  return { username: member.username, renewed, code, uri: String(body.uri), old: member }
}

test('with an authenticator app a password alone no longer opens a session', async (t) => {
  const app = await testApp(t)
  const { username, code, uri } = await withApp(app)
  const anyone = app.anyone()

  const without = await anyone.post(session, { username, password })
  const wrong = await anyone.post(session, { username, password, code: '000000' === code() ? '000001' : '000000' })
  const right = await anyone.post(session, { username, password, code: code() })

  assert.match(uri, /^otpauth:\/\/totp\/.*secret=[A-Z2-7]{32}&.*digits=6&period=30$/)
  assert.deepEqual([without.status, without.body.type], [401, '/problems/second-factor-needed'])
  assert.deepEqual([wrong.status, wrong.body.type], [401, '/problems/sign-in-failed'])
  assert.deepEqual([right.status, right.body.factors], [200, ['password', 'totp']])
})

test('whether a code is asked for is told to those alone who know the password', async (t) => {
  const app = await testApp(t)
  const { username } = await withApp(app)

  const { body } = await app.anyone().post(session, { username, password: 'not the right one' })

  assert.equal(body.type, '/problems/sign-in-failed')
})

test('a code opens one session, even when used twice at the same moment', async (t) => {
  const app = await testApp(t)
  const { username, code } = await withApp(app)
  const enter = () => app.anyone().post(session, { username, password, code: code() })

  const replies = await Promise.all([enter(), enter()])
  const later = await enter()

  assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 401])
  assert.equal(later.status, 401)
})

test('setting up an app renews the session it was done in and ends the others', async (t) => {
  const app = await testApp(t)
  const member = await app.as('nobody')
  const other = await signedIn(
    app.app,
    await app.anyone().post(session, { username: member.username, password }),
    member.username,
  )

  const { old, renewed } = await withApp(app)

  assert.equal((await other.get(session)).status, 401)
  assert.equal((await old.get(session)).status, 401)
  assert.equal((await app.anyone({ cookie: renewed.headers['cookie']! }).get(session)).status, 200)
})

test('an app that was offered and never confirmed asks nobody for a code', async (t) => {
  const app = await testApp(t)
  const member = await app.as('nobody')
  await member.post('/api/v1/me/totp')
  const refused = await member.post('/api/v1/me/totp/confirm', { code: '12345' })

  const { status } = await app.anyone().post(session, { username: member.username, password })

  assert.deepEqual([refused.body.type, status], ['/problems/code-refused', 200])
})

test('a recovery code stands in for the app, once, however it is typed', async (t) => {
  const app = await testApp(t)
  const { username, renewed } = await withApp(app)
  const made = await app.anyone(renewed.headers).post('/api/v1/me/recovery-codes')
  const [first, second] = made.body.codes as string[]
  const enter = (code: string) => app.anyone().post(session, { username, password, code })

  assert.equal(made.body.codes.length, 10)
  const typed = await enter(first!.toUpperCase().replaceAll('-', ' '))
  const again = await enter(first!)
  const both = await Promise.all([enter(second!), enter(second!)])

  assert.deepEqual([typed.status, typed.body.factors], [200, ['password', 'recovery']])
  assert.equal(again.status, 401)
  assert.deepEqual(both.map((reply) => reply.status).sort(), [200, 401])
})

test('new recovery codes end the old ones', async (t) => {
  const app = await testApp(t)
  const { username, renewed } = await withApp(app)
  const caller = app.anyone(renewed.headers)
  const before = (await caller.post('/api/v1/me/recovery-codes')).body.codes as string[]
  const after = (await caller.post('/api/v1/me/recovery-codes')).body.codes as string[]

  assert.equal((await app.anyone().post(session, { username, password, code: before[0] })).status, 401)
  assert.equal((await app.anyone().post(session, { username, password, code: after[0] })).status, 200)
})

test('a session left open is not enough to take the second factor away', async (t) => {
  const app = await testApp(t)
  const { renewed } = await withApp(app)
  const caller = app.anyone(renewed.headers)
  app.clock.advance(freshMsMax + 1000)

  const late = await caller.delete('/api/v1/me/totp')

  assert.deepEqual([late.status, late.body.type], [403, '/problems/sign-in-again'])
})

test('an app that is removed is asked for no longer', async (t) => {
  const app = await testApp(t)
  const { username, renewed } = await withApp(app)

  assert.equal((await app.anyone(renewed.headers).delete('/api/v1/me/totp')).status, 204)

  assert.equal((await app.anyone().post(session, { username, password })).status, 200)
  assert.deepEqual(
    (await app.audit()).map((entry) => entry.action).filter((action) => action.startsWith('totp.')),
    ['totp.create', 'totp.delete'],
  )
})
