import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller } from '../../test/app.ts'
import { clear } from '../../test/clearance.ts'
import type { Desired } from './schema.ts'

const tree: Desired[] = [
  { kind: 'folder', name: 'research', criticality: 'high', labels: { team: 'llm' }, spec: { title: 'Research' } },
  { kind: 'folder', name: 'other', spec: {} },
  { kind: 'project', scope: '/research', name: 'llm', dependsOn: ['folder:/other'], spec: {} },
  { kind: 'view', scope: '/research', name: 'mine', spec: { query: 'owner:me' } },
  { kind: 'approval-rule', scope: '/research', name: 'eyes', spec: { actions: ['model.delete'], quorum: 1 } },
  { kind: 'lock', scope: '/other', name: 'stays', spec: { effect: 'cannot-delete' } },
]
const plant = async (owner: Caller): Promise<void> => {
  const { status, text } = await owner.post('/api/v1/apply', { resources: tree })
  assert.equal(status, 200, text)
}

const exported = async (who: Caller, query = ''): Promise<Desired[]> => {
  const { status, text } = await who.get(`/api/v1/export${query}`)
  assert.equal(status, 200, text)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
/** What names people, who are of one site, is not made on another. */
const ofNobody = ({ kind }: Desired) => kind !== 'role-assignment' && kind !== 'clearance'
const names = (documents: readonly { name: string }[]) => documents.map(({ name }) => name).sort()
const plain = (documents: readonly Desired[]) =>
  documents.map((document) => ({ scope: '/', ...document })).sort((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1))

test('what is exported is what apply takes: applied where it came from it changes nothing, and on an empty site it makes the same', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await clear(app, owner, { rank: 300 })
  await plant(owner)
  const secret = await owner.put('/api/v1/projects', { name: 'vault', classification: { level: 'secret' }, spec: {} })
  assert.equal(secret.status, 201, secret.text)

  const documents = await exported(owner)
  const again = await owner.post('/api/v1/apply', { resources: documents, dryRun: true })
  assert.equal(again.status, 200, again.text)
  assert.deepEqual([...new Set(again.body.changes.map(({ outcome }: { outcome: string }) => outcome))], ['unchanged'])

  const empty = await testApp(t)
  const fresh = await empty.as('owner')
  await clear(empty, fresh, { rank: 300 })
  const portable = documents.filter(ofNobody)
  const made = await fresh.post('/api/v1/apply', { resources: portable })
  assert.equal(made.status, 200, made.text)
  const there = (await exported(fresh)).filter(ofNobody)
  assert.deepEqual(plain(there), plain(portable))
  for (const { kind, name } of tree)
    assert.ok(
      there.some((document) => document.kind === kind && document.name === name),
      name,
    )
})

test('an export holds what the caller may see and no more, and is recorded', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await clear(app, owner, { rank: 300 })
  await plant(owner)
  await owner.put('/api/v1/projects', { scope: '/research', name: 'vault', classification: { level: 'secret' }, spec: {} })
  const engineer = await app.as('ai-engineer', { scope: '/research' })

  assert.deepEqual(names(await exported(engineer, '?scope=/research')), ['llm', 'mine', 'research'])
  const member = await app.as('member')
  assert.equal((await member.get('/api/v1/export')).status, 403)
  assert.equal((await engineer.get('/api/v1/export')).status, 403)
  const [hidden, absent] = [await engineer.get('/api/v1/export?scope=/other'), await engineer.get('/api/v1/export?scope=/absent')]
  assert.deepEqual([hidden.status, absent.status], [404, 404])
  const said = (await app.audit()).filter(({ action, outcome }) => action === 'inventory.export' && outcome === 'done')
  assert.deepEqual(
    said.map(({ actor, facts }) => [actor, facts.documents]),
    [[engineer.userId, 3]],
  )
})

