import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller, type Reply } from '../../test/app.ts'

const customRoles = '/api/v1/custom-roles'
const type = ({ status, body }: Reply) => [status, body?.type]
const invalid = [400, '/problems/invalid-request']
const escalation = [403, '/problems/escalation']
const role = (by: Caller, name: string, actions: string[], more = {}) =>
  by.put(customRoles, { name, ...more, spec: { title: name, actions } })
const give = (by: Caller, to: Caller, name: string, scope = '/') =>
  by.put('/api/v1/role-assignments', { name: `${name}-for-${to.username}`, scope, spec: { principal: to.userId, role: name } })

test('a role made here gives what it says where it is given, and what is added to or taken from it at the next request', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  await owner.put('/api/v1/folders', { name: 'lab', spec: {} })
  const make = (name: string, scope: string) => someone.put('/api/v1/projects', { name, scope, spec: {} })
  assert.equal((await role(owner, 'maker', ['project.read', 'project.apply'])).status, 201)
  assert.equal((await give(owner, someone, 'maker', '/lab')).status, 201)

  assert.equal((await make('a', '/lab')).status, 201)
  assert.ok((await make('a', '/')).status >= 400)
  assert.equal((await someone.delete('/api/v1/projects/a')).status, 403)
  assert.equal((await role(owner, 'maker', ['project.*'])).status, 200)
  assert.equal((await someone.delete('/api/v1/projects/a')).status, 204)
  assert.equal((await role(owner, 'maker', ['project.read'])).status, 200)
  assert.ok((await make('b', '/lab')).status >= 400)

  const { body } = await owner.get('/api/v1/roles')
  assert.deepEqual(body.items.find(({ name }: any) => name === 'maker')?.actions, ['project.read'])
  const { body: one } = await owner.get(`${customRoles}/maker`)
  const { body: past } = await owner.get(`${customRoles}/${one.id}/history`)
  assert.deepEqual(
    past.items.map(({ spec }: any) => spec.actions),
    [['project.read'], ['project.*'], ['project.read', 'project.apply']],
  )
})

test('a role that is built in, of no actions, of actions that are none or of one’s own only, or at a place, is refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'lab', spec: {} })

  assert.deepEqual(type(await role(owner, 'owner', ['project.read'])), [409, '/problems/name-taken'])
  for (const actions of [[], ['project.fly'], ['flying.*'], ['*'], ['*.read'], ['conversation.read'], [''], ['project.read', 7]])
    assert.deepEqual(type(await role(owner, 'x', actions as string[])), invalid, JSON.stringify(actions))
  assert.deepEqual(type(await role(owner, 'x', ['project.read'], { scope: '/lab' })), invalid)
  for (const name of ['X', '1x', 'a b', 'x'.repeat(64)])
    assert.deepEqual(type(await role(owner, name, ['project.read'])), invalid, name)
  assert.deepEqual((await owner.get(customRoles)).body.items, [])
  assert.deepEqual(type(await give(owner, owner, 'absent')), [400, '/problems/unknown-role'])
})

test('nobody makes, changes or deletes a role that holds what they do not hold, also by wildcard; each refusal is recorded', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  await role(owner, 'builder', ['model.apply', 'model.read'])

  for (const actions of [['model.apply'], ['deployment.*'], ['user.read', 'folder.delete']]) {
    const refused = await role(officer, 'mine', actions)
    assert.deepEqual(type(refused), escalation, JSON.stringify(actions))
    assert.ok(refused.body.missing.length > 0)
  }
  assert.equal((await role(officer, 'mine', ['user.read', 'clearance.*'])).status, 201)
  assert.deepEqual(type(await role(officer, 'mine', ['user.read', 'model.delete'])), escalation, 'adding')
  assert.deepEqual(type(await role(officer, 'builder', ['model.read'])), escalation, 'taking out what one could not put in')
  assert.deepEqual(type(await officer.delete(`${customRoles}/builder`)), escalation)

  const denied = (await app.audit()).filter(({ actor, outcome }) => actor === officer.userId && outcome === 'denied')
  assert.deepEqual(
    denied.map(({ action, facts }) => [action, facts.role]),
    [...[1, 2, 3, 4].map(() => ['role.apply', 'mine']), ['role.apply', 'builder'], ['role.delete', 'builder']],
  )
})

test('who holds a role, by themselves, by a group or only if activated, does not add to it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officers = await Promise.all(['one', 'two', 'three'].map((name) => app.as('security-officer', { name })))
  const [direct, grouped, eligible] = officers as [Caller, Caller, Caller]
  await role(owner, 'reader', ['user.read', 'group.read'])
  const { body: group } = await owner.post('/api/v1/groups', { name: 'Readers' })
  await owner.put(`/api/v1/groups/${group.id}/members/${grouped.userId}`)
  await give(owner, direct, 'reader')
  await owner.put('/api/v1/role-assignments', { name: 'g', spec: { principal: group.id, role: 'reader' } })
  const spec = { principal: eligible.userId, role: 'reader', eligible: { maxSeconds: 3600 } }
  assert.equal((await owner.put('/api/v1/role-assignments', { name: 'e', spec })).status, 201)

  for (const officer of officers) {
    const refused = await role(officer, 'reader', ['user.read', 'group.read', 'session.read'])
    assert.deepEqual(type(refused), [403, '/problems/self-grant'])
    assert.deepEqual(refused.body.added, ['session.read'])
  }
  assert.equal((await role(direct, 'reader', ['user.read'])).status, 200, 'it may be made less')
  const { body } = await owner.get('/api/v1/roles')
  assert.deepEqual(body.items.find(({ name }: any) => name === 'reader').actions, ['user.read'])
})

test('a role stays while it is given, eligible or asked of approvers; even when it is given at the same moment', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const inUse = [409, '/problems/role-in-use']
  await role(owner, 'reader', ['project.read'])
  await role(owner, 'approver', ['change-set.approve', 'change-set.read'])
  const { body: given } = await give(owner, someone, 'reader')
  const eligible = { maxSeconds: 600, approvals: 1, approverRole: 'approver' }
  const spec = { principal: someone.userId, role: 'member', eligible }
  const { body: second } = await owner.put('/api/v1/role-assignments', { name: 'e', spec })
  assert.ok(second.resource, JSON.stringify(second))

  for (const name of ['reader', 'approver']) assert.deepEqual(type(await owner.delete(`${customRoles}/${name}`)), inUse, name)
  for (const id of [given.resource.id, second.resource.id])
    assert.equal((await owner.delete(`/api/v1/role-assignments/${id}`)).status, 204)
  const [removed, granted] = await Promise.all([owner.delete(`${customRoles}/reader`), give(owner, someone, 'reader')])
  const statuses = [removed.status, granted.status].join()
  assert.ok(['204,400', '409,201'].includes(statuses), `${statuses}: ${removed.text} ${granted.text}`)
  assert.equal((await owner.delete(`${customRoles}/approver`)).status, 204)
})
