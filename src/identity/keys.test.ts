import assert from 'node:assert/strict'
import { test } from 'node:test'
import { password, testApp, type Caller } from '../../test/app.ts'

const keys = '/api/v1/keys'
const session = '/api/v1/session'
const dayMs = 24 * 3_600_000

const make = async (by: Caller, more: object = {}) => {
  const reply = await by.post(keys, { name: 'Nightly script', ...more })
  assert.equal(reply.status, 201, reply.text)
  return reply.body as { key: { id: string; hint: string; expiresAt: string }; secret: string }
}

test('a key is shown once, acts for its owner, and is known here by its hash alone', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { key, secret } = await make(owner)

  const me = await app.bearer(secret).get(session)
  const listed = await owner.get(keys)

  assert.match(secret, /^hf_[\w-]{43}$/)
  assert.deepEqual([me.status, me.body.user.id, me.body.factors], [200, owner.userId, ['key']])
  assert.deepEqual(
    [listed.body.items[0].id, listed.body.items[0].state, listed.body.items[0].hint],
    [key.id, 'active', secret.slice(0, 8)],
  )
  assert.ok(!listed.text.includes(secret))
})

test('a key needs no token against forgery, and a page’s cookie beside it counts for nothing', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { secret } = await make(owner)

  const reply = await app
    .anyone({ authorization: `Bearer ${secret}`, cookie: owner.headers['cookie']! })
    .post('/api/v1/users', { username: 'by-key', displayName: 'By key' })

  assert.equal(reply.status, 201)
  const last = (await app.audit()).find((entry) => entry.action === 'user.create')!
  assert.equal(last.actor, owner.userId)
})

test('a foreign, mangled, revoked or expired key is refused, with what is wrong', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const revoked = await make(owner)
  const expiring = await make(owner, { expiresAt: new Date(app.app.site.clock.now().getTime() + dayMs).toISOString() })
  assert.equal((await app.bearer(revoked.secret).get(session)).status, 200)
  assert.equal((await app.bearer(expiring.secret).get(session)).status, 200)

  assert.equal((await owner.delete(`${keys}/${revoked.key.id}`)).status, 204)
  app.clock.advance(dayMs + 1000)

  const tries: [string, RegExp][] = [
    [`Bearer hf_${'A'.repeat(43)}`, /not known here/],
    ['Bearer sk-something-else', /not an API key/],
    ['Basic b3duZXI6cGFzc3dvcmQ=', /not an API key/],
    [`Bearer ${revoked.secret}`, /revoked/],
    [`Bearer ${expiring.secret}`, /expired/],
  ]
  for (const [authorization, why] of tries) {
    const reply = await app.anyone({ authorization }).get('/api/v1/users')
    assert.deepEqual(
      [reply.status, reply.body.type, reply.headers['www-authenticate']],
      [401, '/problems/key-refused', 'Bearer error="invalid_token"'],
    )
    assert.match(reply.body.detail, why)
  }
})

test('a revoked key is refused on the very next request', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { key, secret } = await make(owner)
  const bearer = app.bearer(secret)
  for (let i = 0; i < 3; i++) assert.equal((await bearer.get(session)).status, 200)

  await owner.delete(`${keys}/${key.id}`)

  assert.equal((await bearer.get(session)).status, 401)
})

test('a key does what it was made for and nothing else', async (t) => {
  const app = await testApp(t)
  const { secret } = await make(await app.as('owner'), { actions: ['user.read'] })
  const bearer = app.bearer(secret)

  assert.equal((await bearer.get('/api/v1/users')).status, 200)
  assert.equal((await bearer.post('/api/v1/users', { username: 'x', displayName: 'X' })).status, 403)
  assert.equal((await bearer.get('/api/v1/groups')).status, 404)
})

test('a key for one scope does nothing outside it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const made = await owner.put('/api/v1/folders', { name: 'research', spec: {} })
  assert.ok(made.status < 300, made.text)
  const { secret } = await make(owner, { scope: '/research' })

  assert.equal((await app.bearer(secret).get('/api/v1/users')).status, 404)
  const inside = await app.bearer(secret).put('/api/v1/projects', { scope: '/research', name: 'llm', spec: {} })
  const outside = await app.bearer(secret).put('/api/v1/projects', { name: 'llm', spec: {} })
  assert.ok(inside.status < 300, inside.text)
  assert.equal(outside.status, 403)
})

test('nobody makes a key that can do more than they can', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')

  const wide = await member.post(keys, { name: 'Wide', actions: ['deployment.invoke', 'user.create'] })
  const unknown = await member.post(keys, { name: 'Odd', actions: ['everything.do'] })
  const nowhere = await member.post(keys, { name: 'Nowhere', scope: '/no/such' })

  assert.deepEqual([wide.status, wide.body.type, wide.body.actions], [403, '/problems/key-too-wide', ['user.create']])
  assert.deepEqual([unknown.status, nowhere.status], [400, 404])
  await make(member, { actions: ['deployment.invoke', 'conversation.write'] })
})

test('what its owner loses, a key loses with them', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const auditor = await app.as('auditor')
  const { secret } = await make(auditor, { actions: ['user.read'] })
  assert.equal((await app.bearer(secret).get('/api/v1/users')).status, 200)
  const { body } = await owner.get('/api/v1/role-assignments')
  const assignment = body.items.find((item: { spec: { principal: string } }) => item.spec.principal === auditor.userId)

  await owner.delete(`/api/v1/role-assignments/${assignment.id}`)

  assert.equal((await app.bearer(secret).get('/api/v1/users')).status, 404)
})

test('a key makes no keys and changes no way to sign in', async (t) => {
  const app = await testApp(t)
  const { secret } = await make(await app.as('owner'))
  const bearer = app.bearer(secret)

  for (const [url, body] of [
    [keys, { name: 'Another' }],
    ['/api/v1/me/password', { current: password, password: 'a wholly different phrase' }],
    ['/api/v1/me/totp', undefined],
    ['/api/v1/me/recovery-codes', undefined],
    ['/api/v1/me/passkeys/options', undefined],
  ] as const) {
    const reply = await bearer.post(url, body)
    assert.deepEqual([reply.status, reply.body.type], [403, '/problems/session-needed'], url)
  }
})

test('a key lasts a year at most, and not into the past', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const at = (days: number) => new Date(app.app.site.clock.now().getTime() + days * dayMs).toISOString()

  for (const expiresAt of [at(400), at(-1), 'tomorrow'])
    assert.equal((await owner.post(keys, { name: 'Odd', expiresAt })).status, 400, expiresAt)
  const standard = await make(owner)
  assert.ok(Date.parse(standard.key.expiresAt) <= Date.parse(at(91)))
})

test('nobody sees or revokes another’s keys without the right to', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')
  const { key, secret } = await make(owner)

  const seen = await member.get(`${keys}?user=${owner.userId}`)
  const revoked = await member.delete(`${keys}/${key.id}`)

  assert.deepEqual([seen.status, revoked.status], [404, 403])
  assert.equal((await app.bearer(secret).get(session)).status, 200)
})
