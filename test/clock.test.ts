// A site whose machine has the wrong time: what it says of it, what it holds on to, and how it comes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awaitLog } from '#audit'
import { systemContext } from '#platform/context.ts'
import { password, signedIn, testApp, type Caller, type TestApp } from './app.ts'

const dayMs = 86_400_000
const yearMs = 365 * dayMs

const clockOf = async (who: Caller): Promise<{ state: string; detail: string }> =>
  (await who.get('/api/v1/overview')).body.checks.find(({ name }: { name: string }) => name === 'Clock')

const signInAgain = async (app: TestApp): Promise<Caller> =>
  signedIn(app.app, await app.anyone().post('/api/v1/session', { username: 'owner', password }), 'owner')

test('a clock that leaps a year ahead is told to whoever looks; what expires by it is back when it is set right, and the log is whole', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const expiresAt = new Date(Date.now() + 30 * dayMs).toISOString()
  const { secret } = (await owner.post('/api/v1/keys', { name: 'program', expiresAt })).body
  assert.equal((await clockOf(owner)).state, 'ok')

  app.clock.advance(yearMs)
  assert.equal((await app.bearer(secret).get('/api/v1/projects')).status, 401)
  assert.equal((await owner.get('/api/v1/projects')).status, 401)
  const later = await signInAgain(app)
  const told = await clockOf(later)
  assert.equal(told.state, 'warn')
  assert.match(told.detail, /far ahead of the last proven time\. Check it/)
  assert.equal((await later.put('/api/v1/projects', { name: 'meanwhile', spec: {} })).status, 201)

  app.clock.advance(-yearMs)
  assert.equal((await app.bearer(secret).get('/api/v1/projects')).status, 200)
  const now = await signInAgain(app)
  assert.equal((await clockOf(now)).state, 'ok')
  await awaitLog(systemContext(app.app.site, 'test'))
  assert.deepEqual((await now.get('/api/v1/audit/verify')).body.faults, [])
})

test('a clock set a year back opens nothing that had expired: the site holds to the time it has proof of, and says how far off the machine is', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const expiresAt = new Date(Date.now() + 30 * dayMs).toISOString()
  const { secret } = (await owner.post('/api/v1/keys', { name: 'program', expiresAt })).body
  app.clock.advance(31 * dayMs)
  await app.app.site.clock.persist()
  assert.equal((await app.bearer(secret).get('/api/v1/projects')).status, 401)

  app.clock.advance(-yearMs)
  assert.equal((await app.bearer(secret).get('/api/v1/projects')).status, 401)
  const told = await clockOf(await signInAgain(app))
  assert.equal(told.state, 'warn')
  assert.match(told.detail, /365 days behind the last proven time; the site uses the proven time\. Set the clock/)
})
