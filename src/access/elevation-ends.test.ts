// What ends an elevation besides its time: what it was activated from, a denial, and a site that was stopped meanwhile.
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { parseConfig } from '#platform/config.ts'
import { systemContext, type Context } from '#platform/context.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { testApp } from '../../test/app.ts'
import { elevations, assignments, minuteMs, eligible, activate, may } from '../../test/elevations.ts'
import { createApp } from '../app.ts'

test('nothing outlasts what it was activated from: the assignment deleted or changed, or its group left', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const { body: group } = await owner.post('/api/v1/groups', { name: 'On call' })
  await owner.put(`/api/v1/groups/${group.id}/members/${someone.userId}`)
  const assignment = await eligible(owner, group.id)
  const start = async () => {
    const started = await activate(someone, 'on-call')
    assert.equal(started.status, 201, started.text)
    assert.equal(await may(someone), true)
  }
  await start()
  await eligible(owner, group.id, { maxSeconds: 1800 })
  assert.equal(await may(someone), false, 'changed')
  await start()
  assert.equal((await owner.delete(`/api/v1/groups/${group.id}/members/${someone.userId}`)).status, 204)
  assert.equal(await may(someone), false, 'left')
  assert.deepEqual((await owner.get(elevations)).body.items, [])
  await owner.put(`/api/v1/groups/${group.id}/members/${someone.userId}`)
  assert.equal(await may(someone), false, 'come back: what ended by leaving is activated anew')
  await start()
  assert.equal((await owner.delete(`${assignments}/${assignment}`)).status, 204)
  assert.equal(await may(someone), false, 'deleted')
  await eligible(owner, group.id)
  await start()
  assert.equal((await owner.delete(`/api/v1/groups/${group.id}`)).status, 204)
  assert.equal(await may(someone), false, 'disbanded')
  assert.deepEqual(
    (await app.audit()).filter(({ action }) => action === 'elevation.ended').map(({ facts }) => facts.because),
    [
      'the assignment was changed',
      'its holder is not eligible any more',
      'the assignment was deleted',
      'its holder is not eligible any more',
    ],
  )
})

test('who is in a group within a group is eligible through both, until the inner one is disbanded', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const groups = await Promise.all(['Inner', 'Outer'].map((name) => owner.post('/api/v1/groups', { name })))
  const [inner, outer] = groups.map(({ body }) => body.id) as [string, string]
  await owner.put(`/api/v1/groups/${inner}/members/${someone.userId}`)
  await owner.put(`/api/v1/groups/${outer}/members/${inner}`)
  await eligible(owner, outer)
  assert.equal((await activate(someone, 'on-call')).status, 201)
  assert.equal(await may(someone), true)

  assert.equal((await owner.delete(`/api/v1/groups/${inner}`)).status, 204)

  assert.equal(await may(someone), false)
  assert.deepEqual((await owner.get(elevations)).body.items, [])
})

test('an elevation is bound as its assignment is, and a denial wins over it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const condition = { label: { name: 'env', in: ['test'] } }
  await eligible(owner, someone.userId, {}, { condition, role: 'operator' })
  assert.equal((await activate(someone, 'on-call')).status, 201)
  const make = async (name: string, env: string) =>
    (await someone.put('/api/v1/projects', { name, labels: { env }, spec: {} })).status

  assert.equal(await make('a', 'test'), 201)
  assert.notEqual(await make('b', 'prod'), 201)
  const deny = { principal: someone.userId, effect: 'deny', actions: ['project.apply'] }
  assert.equal((await owner.put(assignments, { name: 'no', spec: deny })).status, 201)
  assert.notEqual(await make('c', 'test'), 201)
})

const env = { HOLDFAST_ASSETS_DIR: join(tmpdir(), 'holdfast-no-assets') }
const pollMs = 20

/** Its time is long from now by the clock of the database. */
const atOnce = (ctx: Context) =>
  sql`select graphile_worker.reschedule_jobs((select array_agg(id) from graphile_worker.jobs where task_identifier = 'elevation.expire'), run_at => now())`.execute(
    ctx.db,
  )

const rowsLeft = async (ctx: Context): Promise<number> =>
  (await sql<{ id: string }>`select id from policy_grant where assignment_id is not null`.execute(ctx.db)).rows.length

test('a site that starts again knows who is elevated, ends it in time, and says so in the log', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  await eligible(owner, someone.userId)
  assert.equal((await activate(someone, 'on-call')).status, 201)
  const { db } = app.app.site
  const { rows } = await sql<{ database: string; host: string; user: string }>`
    select current_database() as database, current_setting('unix_socket_directories') as host, current_user as user`.execute(db)
  const pool = createPool(rows[0]!, 6)
  let offsetMs = 0
  const config = parseConfig({ HOLDFAST_HOME: app.home, HOLDFAST_PORT: '0', ...env })
  const again = await createApp({ config, pool, log: silentLog, wall: () => Date.now() + offsetMs })
  await again.start({ engines: true })
  t.after(async () => {
    await again.stop()
    await pool.end()
  })
  const ask = async (name: string) => {
    const headers = { host: 'localhost', ...someone.headers }
    return (await again.http.inject({ method: 'PUT', url: '/api/v1/folders', headers, payload: { name, spec: {} } })).statusCode
  }
  const ctx = systemContext(again.site, 'test')
  assert.equal(await ask('first'), 201)
  await atOnce(ctx) // too early: it waits on
  assert.equal(await rowsLeft(ctx), 1)

  offsetMs = 11 * minuteMs
  assert.equal(await ask('second'), 403)
  while ((await rowsLeft(ctx)) > 0) {
    await atOnce(ctx)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  const entry = (await app.audit()).find(({ action }) => action === 'elevation.ended')
  assert.deepEqual([entry?.actor, entry?.facts.role, entry?.facts.because], ['system', 'operator', 'its time was over'])
})
