import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller } from '../../test/app.ts'

const why = async (who: Caller, action: string, scope = '/', principal?: string) =>
  (await who.post('/api/v1/why', { action, scope, ...(principal ? { principal } : {}) })).body

test('why not: the answer says what would change it, and doing that changes it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'research', spec: {} })
  const member = await app.as('member')

  const no = await why(member, 'deployment.apply', '/research')
  assert.equal(no.allowed, false)
  assert.match(no.summary, /no role held at \/research or above it includes deployment\.apply/)
  assert.match(no.wouldChange, /operator/)
  assert.deepEqual(
    no.grants.map(({ role, path, applies, gives }: Record<string, unknown>) => [role, path, applies, gives]),
    [['member', '/', true, false]],
  )
  assert.deepEqual(
    no.scopeChain.map(({ path }: { path: string }) => path),
    ['/research', '/'],
  )

  const spec = { principal: member.userId, role: 'operator' }
  await owner.put('/api/v1/role-assignments', { name: 'x', scope: '/research', spec })
  const yes = await why(member, 'deployment.apply', '/research')
  assert.equal(yes.allowed, true)
  assert.deepEqual(
    yes.rules.map(({ id }: { id: string }) => id),
    ['role-operator'],
  )
  assert.equal((await why(member, 'deployment.apply', '/')).allowed, false)
})

test('why: a role held through a group in a group names the group', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const group = async (name: string) => (await owner.post('/api/v1/groups', { name })).body.id ?? ''
  const [outer, inner] = [await group('outer'), await group('inner')]
  assert.match(outer, /^group_/)
  assert.ok((await owner.put(`/api/v1/groups/${outer}/members/${inner}`)).status < 300)
  assert.ok((await owner.put(`/api/v1/groups/${inner}/members/${someone.userId}`)).status < 300)
  assert.equal((await owner.put(`/api/v1/groups/${inner}/members/${outer}`)).body.type, '/problems/group-cycle')

  await owner.put('/api/v1/role-assignments', { name: 'x', spec: { principal: outer, role: 'member' } })

  const said = await why(owner, 'deployment.invoke', '/', someone.userId)
  assert.equal(said.allowed, true)
  assert.equal(said.grants[0].via, outer)
  assert.equal((await someone.get('/api/v1/deployments')).status, 200)
})

test('about others only those ask who explain policy, and asking does not tell which scopes there are', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'secret', spec: {} })
  await owner.put('/api/v1/folders', { name: 'open', spec: {} })
  const member = await app.as('member', { scope: '/open' })

  const asked = await member.post('/api/v1/why', { action: 'model.read', principal: owner.userId })
  assert.equal(asked.status, 403)
  const [hidden, absent] = await Promise.all(
    ['/secret', '/nowhere'].map((scope) => member.post('/api/v1/why', { action: 'model.read', scope })),
  )
  assert.deepEqual([hidden!.status, absent!.status], [404, 404])
  assert.equal(hidden!.body.detail.replace('secret', ''), absent!.body.detail.replace('nowhere', ''))
  assert.equal((await member.post('/api/v1/why', { action: 'model.read', scope: '/open' })).status, 200)
  assert.equal((await member.post('/api/v1/why', { action: 'model.explode' })).status, 400)
})

test('whoever may see people is told that there is no such person; to others nobody is told apart', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const actions = ['policy.explain']
  const made = await owner.put('/api/v1/custom-roles', { name: 'explainer', spec: { title: 'Explainer', actions } })
  assert.equal(made.status, 201, made.text)
  const explainer = await app.as('nobody')
  const given = await owner.put('/api/v1/role-assignments', {
    name: 'e',
    spec: { principal: explainer.userId, role: 'explainer' },
  })
  assert.equal(given.status, 201, given.text)
  const member = await app.as('member')
  const typo = member.userId.replace(/.{4}$/, 'typo')
  const ask = (by: typeof owner, principal: string) => by.post('/api/v1/why', { action: 'model.apply', principal })

  const unknown = await ask(owner, typo)
  assert.deepEqual([unknown.status, unknown.body.type], [404, '/problems/principal-unknown'])
  assert.match(unknown.body.detail, new RegExp(typo))
  assert.equal((await ask(owner, 'group_00000000000000000000000000')).status, 404)
  assert.equal((await ask(owner, member.userId)).body.allowed, false)

  const [there, absent] = [await ask(explainer, member.userId), await ask(explainer, typo)]
  assert.deepEqual([there.status, absent.status], [200, 200])
  assert.equal(there.body.summary, absent.body.summary)
})

test('a key does less than its owner: only its actions, only in its scope, and why says so', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  await owner.put('/api/v1/folders', { name: 'b', spec: {} })
  const actions = ['project.apply', 'project.read', 'policy.read']
  const made = await owner.post('/api/v1/keys', { name: 'k', scope: '/a', actions })
  const key = app.bearer(made.body.secret)
  const put = (scope: string) => key.put('/api/v1/projects', { name: 'p', scope, spec: {} })

  assert.equal((await put('/a')).status, 201)
  assert.equal((await put('/b')).status, 404)
  assert.equal((await put('/')).status, 403)
  assert.equal((await key.delete('/api/v1/projects/p')).status, 403)
  assert.deepEqual(
    (await key.get('/api/v1/projects')).body.items.map(({ scope }: { scope: string }) => scope),
    ['/a'],
  )
})
