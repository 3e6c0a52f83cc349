import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from '../../test/app.ts'

const codes = (replies: { status: number }[]) => replies.map(({ status }) => status).sort()

test('applying creates, then changes, then finds nothing to do; each change is a generation and a record', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const put = (title: string) => owner.put('/api/v1/folders', { name: 'research', spec: { title } })

  const [created, changed, same] = [await put('One'), await put('Two'), await put('Two')]

  assert.deepEqual(
    [created, changed, same].map(({ status, body }) => [status, body.outcome, body.resource.generation]),
    [
      [201, 'created', 1],
      [200, 'changed', 2],
      [200, 'unchanged', 2],
    ],
  )
  assert.equal(changed.headers.etag, changed.body.resource.etag)
  const entries = (await app.audit()).map(({ action, outcome, facts }) => [action, outcome, facts.change, facts.fields])
  assert.deepEqual(entries, [
    ['folder.apply', 'done', 'created', ['title']],
    ['folder.apply', 'done', 'changed', ['title']],
  ])
})

test('a name can be taken once, even by two people at the same moment', async (t) => {
  const app = await testApp(t)
  const people = [await app.as('owner'), await app.as('operator')]

  const replies = await Promise.all(
    people.map((person, i) => person.put('/api/v1/projects', { name: 'llm', spec: { title: `${i}` } })),
  )

  const taken = replies.filter(({ status }) => status === 409)
  // Whoever came after the other had ended changes what is there; at the same moment, one is told.
  assert.ok(replies.some(({ status, body }) => status === 201 && body.outcome === 'created'))
  for (const { body } of taken) assert.equal(body.type, '/problems/name-taken')
  const { body } = await people[0]!.get('/api/v1/projects')
  assert.equal(body.items.length, 1)
})

test('of many who create one name at once, and only create, exactly one does', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')

  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      owner.put('/api/v1/projects', { name: 'llm', spec: { title: `${i}` } }, { 'if-none-match': '*' }),
    ),
  )

  assert.deepEqual(codes(replies), [201, 409, 409, 409, 409, 409, 409, 409])
})

test('a folder and a project cannot have the same path, even at the same moment', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')

  const replies = await Promise.all(
    ['folders', 'projects'].map((plural) => owner.put(`/api/v1/${plural}`, { name: 'x', spec: {} })),
  )

  assert.deepEqual(codes(replies), [201, 409])
  assert.equal(
    (await owner.get('/api/v1/folders')).body.items.length + (await owner.get('/api/v1/projects')).body.items.length,
    1,
  )
})

test('a change of what someone else changed meanwhile is refused, also when both come at once', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.put('/api/v1/folders', { name: 'research', spec: {} })
  const put = (title: string) =>
    owner.put('/api/v1/folders', { name: 'research', spec: { title } }, { 'if-match': body.resource.etag })

  const replies = await Promise.all([put('mine'), put('theirs')])

  assert.deepEqual(codes(replies), [200, 412])
  const refused = replies.find(({ status }) => status === 412)
  assert.equal(refused?.body.type, '/problems/stale')
  assert.equal((await owner.get(`/api/v1/folders/${body.resource.id}`)).body.etag, refused?.body.etag)
  assert.equal((await owner.delete(`/api/v1/folders/${body.resource.id}`, { 'if-match': body.resource.etag })).status, 412)
})

test('what is not of the form is refused with every fault and where it is', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const apply = (resource: object) => owner.post('/api/v1/apply', { resources: [resource] })

  const { status, body } = await apply({ kind: 'folder', name: 'x', spec: { title: 4, colour: 'red' } })

  assert.equal(status, 400)
  assert.deepEqual(body.faults.map(({ at }: { at: string }) => at).sort(), ['/spec', '/spec/title'])
  assert.match(JSON.stringify(body.faults), /unknown: colour/)
  for (const name of ['a/b', '../etc', 'a\u0000b', 'a\nb', 'Ärger', '', 'x'.repeat(64), '-a', 'a b'])
    assert.equal((await apply({ kind: 'folder', name, spec: {} })).status, 400, JSON.stringify(name))
  assert.equal((await apply({ kind: 'folder', name: 'x', spec: { title: 'half \ud800 a pair' } })).status, 400)
  assert.equal((await apply({ kind: 'folder', name: 'x', labels: { Bad: 'x' } })).status, 400)
  assert.equal((await apply({ kind: 'dragon', name: 'x', spec: {} })).status, 404)
  assert.deepEqual((await owner.get('/api/v1/folders')).body.items, [])
})