test('an export of more than a page has everything once', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const resources = Array.from({ length: 499 }, (_, i) => ({ kind: 'view', name: `v${i}`, spec: { query: `q${i}` } }))
  await owner.post('/api/v1/apply', { resources: [{ kind: 'folder', name: 'f', spec: {} }, ...resources] })

  const documents = await exported(owner)

  assert.equal(documents.filter(({ kind }) => kind === 'view').length, 499)
  assert.equal(new Set(documents.map(({ kind, name }) => `${kind} ${name}`)).size, documents.length)
  assert.ok(documents.length > 500)
})

test('drift says what is only in the files, only on the site, and in both and different, and changes nothing', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await plant(owner)
  const documents = await exported(owner)
  const compare = async (given: object) => {
    const { status, body, text } = await owner.post('/api/v1/drift', given)
    assert.equal(status, 200, text)
    return body
  }
  assert.deepEqual(await compare({ documents }), {
    onlyInFiles: [],
    onlyOnSite: [],
    different: [],
    same: documents.length,
    truncated: false,
  })

  await owner.put('/api/v1/projects', {
    scope: '/research',
    name: 'llm',
    labels: { env: 'prod' },
    dependsOn: [],
    spec: { title: 'New' },
  })
  await owner.put('/api/v1/views', { scope: '/research', name: 'more', spec: { query: 'kind:lock' } })
  await owner.delete('/api/v1/locks/stays')
  const found = await compare({ documents })
  assert.deepEqual(found.onlyInFiles, [{ kind: 'lock', scope: '/other', name: 'stays' }])
  assert.deepEqual(names(found.onlyOnSite), ['more'])
  assert.deepEqual(
    found.different.map(({ files, site }: { files: Desired; site: Desired }) => [files, site]),
    [
      [
        { kind: 'project', scope: '/research', name: 'llm', dependsOn: ['folder:/other'], spec: {} },
        { kind: 'project', scope: '/research', name: 'llm', labels: { env: 'prod' }, spec: { title: 'New' } },
      ],
    ],
  )
  assert.deepEqual((await compare({ documents, scope: '/other' })).onlyOnSite, [])
  assert.equal((await owner.get('/api/v1/locks/stays')).status, 404)
})

test('files of one manager miss nothing that others made, and drift of what one may not see is told as not there', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await clear(app, owner, { rank: 300 })
  const mine: Desired[] = [{ kind: 'folder', name: 'mine', spec: {} }]
  await owner.post('/api/v1/apply', { resources: mine, manager: 'git' })
  await owner.put('/api/v1/projects', { name: 'vault', classification: { level: 'secret' }, spec: {} })

  const { body } = await owner.post('/api/v1/drift', { documents: mine, manager: 'git' })
  assert.deepEqual([body.onlyOnSite, body.different, body.same], [[], [], 1])

  const engineer = await app.as('ai-engineer')
  const vault = { kind: 'project', name: 'vault', classification: { level: 'secret' }, spec: {} }
  const seen = (await engineer.post('/api/v1/drift', { documents: [vault] })).body
  assert.deepEqual(seen.onlyInFiles, [{ kind: 'project', scope: '/', name: 'vault' }])
  assert.ok(!names(seen.onlyOnSite).includes('vault'))
})

test('drift refuses documents that are none, and says which', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const [document, why] of [
    [{ kind: 'ghost', name: 'x' }, /Document 2 .*no kind of resource/],
    [{ kind: 'folder', name: '../x' }, /cannot be a name/],
    [{ kind: 'folder', name: 'x', spec: { titel: '' } }, /form/],
    [{ kind: 'folder', name: 'x', labels: { Team: 'x' } }, /./],
    [{ kind: 'folder', name: 'a/b' }, /cannot be a name/],
  ] as const) {
    const { status, body } = await owner.post('/api/v1/drift', { documents: [{ kind: 'folder', name: 'ok' }, document] })
    assert.equal(status >= 400 && status < 500, true, JSON.stringify(document))
    assert.match(body.detail, why)
  }
})
