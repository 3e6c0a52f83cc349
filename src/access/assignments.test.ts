import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller } from '../../test/app.ts'

const give = (by: Caller, to: Caller, role: string, scope = '/') =>
  by.put('/api/v1/role-assignments', { name: `${role}-for-${to.username}`, scope, spec: { principal: to.userId, role } })

test('the last owner stays: neither taking the role, nor changing it, nor two owners at once leave none', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.get('/api/v1/role-assignments')
  assert.deepEqual(
    body.items.map(({ spec }: { spec: object }) => spec),
    [{ principal: owner.userId, role: 'owner' }],
  )
  const first = body.items[0]

  const refused = await owner.delete(`/api/v1/role-assignments/${first.id}`)
  assert.equal(refused.status, 409)
  assert.equal(refused.body.type, '/problems/last-owner')

  const second = await app.as('owner', { name: 'second' })
  const theirs = (await owner.get('/api/v1/role-assignments?q=second')).body.items[0]
  const both = await Promise.all([
    owner.delete(`/api/v1/role-assignments/${theirs.id}`),
    second.delete(`/api/v1/role-assignments/${first.id}`),
  ])
  assert.equal(both.filter(({ status }) => status === 204).length, 1, both.map(({ text }) => text).join('\n'))
})

test('nobody gives, or takes away, a role that holds what they do not hold there; it is refused and recorded', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const someone = await app.as('nobody')
  const operator = await app.as('operator')

  for (const role of ['owner', 'operator', 'ai-engineer']) {
    const refused = await give(officer, someone, role)
    assert.equal(refused.status, 403, role)
    assert.equal(refused.body.type, '/problems/escalation')
    assert.ok(refused.body.missing.length > 0)
  }
  for (const role of ['member', 'auditor', 'security-officer'])
    assert.equal((await give(officer, someone, role)).status, 201, role)
  const { body } = await owner.get('/api/v1/role-assignments?q=operator')
  assert.equal((await officer.delete(`/api/v1/role-assignments/${body.items[0].id}`)).status, 403)
  assert.equal((await operator.put('/api/v1/folders', { name: 'x', spec: {} })).status, 201)

  const denied = (await app.audit()).filter(({ actor, outcome }) => actor === officer.userId && outcome === 'denied')
  assert.deepEqual(
    denied.map(({ action, facts }) => [action, facts.role]),
    [
      ['role-assignment.apply', 'owner'],
      ['role-assignment.apply', 'operator'],
      ['role-assignment.apply', 'ai-engineer'],
      ['role-assignment.delete', 'operator'],
    ],
  )
})

test('an assignment cannot be changed into a greater role by who could not give it', async (t) => {
  const app = await testApp(t)
  const officer = await app.as('security-officer')
  const someone = await app.as('nobody')
  const spec = { principal: someone.userId, role: 'member' }
  assert.equal((await officer.put('/api/v1/role-assignments', { name: 'x', spec })).status, 201)

  assert.equal((await officer.put('/api/v1/role-assignments', { name: 'x', spec: { ...spec, role: 'operator' } })).status, 403)

  assert.equal((await someone.put('/api/v1/folders', { name: 'x', spec: {} })).status, 403)
})

test('a role for oneself is given by someone else', async (t) => {
  const app = await testApp(t)
  const officer = await app.as('security-officer')

  const { status, body } = await give(officer, officer, 'auditor')

  assert.equal(status, 403)
  assert.equal(body.type, '/problems/self-grant')
})

test('a role for no one is refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const spec = { principal: `user_${'0'.repeat(26)}`, role: 'member' }

  const { status, body } = await owner.put('/api/v1/role-assignments', { name: 'x', spec })

  assert.equal(status, 400)
  assert.equal(body.faults[0].at, '/spec/principal')
})

test('a role taken away is gone at the next request', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const operator = await app.as('operator')
  assert.equal((await operator.put('/api/v1/folders', { name: 'x', spec: {} })).status, 201)
  const { body } = await owner.get('/api/v1/role-assignments?q=operator')

  assert.equal((await owner.delete(`/api/v1/role-assignments/${body.items[0].id}`)).status, 204)

  assert.equal((await operator.put('/api/v1/folders', { name: 'y', spec: {} })).status, 403)
})

test('what a person held leaves the inventory with the person', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const operator = await app.as('operator')

  assert.ok((await owner.delete(`/api/v1/users/${operator.userId}`)).status < 300)

  const { body } = await owner.get('/api/v1/role-assignments')
  assert.deepEqual(
    body.items.filter(({ spec }: { spec: { principal: string } }) => spec.principal === operator.userId),
    [],
  )
})

test('an API key that may only give roles gives none that hold more', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const actions = ['role-assignment.apply', 'role-assignment.read']
  const { body } = await owner.post('/api/v1/keys', { name: 'giver', actions })
  const key = app.bearer(body.secret)

  const refused = await give(key, someone, 'member')

  assert.equal(refused.status, 403, refused.text)
  assert.equal(refused.body.type, '/problems/escalation')
})