test('many are applied together or not at all, and scopes before what lies in them', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const good = [
    { kind: 'project', scope: '/a/b', name: 'deep', spec: {} },
    { kind: 'folder', scope: '/a', name: 'b', spec: {} },
    { kind: 'folder', name: 'a', spec: {} },
  ]

  const refused = await owner.post('/api/v1/apply', {
    resources: [...good, { kind: 'folder', scope: '/nowhere', name: 'c', spec: {} }],
  })
  assert.equal(refused.status, 404)
  assert.equal(refused.body.document, 3)
  assert.deepEqual((await owner.get('/api/v1/folders')).body.items, [])

  const tried = await owner.post('/api/v1/apply', { resources: good, dryRun: true })
  assert.deepEqual(
    tried.body.changes.map(({ outcome }: { outcome: string }) => outcome),
    ['created', 'created', 'created'],
  )
  assert.deepEqual((await owner.get('/api/v1/folders')).body.items, [])
  assert.deepEqual(await app.audit(), [])

  const applied = await owner.post('/api/v1/apply', { resources: good })
  assert.equal(applied.status, 200)
  assert.equal(applied.body.changes[0].resource.scope, '/a/b')
  assert.equal((await app.audit()).length, 3)
})

test('every state a thing had can be read, also when it is gone', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.put('/api/v1/folders', { name: 'x', spec: {} })
  await owner.put('/api/v1/folders', { name: 'x', spec: { title: 'X' } })
  assert.equal((await owner.delete(`/api/v1/folders/${body.resource.id}`)).status, 204)

  const { body: past } = await owner.get(`/api/v1/folders/${body.resource.id}/history`)

  assert.deepEqual(
    past.items.map((revision: Record<string, unknown>) => ['generation', 'change', 'spec', 'actor'].map((key) => revision[key])),
    [
      [3, 'deleted', { title: 'X' }, owner.userId],
      [2, 'changed', { title: 'X' }, owner.userId],
      [1, 'created', {}, owner.userId],
    ],
  )
  assert.equal((await owner.get(`/api/v1/folders/${body.resource.id}`)).status, 404)
})

test('a scope goes only when it is empty, and says what is in it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body: folder } = await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const { body: project } = await owner.put('/api/v1/projects', { name: 'p', scope: '/a', spec: {} })

  const refused = await owner.delete(`/api/v1/folders/${folder.resource.id}`)
  assert.equal(refused.status, 409)
  assert.equal(refused.body.type, '/problems/scope-not-empty')
  assert.match(refused.body.detail, /the project p/)

  assert.equal((await owner.delete(`/api/v1/projects/${project.resource.id}`)).status, 204)
  assert.equal((await owner.delete(`/api/v1/folders/${folder.resource.id}`)).status, 204)
  assert.equal((await owner.put('/api/v1/projects', { name: 'p', scope: '/a', spec: {} })).status, 404)
})

test('a scope that is removed while something is made in it: one of the two is refused, whichever', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (let round = 0; round < 8; round++) {
    const { body } = await owner.put('/api/v1/folders', { name: `a${round}`, spec: {} })

    const [removed, made] = await Promise.all([
      owner.delete(`/api/v1/folders/${body.resource.id}`),
      owner.put('/api/v1/projects', { name: 'p', scope: `/a${round}`, spec: {} }),
    ])

    assert.ok(
      (removed.status === 204 && made.status === 404) || (removed.status === 409 && made.status === 201),
      `removed ${removed.status}, made ${made.status}: ${made.text}`,
    )
  }
})

test('a page ends where the next begins, whatever is made in between', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.post('/api/v1/apply', { resources: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ kind: 'folder', name, spec: {} })) })

  const first = await owner.get('/api/v1/folders?limit=2')
  await owner.put('/api/v1/folders', { name: 'aa', spec: {} })
  const second = await owner.get(`/api/v1/folders?limit=3&after=${first.body.next}`)

  const names = [...first.body.items, ...second.body.items].map(({ name }: { name: string }) => name)
  assert.deepEqual(names, ['a', 'b', 'c', 'd', 'e'])
  assert.equal(second.body.next, undefined)
  assert.equal((await owner.get('/api/v1/folders?q=%25')).body.items.length, 0)
  assert.equal((await owner.get('/api/v1/folders?q=a')).body.items.length, 2)
})
