// Assignments that are bound to a condition or a time, and denials.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller, type Reply } from '../../test/app.ts'

const assignments = '/api/v1/role-assignments'
const type = ({ status, body }: Reply) => [status, body?.type]
const invalid = [400, '/problems/invalid-request']
const selfGrant = [403, '/problems/self-grant']
const escalation = [403, '/problems/escalation']
const minuteMs = 60_000

const assign = (by: Caller, principal: string, spec: object, name = 'x', scope = '/') =>
  by.put(assignments, { name, scope, spec: { principal, ...spec } })

const groupOf = async (by: Caller, name: string, ...members: readonly string[]): Promise<string> => {
  const { body } = await by.post('/api/v1/groups', { name })
  for (const member of members) assert.ok((await by.put(`/api/v1/groups/${body.id}/members/${member}`)).status < 300)
  return body.id
}

test('an assignment gives nothing before it starts nor after it ends, to the second, and needs nobody to end it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const now = app.app.site.clock.now().getTime()
  const at = (minutes: number) => new Date(now + minutes * minuteMs).toISOString()
  const look = async () => (await someone.get('/api/v1/folders/f')).status
  await owner.put('/api/v1/folders', { name: 'f', spec: {} })
  const made = await assign(owner, someone.userId, { role: 'member', startsAt: at(10), expiresAt: at(20) })
  assert.equal(made.status, 201, made.text)

  assert.equal(await look(), 404)
  app.clock.advance(11 * minuteMs)
  assert.equal(await look(), 200)
  app.clock.advance(10 * minuteMs)
  assert.equal(await look(), 404)
})

test('an assignment that would have ended, end before it starts, or says no moment, is refused with its place', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const now = app.app.site.clock.now().getTime()
  const at = (minutes: number) => new Date(now + minutes * minuteMs).toISOString()
  const wrong: [object, string][] = [
    [{ expiresAt: new Date(now - 1000).toISOString() }, '/spec/expiresAt'],
    [{ startsAt: at(20), expiresAt: at(10) }, '/spec/expiresAt'],
    [{ startsAt: at(10), expiresAt: at(10) }, '/spec/expiresAt'],
    [{ expiresAt: 'tomorrow' }, '/spec/expiresAt'],
    [{ startsAt: '2030-13-45T99:00:00Z' }, '/spec/startsAt'],
    [{ eligible: { maxSeconds: 1 } }, '/spec/eligible/maxSeconds'],
    [{ eligible: { maxSeconds: 3600, approvals: 6 } }, '/spec/eligible/approvals'],
    [{ eligible: { maxSeconds: 3600, approverRole: 'member' } }, '/spec/eligible/approverRole'],
    [{ condition: {} }, '/spec/condition'],
    [{ condition: { label: { name: 'env' } } }, '/spec/condition/label'],
    [{ condition: { all: [{ networks: ['10.0.0.0/99'] }] } }, '/spec/condition/all/0/networks'],
    [{ condition: { classification: { atMost: 'cosmic' } } }, '/spec/condition/classification'],
    [{ actions: ['model.*'] }, '/spec/actions'],
    [{ role: undefined }, '/spec/role'],
    [{ effect: 'deny' }, '/spec/role'],
    [{ effect: 'deny', role: undefined }, '/spec/actions'],
    [{ effect: 'deny', role: undefined, actions: ['model.*'], eligible: { maxSeconds: 600 } }, '/spec/eligible'],
  ]
  for (const [spec, place] of wrong) {
    const refused = await assign(owner, someone.userId, { role: 'member', ...spec })
    assert.deepEqual(type(refused), invalid, JSON.stringify(spec))
    assert.equal(refused.body.faults[0].at, place, JSON.stringify([spec, refused.body.faults]))
  }
  for (const spec of [{ actions: [] }, { actions: ['model.fly'] }, { actions: ['*.read'] }])
    assert.deepEqual(type(await assign(owner, someone.userId, { effect: 'deny', ...spec })), invalid, JSON.stringify(spec))
  assert.deepEqual(type(await assign(owner, someone.userId, { role: 'absent' })), [400, '/problems/unknown-role'])
  const { body } = await owner.get(assignments)
  assert.deepEqual(
    body.items.filter(({ spec }: any) => spec.principal === someone.userId),
    [],
  )
})

