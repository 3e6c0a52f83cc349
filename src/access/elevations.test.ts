// Rights for a time: activated with a reason, held until they end, and gone to the second.
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { parseConfig } from '#platform/config.ts'
import { systemContext, type Context } from '#platform/context.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { approve, approver, changeSets, putRule } from '../../test/approvals.ts'
import { testApp, type Caller, type Reply, type TestApp } from '../../test/app.ts'
import { createApp } from '../app.ts'

const elevations = '/api/v1/elevations'
const assignments = '/api/v1/role-assignments'
const type = ({ status, body }: Reply) => [status, body?.type]
const minuteMs = 60_000
const reason = 'The mail server is down'

const eligible = async (
  by: Caller,
  principal: string,
  more: object = {},
  spec: object = {},
  name = 'on-call',
): Promise<string> => {
  const document = { name, spec: { principal, role: 'operator', eligible: { maxSeconds: 3600, ...more }, ...spec } }
  const given = await by.put(assignments, document)
  assert.ok(given.status < 300, given.text)
  return given.body.resource.id
}
const activate = (by: Caller, assignment: string, more: object = {}) =>
  by.post(elevations, { assignment, seconds: 600, reason, ...more })

let made = 0
/** What an operator may do, and these people only while they are elevated. */
const may = async (who: Caller): Promise<boolean> => {
  const { status } = await who.put('/api/v1/folders', { name: `f-${made++}`, spec: {} })
  return status === 201
}
const told = async (app: TestApp) =>
  (await app.audit()).filter(({ action }) => action.startsWith('elevation.')).map(({ action, outcome }) => [action, outcome])

test('what one is eligible for gives nothing until it is activated, and then until its time is over', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const assignment = await eligible(owner, someone.userId)
  const roles = async () => (await someone.get('/api/v1/session')).body.roles.map(({ role }: { role: string }) => role)
  assert.deepEqual([await may(someone), await roles()], [false, []])

  const { status, body, text } = await activate(someone, assignment)

  assert.equal(status, 201, text)
  assert.deepEqual(
    [body.principal, body.assignment, body.role, body.scope, body.reason],
    [someone.userId, assignment, 'operator', '/', reason],
  )
  assert.equal(Date.parse(body.expiresAt) - Date.parse(body.startsAt), 600_000)
  assert.equal(await may(someone), true)
  app.clock.advance(9 * minuteMs)
  assert.deepEqual([await may(someone), await roles()], [true, ['operator']])
  app.clock.advance(1 * minuteMs)
  assert.deepEqual([await may(someone), await roles()], [false, []])
  assert.deepEqual((await owner.get(elevations)).body.items, [])
  const entry = (await app.audit()).find(({ action }) => action === 'elevation.activate')
  assert.deepEqual([entry?.actor, entry?.facts.role, entry?.facts.assignment], [someone.userId, 'operator', assignment])
})

test('the list says who holds what until when, of one’s own and to who may see others’, and what one could activate', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const auditor = await app.as('auditor')
  const [someone, other] = [await app.as('nobody'), await app.as('member')]
  const { body: group } = await owner.post('/api/v1/groups', { name: 'On call' })
  await owner.put(`/api/v1/groups/${group.id}/members/${someone.userId}`)
  const assignment = await eligible(owner, group.id, { approvals: 0 })
  const { body: active } = await activate(someone, 'on-call', { seconds: 60 })
  assert.ok(active.id, JSON.stringify(active))

  for (const who of [someone, owner, auditor]) assert.deepEqual((await who.get(elevations)).body.items, [active], who.username)
  assert.deepEqual((await other.get(elevations)).body, { items: [], eligible: [] })
  assert.deepEqual((await someone.get(elevations)).body.eligible, [
    { assignment, name: 'on-call', role: 'operator', scope: '/', maxSeconds: 3600, approvals: 0, via: group.id },
  ])
  assert.deepEqual((await owner.get(`${assignments}?q=operator`)).body.items, [], 'an elevation is not listed as an assignment')
})

test('an API key that may not read elevations is told of none, and one that may not activate does not', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  await eligible(owner, someone.userId)
  const key = async (actions: string[]) => app.bearer((await someone.post('/api/v1/keys', { name: 'k', actions })).body.secret)
  const [reader, other] = [await key(['elevation.read']), await key(['key.read'])]

  assert.equal((await reader.get(elevations)).body.eligible.length, 1)
  assert.deepEqual((await other.get(elevations)).body, { items: [], eligible: [] })
  assert.equal((await activate(reader, 'on-call')).status, 403)
  assert.equal((await activate(someone, 'on-call')).status, 201)
  assert.deepEqual((await other.get(elevations)).body.items, [])
})

test('pages of elevations join without gap or repetition', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const names = ['one', 'two', 'three']
  for (const name of names) {
    await eligible(owner, someone.userId, {}, {}, name)
    assert.equal((await activate(someone, name)).status, 201)
  }
  const { body: all } = await owner.get(elevations)
  const seen: string[] = []
  let after = ''
  do {
    const { body } = await owner.get(`${elevations}?limit=1${after && `&after=${after}`}`)
    seen.push(...body.items.map(({ id }: { id: string }) => id))
    after = body.next
  } while (after)
  assert.deepEqual(
    seen,
    all.items.map(({ id }: { id: string }) => id),
  )
  assert.equal(seen.length, 3)
})

