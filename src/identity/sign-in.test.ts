import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookieOf, password, signedIn, testApp, type Caller, type Reply } from '../../test/app.ts'
import { recordEveryMs, userFailuresFree } from './lockout.ts'

const wrong = 'not the right one at all'
const session = '/api/v1/session'

const failTimes = async (anyone: Caller, username: string, times: number): Promise<Reply[]> => {
  const replies: Reply[] = []
  for (let i = 0; i < times; i++) replies.push(await anyone.post(session, { username, password: wrong }))
  return replies
}
const told = ({ status, body }: Reply) => ({
  status,
  type: body.type,
  title: body.title,
  detail: body.detail.replace(/\d+ s/, 'n s'),
})

test('signing in by password opens a session, and the log names who', async (t) => {
  const app = await testApp(t)

  const reply = await app.anyone().post(session, { username: 'OWNER', password })

  assert.equal(reply.status, 200)
  assert.deepEqual(reply.body.factors, ['password'])
  const owner = await app.as('owner')
  const last = (await app.audit()).at(-1)!
  assert.deepEqual([last.action, last.outcome, last.actor], ['session.create', 'done', owner.userId])
})

test('a wrong password, an unknown name and an invited person are refused in the same words', async (t) => {
  const app = await testApp(t)
  await (await app.as('owner')).post('/api/v1/users', { username: 'invited', displayName: 'Not yet here' })

  const replies = []
  for (const username of ['owner', 'nobody-at-all', 'invited', 'a\u0007b/../c'])
    replies.push(told((await failTimes(app.anyone(), username, 1))[0]!))

  assert.equal(replies[0]!.status, 401)
  assert.equal(replies[0]!.type, '/problems/sign-in-failed')
  for (const reply of replies) assert.deepEqual(reply, replies[0])
})

test('after some failures sign-in pauses, says until when, and opens again by itself', async (t) => {
  const app = await testApp(t)
  const anyone = app.anyone()
  await failTimes(anyone, 'owner', userFailuresFree)

  const paused = await anyone.post(session, { username: 'owner', password })
  app.clock.advance(2_000)
  const open = await anyone.post(session, { username: 'owner', password })

  assert.deepEqual([paused.status, paused.body.type, paused.headers['retry-after']], [429, '/problems/sign-in-paused', '1'])
  assert.ok(Date.parse(paused.body.tryAgainAt) > 0)
  assert.equal(open.status, 200)
})

test('each further failure doubles the pause', async (t) => {
  const app = await testApp(t)
  const anyone = app.anyone()
  await failTimes(anyone, 'owner', userFailuresFree)
  const seconds: number[] = []
  for (let i = 0; i < 4; i++) {
    const paused = await anyone.post(session, { username: 'owner', password: wrong })
    seconds.push(Number(paused.headers['retry-after']))
    app.clock.advance(seconds.at(-1)! * 1000 + 10)
    assert.equal((await anyone.post(session, { username: 'owner', password: wrong })).status, 401)
  }
  assert.deepEqual(seconds, [1, 2, 4, 8])
})

test('many guesses at the same moment are all counted', async (t) => {
  const app = await testApp(t)
  const anyone = app.anyone()

  const replies = await Promise.all(
    Array.from({ length: 20 }, () => anyone.post(session, { username: 'owner', password: wrong })),
  )

  const looked = replies.filter((reply) => reply.status === 401).length
  assert.equal(looked, userFailuresFree)
  assert.ok(replies.every((reply) => reply.status === 401 || reply.status === 429))
})

test('a name that nobody has pauses just as one that someone has', async (t) => {
  const app = await testApp(t)

  const known = await failTimes(app.anyone(), 'owner', userFailuresFree + 1)
  const unknown = await failTimes(app.anyone(), 'nobody-at-all', userFailuresFree + 1)

  assert.deepEqual(unknown.map(told), known.map(told))
})

test('a flood of failures fills the log with counts, not with entries', async (t) => {
  const app = await testApp(t)
  const anyone = app.anyone()
  await failTimes(anyone, 'owner', 4)
  app.clock.advance(recordEveryMs + 1000)
  await failTimes(anyone, 'owner', 1)

  const failed = (await app.audit()).filter((entry) => entry.action === 'session.create' && entry.outcome === 'failed')

  assert.deepEqual(
    failed.map((entry) => entry.facts.attempts),
    [1, 4],
  )
  assert.ok(failed.every((entry) => entry.resource.id?.startsWith('user_')))
})

test('guesses at made-up names are told by address, and none of the names is in the log', async (t) => {
  const app = await testApp(t)
  for (const name of ['made-up-one', 'made-up-two', 'made-up-three']) await failTimes(app.anyone(), name, 1)

  const failed = (await app.audit()).filter((entry) => entry.outcome === 'failed')

  assert.equal(failed.length, 1)
  assert.doesNotMatch(JSON.stringify(failed), /made-up/)
})

test('a page of another origin cannot sign anyone in', async (t) => {
  const app = await testApp(t)

  const { status, body } = await app.anyone().post(session, { username: 'owner', password }, { origin: 'http://localhost:9999' })

  assert.deepEqual([status, body.type], [403, '/problems/cross-site-refused'])
})

test('signing in gives a new cookie, whatever the browser brought along, and ends the session it replaces', async (t) => {
  const app = await testApp(t)
  const first = await app.anyone().post(session, { username: 'owner', password })
  const cookie = cookieOf(first)

  const planted = await app.anyone({ cookie: `holdfast=${'A'.repeat(43)}` }).post(session, { username: 'owner', password })
  const second = await app.anyone({ cookie, 'x-csrf-token': first.body.csrf }).post(session, { username: 'owner', password })

  assert.equal(new Set([cookie, cookieOf(planted), cookieOf(second)]).size, 3)
  assert.equal((await app.anyone({ cookie }).get(session)).status, 401)
  assert.equal((await app.anyone({ cookie: cookieOf(second) }).get(session)).status, 200)
})

test('changing a password needs the present one, ends all other sessions and renews this one', async (t) => {
  const app = await testApp(t)
  const member = await app.as('nobody')
  const other = await signedIn(
    app.app,
    await app.anyone().post(session, { username: member.username, password }),
    member.username,
  )
  const next = 'a wholly different phrase'

  const refused = await member.post('/api/v1/me/password', { current: wrong, password: next })
  const weak = await member.post('/api/v1/me/password', { current: password, password: 'short' })
  const changed = await member.post('/api/v1/me/password', { current: password, password: next })

  assert.deepEqual(
    [refused.body.type, weak.body.type, changed.status],
    ['/problems/password-wrong', '/problems/weak-password', 204],
  )
  assert.equal((await other.get(session)).status, 401)
  assert.equal((await member.get(session)).status, 401)
  assert.equal((await app.anyone({ cookie: cookieOf(changed) }).get(session)).status, 200)
  assert.equal((await app.anyone().post(session, { username: member.username, password })).status, 401)
  assert.equal((await app.anyone().post(session, { username: member.username, password: next })).status, 200)
})
