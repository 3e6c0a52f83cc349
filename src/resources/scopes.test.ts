import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller } from '../../test/app.ts'

const tree = [
  { kind: 'folder', name: 'a', spec: {} },
  { kind: 'folder', scope: '/a', name: 'b', spec: {} },
  { kind: 'project', scope: '/a/b', name: 'p', spec: {} },
  { kind: 'folder', name: 'c', spec: {} },
]
const plant = async (owner: Caller): Promise<string[]> => {
  const { body } = await owner.post('/api/v1/apply', { resources: tree })
  return body.changes.map(({ resource }: { resource: { id: string } }) => resource.id)
}

test('a scope moves with all that is in it, and rights follow the new place', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const [, b] = await plant(owner)
  const inA = await app.as('member', { scope: '/a', name: 'ann' })
  const inC = await app.as('member', { scope: '/c', name: 'cem' })
  const seen = async (who: Caller) => (await who.get('/api/v1/projects')).body.items.map(({ scope }: { scope: string }) => scope)
  assert.deepEqual([await seen(inA), await seen(inC)], [['/a/b'], []])

  const moved = await owner.post(`/api/v1/folders/${b}/move`, { scope: '/c' })

  assert.equal(moved.status, 200, moved.text)
  assert.equal(moved.body.scope, '/c')
  assert.deepEqual([await seen(inA), await seen(inC)], [[], ['/c/b']])
})

test('a scope cannot be moved into itself, alone or by two moves at once', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const [a, b, , c] = await plant(owner)

  const into = await owner.post(`/api/v1/folders/${a}/move`, { scope: '/a/b' })
  assert.equal(into.status, 409)
  assert.equal(into.body.type, '/problems/scope-cycle')
  assert.equal((await owner.post(`/api/v1/folders/${b}/move`, { scope: b })).status, 409)

  const both = await Promise.all([
    owner.post(`/api/v1/folders/${a}/move`, { scope: c }),
    owner.post(`/api/v1/folders/${c}/move`, { scope: a }),
  ])
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409])
})

test('what is made in a scope while it moves is in it afterwards, at its new path', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const [, b] = await plant(owner)

  const [moved, ...made] = await Promise.all([
    owner.post(`/api/v1/folders/${b}/move`, { scope: '/c' }),
    ...['x', 'y', 'z'].map((name) => owner.put('/api/v1/projects', { name, scope: b, spec: {} })),
  ])

  assert.equal(moved!.status, 200, moved!.text)
  assert.deepEqual(
    made.map(({ status }) => status),
    [201, 201, 201],
  )
  const { body } = await owner.get('/api/v1/projects?scope=/c/b')
  assert.deepEqual(
    body.items.map(({ name, scope }: { name: string; scope: string }) => `${scope}/${name}`),
    ['/c/b/p', '/c/b/x', '/c/b/y', '/c/b/z'],
  )
})

test('a place where one may neither write nor look does not exist, to write or to look', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const [a] = await plant(owner)
  const inC = await app.as('operator', { scope: '/c', name: 'cem' })
  const plain = ({ detail, ...rest }: { detail: string }) => ({
    ...rest,
    requestId: '',
    detail: detail.replaceAll(/"[^"]*"|folder_\w+/g, '_'),
  })

  for (const ask of [
    (where: string) => inC.put('/api/v1/projects', { name: 'x', scope: where, spec: {} }),
    (where: string) => inC.get(`/api/v1/projects?scope=${where}`),
  ]) {
    const [hidden, absent] = [await ask('/a/b'), await ask('/no/b')]
    assert.equal(hidden.status, 404, hidden.text)
    assert.deepEqual(plain(hidden.body), plain(absent.body))
  }
  const [hidden, absent] = [await inC.get(`/api/v1/folders/${a}`), await inC.get(`/api/v1/folders/folder_${'0'.repeat(26)}`)]
  assert.deepEqual([hidden.status, absent.status], [404, 404])
  assert.deepEqual(plain(hidden.body), plain(absent.body))
  assert.equal((await inC.get('/api/v1/folders/a')).body.detail, 'No folder a.')
  assert.equal((await app.anyone().get('/api/v1/folders')).status, 401)
  assert.equal((await app.anyone().get(`/api/v1/folders/${a}`)).status, 401)
})

test('who may look and not write is refused, and the refusal is recorded though its transaction was undone', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')
  const before = (await app.audit()).length

  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, i) => member.put('/api/v1/folders', { name: `x${i}`, spec: {} })),
  )

  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [403])
  const said = (await app.audit()).slice(before)
  assert.equal(said.length, 20)
  for (const entry of said) {
    assert.deepEqual([entry.action, entry.outcome, entry.actor], ['folder.apply', 'denied', member.userId])
  }
})