test('an activation without reason, too long, of what is not one’s own or not eligible, or out of its time, is refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const other = await app.as('member')
  const now = app.app.site.clock.now().getTime()
  const at = (minutes: number) => new Date(now + minutes * minuteMs).toISOString()
  const assignment = await eligible(owner, someone.userId)
  const later = await eligible(owner, someone.userId, {}, { startsAt: at(10) }, 'later')
  const soon = await eligible(owner, someone.userId, {}, { expiresAt: at(2) }, 'soon')
  const { body: plain } = await owner.get(`${assignments}?q=member`)

  for (const wrong of [
    { reason: '' },
    { reason: undefined },
    { seconds: 59 },
    { seconds: 3601 },
    { seconds: 60.5 },
    { seconds: '600' },
    { seconds: 10 ** 12 },
    { more: 1 },
  ])
    assert.deepEqual(type(await activate(someone, assignment, wrong)), [400, '/problems/invalid-request'], JSON.stringify(wrong))
  for (const who of [other, owner]) assert.ok([403, 404].includes((await activate(who, assignment)).status), who.username)
  assert.ok([403, 404].includes((await activate(other, plain.items[0].id)).status), 'what one holds is not activated')
  assert.ok([403, 404].includes((await activate(someone, 'absent')).status))
  assert.deepEqual(type(await activate(someone, later)), [409, '/problems/not-eligible-now'])
  const capped = await activate(someone, soon)
  assert.equal(capped.body.expiresAt, at(2), 'no longer than one is eligible')
  app.clock.advance(3 * minuteMs)
  assert.deepEqual(type(await activate(someone, soon)), [409, '/problems/not-eligible-now'])
  assert.equal(await may(someone), false)
})

test('of two activations at once one is, and the other is told until when', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const assignment = await eligible(owner, someone.userId)

  const replies = await Promise.all([1, 2, 3].map(() => activate(someone, assignment)))

  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 409, 409])
  const done = replies.find(({ status }) => status === 201)!.body
  for (const { body } of replies.filter(({ status }) => status === 409))
    assert.deepEqual([body.type, body.elevation, body.expiresAt], ['/problems/elevation-active', done.id, done.expiresAt])
  assert.equal((await owner.get(elevations)).body.items.length, 1)
  app.clock.advance(10 * minuteMs)
  assert.equal((await activate(someone, assignment)).status, 201, 'once it is over it can be activated anew')
})

test('an elevation ends at once by who holds it or who may end those of others, and by nobody else', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const auditor = await app.as('auditor')
  const [someone, other] = [await app.as('nobody'), await app.as('member')]
  const assignment = await eligible(owner, someone.userId)
  const start = async () => (await activate(someone, assignment)).body.id as string
  const first = await start()

  assert.equal((await other.delete(`${elevations}/${first}`)).status, 404)
  assert.equal((await auditor.delete(`${elevations}/${first}`)).status, 403)
  assert.equal(await may(someone), true)
  assert.equal((await someone.delete(`${elevations}/${first}`)).status, 204)
  assert.equal(await may(someone), false)
  const second = await start()
  assert.equal((await officer.delete(`${elevations}/${second}`)).status, 204)
  assert.equal(await may(someone), false)
  assert.equal((await officer.delete(`${elevations}/${second}`)).status, 404)
  assert.deepEqual(
    (await told(app)).filter(([, outcome]) => outcome === 'done'),
    ['activate', 'end', 'activate', 'end'].map((verb) => [`elevation.${verb}`, 'done']),
  )
})

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

test('where the assignment says so others approve each time: not oneself, and of the role it names', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await approver(app, 'officer')
  const someone = await app.as('operator', { name: 'someone' })
  const spec = { role: 'security-officer' }
  await eligible(owner, someone.userId, { approvals: 1, approverRole: 'security-officer' }, spec)
  const refused = await activate(someone, 'on-call')
  assert.deepEqual(type(refused), [403, '/problems/approval-needed'])
  assert.deepEqual([refused.body.action, refused.body.approvals], ['elevation.activate', 1])

  const request = { operationId: 'elevationActivate', body: { assignment: 'on-call', seconds: 600, reason } }
  const asked = await someone.post(changeSets, { ...request, reason })
  assert.equal(asked.status, 201, asked.text)
  const obligations = JSON.parse(asked.body.document).obligations
  assert.deepEqual([obligations[0].quorum, obligations[0].approverRole], [1, 'security-officer'])
  assert.deepEqual((await owner.get(elevations)).body.items, [])
  app.clock.advance(5 * minuteMs)
  const { body: approved, text } = await approve(officer, asked.body.id)
  assert.equal(approved.state, 'done', text)

  const { body } = await owner.get(elevations)
  const [{ principal, startsAt, expiresAt }] = body.items
  assert.deepEqual(
    [principal, Date.parse(expiresAt) - Date.parse(startsAt)],
    [someone.userId, 600_000],
    'counted from when it was approved',
  )
  assert.equal((await someone.get('/api/v1/audit')).status, 200)
  const second = await someone.post(changeSets, { ...request, reason })
  assert.deepEqual(type(second), [409, '/problems/elevation-active'])
})

test('an approval rule about activations holds although one activates what is one’s own', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  await eligible(owner, someone.userId)
  await putRule(owner, 'elevations', { actions: ['elevation.activate'] })

  assert.deepEqual(type(await activate(someone, 'on-call')), [403, '/problems/approval-needed'])
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
