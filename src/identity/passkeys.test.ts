import assert from 'node:assert/strict'
import { test } from 'node:test'
import { password, testApp, type TestApp } from '../../test/app.ts'
import { SoftwareAuthenticator } from '../../test/software-authenticator.ts'
import { userFailuresFree } from './lockout.ts'
import { challengeAgeMs } from './challenges.ts'

const origin = 'http://localhost:0'
const session = '/api/v1/session'

const withPasskey = async (app: TestApp) => {
  const member = await app.as('nobody')
  const key = new SoftwareAuthenticator()
  const options = await member.post('/api/v1/me/passkeys/options')
  const added = await member.post('/api/v1/me/passkeys', { name: 'Key on my ring', response: key.create(options.body, origin) })
  assert.equal(added.status, 201, added.text)
  return { member, key, id: String(added.body.id) }
}
const challenge = async (app: TestApp) => (await app.anyone().post(`${session}/passkey/options`)).body
const enter = (app: TestApp, response: object) => app.anyone().post(`${session}/passkey`, { response })

test('a passkey, once added, signs its person in without a name', async (t) => {
  const app = await testApp(t)
  const { member, key } = await withPasskey(app)
  key.counter = 1

  const { status, body } = await enter(app, key.get(await challenge(app), origin))

  assert.deepEqual([status, body.user.id, body.factors], [200, member.userId, ['passkey']])
  assert.deepEqual(
    (await app.audit()).slice(-2).map((entry) => entry.action),
    ['passkey.create', 'session.create'],
  )
  const { body: mine } = await member.get('/api/v1/me/passkeys')
  assert.equal(mine.items[0].name, 'Key on my ring')
  assert.ok(mine.items[0].lastUsedAt)
})

test('what a passkey must answer asks for its holder and tells nothing of who exists', async (t) => {
  const app = await testApp(t)
  await withPasskey(app)

  const options = await challenge(app)

  assert.equal(options.userVerification, 'required')
  assert.equal(options.rpId, 'localhost')
  assert.equal(options.allowCredentials ?? undefined, undefined)
})

test('an answer opens one session; replayed, it opens none', async (t) => {
  const app = await testApp(t)
  const { key } = await withPasskey(app)
  key.counter = 1
  const answer = key.get(await challenge(app), origin)

  const replies = await Promise.all([enter(app, answer), enter(app, answer)])

  assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 401])
})

test('an answer that comes too late, or to a challenge nobody posed, opens nothing', async (t) => {
  const app = await testApp(t)
  const { key } = await withPasskey(app)
  const options = await challenge(app)
  app.clock.advance(challengeAgeMs + 1000)

  const late = await enter(app, key.get(options, origin))
  const invented = await enter(app, key.get({ ...options, challenge: Buffer.alloc(32).toString('base64url') }, origin))

  assert.deepEqual([late.body.type, invented.body.type], ['/problems/passkey-refused', '/problems/passkey-refused'])
})

test('an answer made for another site, another page or by another key opens nothing', async (t) => {
  const app = await testApp(t)
  const { key } = await withPasskey(app)
  const stranger = new SoftwareAuthenticator()
  const copyOfId = new SoftwareAuthenticator()
  copyOfId.credentialId.set(key.credentialId)

  const answers = [
    key.get({ ...(await challenge(app)), rpId: 'evil.example' }, origin),
    key.get(await challenge(app), 'http://localhost:9999'),
    stranger.get(await challenge(app), origin),
    copyOfId.get(await challenge(app), origin),
  ]

  for (const answer of answers) {
    const reply = await enter(app, answer)
    assert.deepEqual([reply.status, reply.body.type], [401, '/problems/passkey-refused'])
  }
})

test('a counter that runs backwards is refused and recorded', async (t) => {
  const app = await testApp(t)
  const { key, id } = await withPasskey(app)
  key.counter = 7
  await enter(app, key.get(await challenge(app), origin))
  key.counter = 6

  const reply = await enter(app, key.get(await challenge(app), origin))

  assert.deepEqual([reply.status, reply.body.type], [401, '/problems/passkey-refused'])
  const last = (await app.audit()).at(-1)!
  assert.deepEqual([last.action, last.outcome, last.facts], ['session.create', 'failed', { counterRegressed: true, passkey: id }])
})

test('the passkey way stays open while the password way is paused', async (t) => {
  const app = await testApp(t)
  const { member, key } = await withPasskey(app)
  for (let i = 0; i < userFailuresFree; i++)
    await app.anyone().post(session, { username: member.username, password: 'not the right one' })

  const byPassword = await app.anyone().post(session, { username: member.username, password })
  const byPasskey = await enter(app, key.get(await challenge(app), origin))

  assert.deepEqual([byPassword.status, byPasskey.status], [429, 200])
})

test('a passkey begun for one person is not added to another', async (t) => {
  const app = await testApp(t)
  const member = await app.as('nobody')
  const other = await app.as('nobody', { name: 'other' })
  const options = await member.post('/api/v1/me/passkeys/options')

  const { status, body } = await other.post('/api/v1/me/passkeys', {
    name: 'Taken',
    response: new SoftwareAuthenticator().create(options.body, origin),
  })

  assert.deepEqual([status, body.type], [401, '/problems/passkey-refused'])
})

test('a passkey that was removed signs nobody in, and the last way in is not removed', async (t) => {
  const app = await testApp(t)
  const { member, key, id } = await withPasskey(app)
  const owner = await app.as('owner')
  const { body } = await owner.post('/api/v1/users', { username: 'keyed', displayName: 'By key alone' })
  const token = new URL(body.invitation.url).searchParams.get('token')
  const only = new SoftwareAuthenticator()
  const options = await app.anyone().post('/api/v1/invitation/passkey', { token })
  const joined = await app.anyone().post('/api/v1/invitation', { token, passkey: only.create(options.body, origin) })
  const keyed = app.anyone({ cookie: String(joined.headers['set-cookie']).split(';')[0]!, 'x-csrf-token': joined.body.csrf })
  const held = await keyed.get('/api/v1/me/passkeys')

  const removed = await member.delete(`/api/v1/me/passkeys/${id}`)
  const last = await keyed.delete(`/api/v1/me/passkeys/${held.body.items[0].id}`)

  assert.deepEqual([removed.status, last.status], [204, 409])
  assert.equal((await enter(app, key.get(await challenge(app), origin))).status, 401)
})
