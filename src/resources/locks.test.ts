import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller, type Reply } from '../../test/app.ts'

const tree = [
  { kind: 'folder', name: 'a', spec: {} },
  { kind: 'project', scope: '/a', name: 'p', spec: {} },
  { kind: 'folder', name: 'c', spec: {} },
]
const plant = async (owner: Caller): Promise<{ a: string; p: string; c: string }> => {
  const { body } = await owner.post('/api/v1/apply', { resources: tree })
  const [a, p, c] = body.changes.map(({ resource }: { resource: { id: string } }) => resource.id)
  return { a, p, c }
}
const lock = (owner: Caller, scope: string, spec: object) => owner.put('/api/v1/locks', { name: 'hold', scope, spec })
const held = (reply: Reply) => [reply.status, reply.body?.type]
const refused = [409, '/problems/locked']

test('a read-only lock on a scope holds what is in it against making, changing, deleting and moving, until it is taken away', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { a, p, c } = await plant(owner)
  const { body } = await lock(owner, '/a', { effect: 'read-only', note: 'Audit in March' })

  const acts = () => [
    () => owner.put('/api/v1/projects', { name: 'q', scope: '/a', spec: {} }),
    () => owner.put('/api/v1/projects', { name: 'p', scope: '/a', spec: { title: 'P' } }),
    () => owner.put('/api/v1/folders', { name: 'a', spec: { title: 'A' } }),
    () => owner.delete(`/api/v1/projects/${p}`),
    () => owner.post(`/api/v1/projects/${p}/move`, { scope: '/c' }),
    () => owner.post(`/api/v1/folders/${a}/move`, { scope: '/c' }),
    () => owner.post(`/api/v1/folders/${c}/move`, { scope: '/a' }),
  ]
  for (const act of acts()) {
    const reply = await act()
    assert.deepEqual(held(reply), refused, reply.text)
    assert.equal(reply.body.lock, body.resource.id)
  }
  assert.equal((await owner.put('/api/v1/projects', { name: 'p', scope: '/a', spec: {} })).body.outcome, 'unchanged')

  assert.equal((await owner.delete(`/api/v1/locks/${body.resource.id}`)).status, 204)
  assert.equal((await owner.put('/api/v1/projects', { name: 'q', scope: '/a', spec: {} })).status, 201)
})

test('a lock against deletion lets change through, and holds one thing only where it names one', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { p } = await plant(owner)
  await owner.put('/api/v1/projects', { name: 'q', scope: '/a', spec: {} })
  assert.equal((await lock(owner, '/', { effect: 'cannot-delete', resource: p })).status, 201)

  assert.equal((await owner.put('/api/v1/projects', { name: 'p', scope: '/a', spec: { title: 'P' } })).body.outcome, 'changed')
  assert.deepEqual(held(await owner.delete(`/api/v1/projects/${p}`)), refused)
  assert.deepEqual(held(await owner.post(`/api/v1/projects/${p}/move`, { scope: '/c' })), refused)
  const q = (await owner.get('/api/v1/projects/q')).body.id
  assert.equal((await owner.delete(`/api/v1/projects/${q}`)).status, 204)
})

test('what is locked inside keeps what it lies in where it is', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { a } = await plant(owner)
  await lock(owner, '/a/p', { effect: 'cannot-delete' })

  assert.deepEqual(held(await owner.post(`/api/v1/folders/${a}/move`, { scope: '/c' })), refused)
})

test('who may put a lock on may not take it away or loosen it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await plant(owner)
  const operator = await app.as('operator')
  const { body } = await lock(operator, '/a', { effect: 'read-only' })

  assert.equal((await operator.delete(`/api/v1/locks/${body.resource.id}`)).status, 403)
  assert.equal((await lock(operator, '/a', { effect: 'cannot-delete' })).status, 403)
  assert.equal((await lock(operator, '/a', { effect: 'read-only', note: 'Ask the security officer' })).body.outcome, 'changed')
  const officer = await app.as('security-officer')
  assert.equal((await officer.delete(`/api/v1/locks/${body.resource.id}`)).status, 204)
})

test('a lock holds nothing outside the scope it lies in, and no other lock', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { p } = await plant(owner)
  const first = await lock(owner, '/a', { effect: 'read-only' })

  for (const [scope, resource] of [
    ['/c', p],
    ['/', 'project_unknown'],
    ['/', first.body.resource.id],
  ]) {
    const reply = await owner.put('/api/v1/locks', { name: 'other', scope, spec: { effect: 'read-only', resource } })
    assert.equal(reply.status, 400, reply.text)
  }
})

test('of many documents one that a lock holds keeps all from being applied', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await plant(owner)
  await lock(owner, '/a', { effect: 'read-only' })

  const reply = await owner.post('/api/v1/apply', {
    resources: [
      { kind: 'folder', name: 'd', spec: {} },
      { kind: 'project', scope: '/a', name: 'q', spec: {} },
    ],
  })

  assert.deepEqual([...held(reply), reply.body.document], [...refused, 1])
  assert.equal((await owner.get('/api/v1/folders/d')).status, 404)
})
