import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller, type Reply } from '../../test/app.ts'
import { assigned, putGuardrail, typeOf } from '../../test/compliance.ts'
import { smallModel } from '../../test/gguf.ts'

const denied = [403, '/problems/guardrail-denied']
const octets = { 'content-type': 'application/octet-stream' }
const remote = { engine: 'openai', model: 'far', baseUrl: 'http://127.0.0.1:1/v1' }

const modelOf = async (by: Caller): Promise<(spec?: object, name?: string) => Promise<Reply>> => {
  const { body } = await by.post('/api/v1/uploads', smallModel(), octets)
  return (spec = {}, name = 'small') => by.put('/api/v1/models', { name, spec: { digest: body.digest, ...spec } })
}

test('a model that does not say where it came from is refused with the guardrail’s own words, and taken once it does', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const apply = await modelOf(owner)
  const assignment = await assigned(owner, 'source', { guardrail: 'builtin/model-source-stated' })

  const refused = await apply()

  assert.deepEqual(typeOf(refused), denied)
  const { detail, denied: by } = refused.body
  assert.match(detail, /Model small does not say where it came from: set spec\.source\./)
  assert.deepEqual([by[0].guardrail, by[0].assignment], ['builtin/model-source-stated', assignment])
  assert.deepEqual((await owner.get('/api/v1/models')).body.items, [])
  const taken = await apply({ source: 'transfer 2027-014' })
  assert.equal(taken.status, 201, taken.text)
  assert.equal(taken.body.verdicts[0].state, 'compliant')
  assert.deepEqual(typeOf(await apply({})), denied, 'nor is what it said taken back')
})

test('a remote engine is shown by a dry run and refused when it is enforced; elsewhere it goes on', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['a', 'b']) await owner.put('/api/v1/projects', { name, spec: {} })
  const put = (name: string, scope: string) => owner.put('/api/v1/deployments', { name, scope, spec: remote })
  await assigned(owner, 'local', { guardrail: 'builtin/engine-local', enforced: false }, '/a')
  assert.equal((await put('far', '/a')).body.verdicts[0].state, 'non-compliant')

  await assigned(owner, 'local', { guardrail: 'builtin/engine-local' }, '/a')

  assert.deepEqual(typeOf(await put('other', '/a')), denied)
  assert.equal((await put('other', '/b')).status, 201)
})

test('many at once are all refused for one that is not allowed; a dry run says what each would be', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await putGuardrail(owner, 'titled', {
    kinds: ['folder', 'project'],
    require: { field: 'spec.title', exists: true },
    message: '{kind} {name} has no title.',
  })
  const guardrail = 'guardrail:/titled'
  const resources = [
    { kind: 'folder', name: 'a', spec: { title: 'A' } },
    { kind: 'project', name: 'p', scope: '/a', spec: {} },
  ]
  await assigned(owner, 'titled', { guardrail, enforced: false })
  const { body } = await owner.post('/api/v1/apply', { resources, dryRun: true })
  const items: any[] = body.changes
  assert.deepEqual(
    items.map(({ verdicts }) => verdicts[0].state),
    ['compliant', 'non-compliant'],
  )

  await assigned(owner, 'titled', { guardrail })
  const refused = await owner.post('/api/v1/apply', { resources })

  assert.deepEqual(typeOf(refused), denied)
  assert.match(refused.body.detail, /project p has no title\. Nothing was applied\.|Document 2 .*project p has no title/)
  assert.deepEqual((await owner.get('/api/v1/folders')).body.items, [])
})

test('a site described in files puts its own guardrails to work: definition, initiative and assignment by name, and again without a change', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const resources = [
    {
      kind: 'guardrail-assignment',
      name: 'basics',
      scope: '/ai',
      spec: { initiative: 'initiative:/basics', parameters: { hours: 4 } },
    },
    {
      kind: 'initiative',
      name: 'basics',
      spec: {
        title: 'Basics',
        description: '',
        category: 'test',
        version: '1.0.0',
        parameters: { hours: { type: 'integer', title: 'Hours', minimum: 1 } },
        guardrails: [
          { guardrail: 'guardrail:/wide', parameters: { answers: { param: 'hours' } } },
          { guardrail: 'builtin/model-source-stated' },
        ],
      },
    },
    {
      kind: 'guardrail',
      name: 'wide',
      spec: {
        title: 'Not too many answers at once',
        description: '',
        category: 'test',
        version: '1.0.0',
        kinds: ['deployment'],
        parameters: { answers: { type: 'integer', title: 'At most' } },
        require: { field: 'spec.parallel', default: 2, lte: { param: 'answers' } },
        effects: ['deny', 'audit'],
        effect: 'deny',
        message: '{name} answers {spec.parallel} at once; {param.answers} are allowed.',
      },
    },
    { kind: 'folder', name: 'ai' },
  ]
  const first = await owner.post('/api/v1/apply', { resources })
  assert.equal(first.status, 200, first.text)

  const again = await owner.post('/api/v1/apply', { resources })

  const outcomes = again.body.changes.map(({ outcome }: { outcome: string }) => outcome)
  assert.deepEqual(outcomes, ['unchanged', 'unchanged', 'unchanged', 'unchanged'])
  const put = (parallel: number) => owner.put('/api/v1/deployments', { name: 'far', scope: '/ai', spec: { ...remote, parallel } })
  const refused = await put(5)
  assert.deepEqual(typeOf(refused), denied)
  assert.match(refused.body.detail, /far answers 5 at once; 4 are allowed\./)
  assert.equal((await put(4)).status, 201)
})