test('a role bound to a condition holds for what meets it only, and the document keeps what was said', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  for (const env of ['test', 'prod']) await owner.put('/api/v1/projects', { name: env, labels: { env }, spec: {} })
  const condition = { all: [{ label: { name: 'env', in: ['test'] } }, { not: { label: { name: 'env', in: ['prod'] } } }] }
  const { body } = await assign(owner, someone.userId, { role: 'member', condition, reason: 'For the tests' })

  const { body: seen } = await someone.get('/api/v1/projects')

  assert.deepEqual(
    seen.items.map(({ name }: { name: string }) => name),
    ['test'],
  )
  assert.equal((await someone.get('/api/v1/projects/prod')).status, 404)
  assert.deepEqual((await owner.get(`${assignments}/${body.resource.id}`)).body.spec, {
    principal: someone.userId,
    role: 'member',
    condition,
    reason: 'For the tests',
  })
})

test('a denial wins over what is given, at its place and below, until it is lifted', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const operator = await app.as('operator')
  await owner.put('/api/v1/folders', { name: 'f', spec: {} })
  const make = async (scope: string, name: string) => (await operator.put('/api/v1/projects', { name, scope, spec: {} })).status
  const denied = await assign(owner, operator.userId, { effect: 'deny', actions: ['project.*'] }, 'no-projects', '/f')
  assert.equal(denied.status, 201, denied.text)

  assert.equal(await make('/f', 'a'), 403)
  assert.equal(await make('/', 'a'), 201)
  assert.equal((await owner.delete(`${assignments}/${denied.body.resource.id}`)).status, 204)
  assert.equal(await make('/f', 'b'), 201)
})

test('nobody gives themselves anything through a group they are in, at once or to activate, however deep', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const inner = await groupOf(owner, 'Inner', officer.userId)
  const outer = await groupOf(owner, 'Outer', inner)

  for (const principal of [officer.userId, inner, outer])
    for (const more of [{}, { eligible: { maxSeconds: 3600 } }, { condition: { factor: 'passkey' } }])
      assert.deepEqual(type(await assign(officer, principal, { role: 'auditor', ...more })), selfGrant, JSON.stringify(more))
  const other = await groupOf(owner, 'Other')
  assert.equal((await assign(officer, other, { role: 'auditor' })).status, 201)
  const denied = (await app.audit()).filter(({ actor, outcome }) => actor === officer.userId && outcome === 'denied')
  assert.deepEqual(
    denied.map(({ facts }) => facts.self),
    Array.from({ length: 9 }, () => true),
  )
})

test('nobody lifts or loosens what they are denied, by themselves or through a group', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const group = await groupOf(owner, 'Denied', officer.userId)
  const deny = { effect: 'deny', actions: ['session.revoke', 'key.revoke'] }
  const { body: direct } = await assign(owner, officer.userId, deny, 'direct')
  const { body: through } = await assign(owner, group, deny, 'through')

  for (const { resource } of [direct, through])
    assert.deepEqual(type(await officer.delete(`${assignments}/${resource.id}`)), selfGrant)
  assert.deepEqual(type(await assign(officer, officer.userId, { ...deny, actions: ['session.revoke'] }, 'direct')), selfGrant)
  assert.deepEqual(type(await officer.delete(`/api/v1/groups/${group}/members/${officer.userId}`)), selfGrant)
  assert.deepEqual(type(await officer.delete(`/api/v1/groups/${group}`)), selfGrant)
  assert.equal((await owner.delete(`${assignments}/${direct.resource.id}`)).status, 204)
  const denied = (await app.audit()).filter(({ actor, outcome }) => actor === officer.userId && outcome === 'denied')
  assert.deepEqual(
    denied.map(({ action, facts }) => [action, facts.self]),
    ['role-assignment.delete', 'role-assignment.delete', 'role-assignment.apply', 'group.update', 'group.update'].map(
      (action) => [action, true],
    ),
  )
})

