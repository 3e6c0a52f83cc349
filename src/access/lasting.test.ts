import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from '../../test/app.ts'

const hourMs = 3_600_000

test('what is held for a time is handed on for no longer: by no assignment, role, group or link', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const passing = await app.as('nobody', { name: 'passing' })
  const friend = await app.as('nobody', { name: 'friend' })
  const inMs = (ms: number) => new Date(app.app.site.clock.now().getTime() + ms).toISOString()
  const endsAt = inMs(hourMs)
  const give = async (by: typeof owner, spec: object, name = 'given') => {
    const { status, body } = await by.put('/api/v1/role-assignments', { name, spec })
    return status < 300 ? 'given' : body.type
  }
  assert.equal(await give(owner, { principal: passing.userId, role: 'owner', expiresAt: endsAt }, 'passing'), 'given')
  const group = (await owner.post('/api/v1/groups', { name: 'operators' })).body.id
  assert.equal(await give(owner, { principal: group, role: 'operator' }, 'operators'), 'given')
  const cleared = await owner.put('/api/v1/clearances', {
    name: 'passing',
    spec: { principal: passing.userId, level: '*', caveats: ['*'] },
  })
  assert.ok(cleared.status < 300, cleared.text)

  const member = { principal: friend.userId, role: 'member' }
  assert.equal(await give(passing, member), '/problems/escalation')
  assert.equal(await give(passing, { ...member, expiresAt: inMs(2 * hourMs) }), '/problems/escalation')
  assert.equal(await give(passing, { ...member, eligible: { maxSeconds: 60 } }), '/problems/escalation')
  assert.equal(await give(passing, { ...member, expiresAt: endsAt }), 'given')
  const role = await passing.put('/api/v1/custom-roles', { name: 'mine', spec: { title: 'Mine', actions: ['model.read'] } })
  assert.equal(role.body.type, '/problems/escalation')
  assert.equal((await passing.put(`/api/v1/groups/${group}/members/${friend.userId}`)).body.type, '/problems/above-you')
  const someone = await app.as('operator')
  assert.equal((await passing.post(`/api/v1/users/${someone.userId}/invite`)).body.type, '/problems/above-you')

  assert.equal(await give(owner, member), 'given') // who holds it for good gives it for good
  assert.equal((await owner.put(`/api/v1/groups/${group}/members/${friend.userId}`)).status, 204)
})

test('what is given for a time may still be taken away, and denied, by who holds it for a time', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const passing = await app.as('nobody', { name: 'passing' })
  const friend = await app.as('member', { name: 'friend' })
  const expiresAt = new Date(app.app.site.clock.now().getTime() + hourMs).toISOString()
  const put = (by: typeof owner, name: string, spec: object) => by.put('/api/v1/role-assignments', { name, spec })
  assert.equal((await put(owner, 'passing', { principal: passing.userId, role: 'owner', expiresAt })).status, 201)

  const denial = { principal: friend.userId, effect: 'deny', actions: ['deployment.invoke'] }
  assert.equal((await put(passing, 'denied', denial)).status, 201)
  const { body } = await owner.get('/api/v1/role-assignments?q=friend')
  assert.equal(body.items.length, 1)
  assert.equal((await passing.delete(`/api/v1/role-assignments/${body.items[0].id}`)).status, 204)
})
