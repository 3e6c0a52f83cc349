import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller } from '../../test/app.ts'

const make = async (by: Caller, name: string): Promise<string> => {
  const reply = await by.post('/api/v1/groups', { name })
  assert.equal(reply.status, 201, reply.text)
  return reply.body.id
}
const put = (by: Caller, group: string, member: string) => by.put(`/api/v1/groups/${group}/members/${member}`)
const give = async (by: Caller, principal: string, role: string) => {
  const reply = await by.put('/api/v1/role-assignments', {
    scope: '/',
    name: `${role}-${principal.slice(-6)}`,
    spec: { principal, role },
  })
  assert.ok(reply.status < 300, reply.text)
}

test('a role given to a group holds for those in it, also through groups in groups, until they leave', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const nobody = await app.as('nobody')
  const outer = await make(owner, 'Auditors')
  const inner = await make(owner, 'Auditors of the night')
  await give(owner, outer, 'auditor')
  await put(owner, outer, inner)
  assert.equal((await nobody.get('/api/v1/users')).status, 404)

  assert.equal((await put(owner, inner, nobody.userId)).status, 204)
  const inside = await nobody.get('/api/v1/users')
  await owner.delete(`/api/v1/groups/${inner}/members/${nobody.userId}`)
  const outside = await nobody.get('/api/v1/users')

  assert.deepEqual([inside.status, outside.status], [200, 404])
})

test('a group cannot contain itself, however far around', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const [a, b, c] = [await make(owner, 'a'), await make(owner, 'b'), await make(owner, 'c')]
  await put(owner, a, b)
  await put(owner, b, c)

  for (const [group, member] of [
    [c, a],
    [a, a],
  ] as const)
    assert.deepEqual((await put(owner, group, member)).body.type, '/problems/group-cycle')
})

test('a group name can be taken once, even by two requests at the same moment', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')

  const replies = await Promise.all(['Nurses', 'NURSES'].map((name) => owner.post('/api/v1/groups', { name })))

  assert.deepEqual(replies.map((reply) => reply.status).sort(), [201, 409])
})

test('nobody hands on through a group what they do not hold themselves', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const member = await app.as('member')
  const [operators, owners, users, mine] = [
    await make(owner, 'Operators'),
    await make(owner, 'Owners'),
    await make(owner, 'Users'),
    await make(owner, 'Mine'),
  ]
  await give(owner, operators, 'operator')
  await give(owner, owners, 'owner')
  await give(owner, users, 'member')
  await put(owner, mine, officer.userId)

  for (const [group, who] of [
    [operators, officer.userId],
    [operators, mine],
    [owners, member.userId],
  ] as const) {
    const reply = await put(officer, group, who)
    assert.deepEqual([reply.status, reply.body.type], [403, '/problems/above-you'])
  }
  assert.equal((await put(officer, users, member.userId)).status, 204)
  assert.equal((await officer.delete(`/api/v1/groups/${owners}`)).status, 403)
})

test('a group that is deleted takes its roles and memberships along', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const nobody = await app.as('nobody')
  const group = await make(owner, 'Short-lived')
  await give(owner, group, 'auditor')
  await put(owner, group, nobody.userId)

  assert.equal((await owner.delete(`/api/v1/groups/${group}`)).status, 204)

  assert.equal((await nobody.get('/api/v1/users')).status, 404)
  assert.deepEqual((await owner.get(`/api/v1/users/${nobody.userId}`)).body.groups, [])
})

test('the name of a group that is deleted can be read nowhere any more', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const group = await make(owner, 'Patients of ward 7')
  await owner.patch(`/api/v1/groups/${group}`, { name: 'Patients of ward 8' })
  const entries = (await app.audit()).filter(({ resource }) => resource.id === group) as unknown as { id: string }[]
  const sealed = async () =>
    (await Promise.all(entries.map(({ id }) => owner.get(`/api/v1/audit/entries/${id}`)))).map(({ body }) => body.sealed)
  assert.deepEqual(await sealed(), [{ name: 'Patients of ward 7' }, { name: 'Patients of ward 8' }])

  await owner.delete(`/api/v1/groups/${group}`)

  assert.deepEqual(await sealed(), [undefined, undefined])
  assert.equal((await owner.get('/api/v1/audit/verify')).body.ok, true)
})

test('a member who does not exist cannot be put into a group', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const group = await make(owner, 'Some')

  for (const member of ['user_nowhere', 'group_nowhere', 'anything']) assert.equal((await put(owner, group, member)).status, 404)
})