test('a denial takes holding what is denied, and cannot lock out the last owner, nor two owners each other', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const operator = await app.as('operator')
  const all = { effect: 'deny', actions: ['*'] }
  const lastOwner = [409, '/problems/last-owner']

  assert.deepEqual(type(await assign(officer, operator.userId, all)), escalation)
  assert.deepEqual(type(await assign(officer, operator.userId, { effect: 'deny', actions: ['model.*'] })), escalation)
  assert.equal((await assign(officer, operator.userId, { effect: 'deny', actions: ['model.read'] })).status, 201)
  assert.deepEqual(type(await assign(owner, owner.userId, all, 'self')), lastOwner)
  const group = await groupOf(owner, 'Owners', owner.userId)
  assert.deepEqual(type(await assign(owner, group, { effect: 'deny', actions: ['model.read'] }, 'group')), lastOwner)
  assert.deepEqual(type(await officer.put(`/api/v1/groups/${group}/members/${officer.userId}`)).slice(0, 1), [204])

  const second = await app.as('owner', { name: 'second' })
  const both = await Promise.all([assign(owner, second.userId, all, 'one'), assign(second, owner.userId, all, 'two')])
  assert.equal(both.filter(({ status }) => status === 201).length, 1, both.map(({ text }) => text).join('\n'))
  assert.equal(
    (await owner.get('/api/v1/folders')).status + (await second.get('/api/v1/folders')).status,
    400,
    'lists answer, one of them empty',
  )
})

test('the owner role of the last owner cannot be bound, ended or made eligible', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const second = await app.as('owner', { name: 'second' })
  const items = (await owner.get(assignments)).body.items
  const mine = items.find(({ spec }: any) => spec.principal === owner.userId)
  const theirs = items.find(({ spec }: any) => spec.principal === second.userId)
  const spec = { principal: owner.userId, role: 'owner' }
  const put = (more: object) => second.put(assignments, { name: mine.name, spec: { ...spec, ...more } })
  const later = new Date(app.app.site.clock.now().getTime() + 10 * minuteMs).toISOString()
  assert.equal((await put({ expiresAt: later })).status, 200, 'there is a second one')

  for (const over of [{}, { eligible: { maxSeconds: 600 } }, { condition: { factor: 'passkey' } }]) {
    const more = { ...over, expiresAt: later } // who is owner until then gives nothing for longer
    const refused = await owner.put(assignments, {
      name: theirs.name,
      spec: { principal: second.userId, role: 'owner', ...more },
    })
    assert.deepEqual(type(refused), [409, '/problems/last-owner'], JSON.stringify(more))
  }
})

test('nobody moves a place to where they would hold more over it, now, under a condition, for longer or by activation', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  for (const name of ['from', 'bound', 'denied', 'same']) await owner.put('/api/v1/folders', { name, spec: {} })
  await owner.put('/api/v1/custom-roles', { name: 'mover', spec: { title: 'Mover', actions: ['folder.*'] } })
  const later = new Date(app.app.site.clock.now().getTime() + 60 * minuteMs).toISOString()
  const give = async (name: string, spec: object, scope: string) =>
    assert.ok((await assign(owner, someone.userId, spec, name, scope)).status < 300)
  for (const [i, scope] of ['/from', '/bound', '/denied', '/same'].entries()) await give(`mover-${i}`, { role: 'mover' }, scope)
  await owner.put('/api/v1/folders', { name: 'thing', scope: '/from', spec: {} })
  const move = (scope: string) => someone.post('/api/v1/folders/thing/move', { scope })

  for (const more of [{}, { eligible: { maxSeconds: 600 } }, { condition: { factor: 'passkey' } }, { expiresAt: later }]) {
    await give('more', { role: 'member', ...more }, '/bound')
    const refused = await move('/bound')
    assert.deepEqual(type(refused), [403, '/problems/self-raise'], JSON.stringify(more))
    assert.ok(refused.body.gained.includes('deployment.invoke'))
  }
  await give('brief', { role: 'member', expiresAt: later }, '/from')
  assert.deepEqual(type(await move('/bound')), [200, undefined], 'what one holds as long here is no gain there')
  await give('denied', { effect: 'deny', actions: ['project.read'] }, '/bound')
  await give('brief', { role: 'member', expiresAt: later }, '/same')
  const { status, body } = await move('/same')
  assert.deepEqual([status, body.gained], [403, ['project.read']], 'what one is denied here is not denied there')
  const denied = (await app.audit()).filter(({ actor, outcome }) => actor === someone.userId && outcome === 'denied')
  assert.deepEqual(
    denied.map(({ action, facts }) => [action, facts.why]),
    Array.from({ length: 5 }, () => ['folder.apply', 'self-raise']),
  )
})
