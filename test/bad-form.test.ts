// Names, labels and fields that are not what their form says: refused at every kind of resource, with where, and nothing is made of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from './app.ts'

const names = ['', ' ', 'Upper', '-dash', '1st', 'a b', 'a/b', '../up', 'naïve', 'x'.repeat(64), 'a\n', 7, null, ['a']]
const labels = [
  { Upper: 'x' },
  { 'a b': 'x' },
  { '': 'x' },
  { ['x'.repeat(64)]: 'x' },
  { a: 1 },
  { a: null },
  { a: 'two\nlines' },
  { a: 'x'.repeat(257) },
  Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, 'x'])),
  ['a'],
  'a=b',
]
const others = [
  { classification: { level: 7 } },
  { classification: { level: 'no-such-level' } },
  { classification: { caveats: ['no-such-caveat'] } },
  { classification: 'secret' },
  { criticality: 'extreme' },
  { scope: 7 },
  { dependsOn: 'x' },
  { surprise: true },
]

test('no kind takes a name, a label or a field that is not of its form', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.get('/api/v1/kinds')
  const before = (await owner.get('/api/v1/resources?limit=500')).body.items.length
  assert.ok(body.items.length >= 15)
  for (const { kind, plural } of body.items) {
    const refused = async (document: object, what: string) => {
      const { status, body: told, text } = await owner.put(`/api/v1/${plural}`, document)
      assert.equal(status, 400, `${kind} ${what}: ${text}`)
      assert.match(told.type, /^\/problems\/[a-z-]+$/)
      assert.ok(told.detail.length > 10, text)
    }
    for (const name of names) await refused({ name, spec: {} }, `named ${JSON.stringify(name)}`)
    for (const given of labels) await refused({ name: 'ok', labels: given, spec: {} }, `labelled ${JSON.stringify(given)}`)
    for (const given of others) await refused({ name: 'ok', spec: {}, ...given }, JSON.stringify(given))
    for (const spec of [{ surprise: true }, [], 'x', 7, null])
      await refused({ name: 'ok', spec }, `with spec ${JSON.stringify(spec)}`)
  }
  assert.equal((await owner.get('/api/v1/resources?limit=500')).body.items.length, before)
})

test('the same documents are refused one by one or many at once, and one that is wrong takes the rest with it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const apply = (document: object) => owner.post('/api/v1/apply', { resources: [{ kind: 'folder', name: 'right' }, document] })
  for (const name of names) assert.equal((await apply({ kind: 'project', name })).status, 400, JSON.stringify(name))
  for (const given of labels)
    assert.equal((await apply({ kind: 'project', name: 'ok', labels: given })).status, 400, JSON.stringify(given))
  for (const given of others)
    assert.equal((await apply({ kind: 'project', name: 'ok', ...given })).status, 400, JSON.stringify(given))
  assert.deepEqual((await owner.get('/api/v1/folders')).body.items, [])
})

test('an assignment of a guardrail takes the parameters that it has, of their type and within their bounds, and no others', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const definition = {
    title: 'Titles are short',
    description: '',
    category: 'test',
    version: '1.0.0',
    kinds: ['project'],
    parameters: { most: { type: 'integer', title: 'Characters', minimum: 1, maximum: 100, default: 10 } },
    require: { field: 'name', exists: true },
    effects: ['audit'],
    effect: 'audit',
    message: '{name}',
  }
  const made = await owner.put('/api/v1/guardrails', { name: 'short', spec: definition })
  assert.equal(made.status, 201, made.text)
  const assign = (parameters: unknown) =>
    owner.put('/api/v1/guardrail-assignments', {
      name: 'assigned',
      spec: { guardrail: made.body.resource.id, enforced: false, parameters },
    })
  for (const wrong of [
    { most: 0 },
    { most: 101 },
    { most: 1.5 },
    { most: '10' },
    { most: null },
    { most: [1] },
    { least: 1 },
    { Most: 1 },
    [],
    'most=1',
  ])
    assert.equal((await assign(wrong)).status, 400, JSON.stringify(wrong))
  assert.deepEqual((await owner.get('/api/v1/guardrail-assignments')).body.items, [])
  assert.equal((await assign({ most: 100 })).status, 201)
})
