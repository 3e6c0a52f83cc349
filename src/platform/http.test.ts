// The edge, seen from outside: what is refused before any room hears of it, and the door that forgot to ask.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { mountDoors } from '../app.ts'
import { createHttp } from './http.ts'
import { testApp } from '../../test/app.ts'

const json = { 'content-type': 'application/json' }

test('a door that forgets to ask policy answers 500, to the owner too, and nothing of its reply gets out', async (t) => {
  const { app, as } = await testApp(t)
  const owner = await as('owner')
  const http = await createHttp(app.site)
  t.after(() => http.close())
  http.get('/forgetful', () => ({ secret: 'everything' }))
  await mountDoors(app.site, http)
  const reply = await http.inject({ url: '/forgetful', headers: { host: 'localhost', ...owner.headers } })
  assert.equal(reply.statusCode, 500)
  assert.equal(reply.json().type, '/problems/undecided')
  assert.ok(!reply.body.includes('everything'))
})

test('a body that is too large, too deep, not JSON or of another type is refused with what is wrong', async (t) => {
  const app = await testApp(t, { env: { HOLDFAST_BODY_BYTES_MAX: '2048' } })
  const owner = await app.as('owner')
  const put = (body: string, headers = {}) => owner.put('/api/v1/projects', Buffer.from(body), { ...json, ...headers })
  const told = async (body: string, headers = {}) => {
    const { status, body: problem } = await put(body, headers)
    return [status, problem.type]
  }
  assert.deepEqual(await told(`{"name":"${'a'.repeat(4096)}"}`), [413, '/problems/too-large'])
  assert.deepEqual(await told(`${'['.repeat(500)}${']'.repeat(500)}`), [400, '/problems/invalid-request'])
  assert.deepEqual(await told('{"name":'), [400, '/problems/invalid-request'])
  assert.deepEqual(await told('{"name":7,"spec":[]}'), [400, '/problems/invalid-request'])
  assert.deepEqual(await told('<name/>', { 'content-type': 'text/xml' }), [415, '/problems/invalid-request'])
  assert.deepEqual((await owner.get('/api/v1/projects')).body.items, [])
})

test('a site answers to its own names only', async (t) => {
  const app = await testApp(t)
  const reply = await app.anyone().get('/api/v1/setup', { host: 'evil.example' })
  assert.deepEqual([reply.status, reply.body.type], [421, '/problems/misdirected'])
})

test('probes answer anyone, measurements those who may read them, and every problem has its page', async (t) => {
  const app = await testApp(t)
  const anyone = app.anyone()
  assert.deepEqual([(await anyone.get('/healthz')).status, (await anyone.get('/readyz')).status], [200, 200])
  assert.equal((await anyone.get('/metrics')).status, 401)
  const { text } = await (await app.as('operator')).get('/metrics')
  assert.match(text, /^process_cpu_user_seconds_total /m)
  assert.match((await anyone.get('/problems/forbidden')).text, /Policy does not allow you this/)
  assert.equal((await anyone.get('/problems/nothing-of-the-kind')).status, 404)
})

test('a full disk is told as that, and the site goes on when there is room again', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { db } = app.app.site
  await sql`create function full_disk() returns trigger language plpgsql as
    $$ begin raise exception using errcode = '53100', message = 'could not extend file: No space left on device'; end $$`.execute(
    db,
  )
  await sql`create trigger full_disk before insert on audit_pending for each row execute function full_disk()`.execute(db)
  const refused = await owner.put('/api/v1/projects', { name: 'tides', spec: {} })
  assert.deepEqual([refused.status, refused.body.type], [507, '/problems/disk-full'])
  await sql`drop trigger full_disk on audit_pending`.execute(db)
  assert.equal((await owner.put('/api/v1/projects', { name: 'tides', spec: {} })).status, 201)
})

test('a form that is not met is told member by member, each once and in words', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const faultsOf = async (asked: Promise<{ body: any }>) =>
    (await asked).body.faults.map(({ at, message }: { at: string; message: string }) => `${at} ${message}`)
  assert.deepEqual(await faultsOf(owner.get('/api/v1/audit?outcome=nope')), [
    '/outcome must be one of "done", "denied", "failed", "cancelled"',
  ])
  assert.deepEqual(await faultsOf(owner.get('/api/v1/change-sets/nope')), [
    '/id must be an id: change_ and 26 letters and digits',
  ])
  assert.deepEqual(await faultsOf(owner.put('/api/v1/projects', { spec: {} })), ['/ must have name'])
})
