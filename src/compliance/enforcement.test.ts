import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approve, approver, ask } from '../../test/approvals.ts'
import { testApp, type Caller, type Reply, type TestApp } from '../../test/app.ts'
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

/** Two folders; in the second, two owners forced what locks everyone out there. */
const lockedPlace = async (app: TestApp, given: object, spec: object = {}) => {
  const owner = await app.as('owner')
  const second = await approver(app, 'second', 'owner')
  for (const name of ['from', 'to']) await owner.put('/api/v1/folders', { name, spec: {} })
  const lab = await owner.put('/api/v1/folders', { scope: '/from', name: 'lab', spec: {} })
  const guardrail = await putGuardrail(owner, 'closed', given)
  const body = { name: 'closed', scope: '/to', spec: { guardrail, force: true, ...spec } }
  const forced = await ask(owner, { operationId: 'guardrailAssignmentApply', body })
  assert.equal((await approve(second, forced)).body.state, 'done')
  const url = `/api/v1/folders/${lab.body.resource.id}`
  return {
    owner,
    second,
    id: lab.body.resource.id as string,
    move: (to: object) => owner.post(`${url}/move`, { scope: '/to', ...to }),
    place: async () => (await owner.get(url)).body.scope,
  }
}

const governing = { kinds: ['exemption'], require: { field: 'labels.ticket', exists: true } }
const lockOut = [409, '/problems/lock-out']

test('a folder does not come by moving under what locks everyone out there, until two owners force it', async (t) => {
  const app = await testApp(t)
  const { second, id, move, place } = await lockedPlace(app, governing)

  const refused = await move({})
  assert.deepEqual([...typeOf(refused), refused.body.lockOuts[0].reason], [...lockOut, 'governs-guardrails'])
  assert.match(refused.body.detail, /nobody could take it away/)
  assert.deepEqual(typeOf(await move({ dryRun: true })), lockOut)
  assert.deepEqual(typeOf(await move({ force: true })), [403, '/problems/approval-needed'])
  const { body: tried } = await move({ force: true, dryRun: true })
  assert.deepEqual(
    tried.approvals.map(({ action }: { action: string }) => action),
    ['guardrail.force'],
  )
  assert.equal(await place(), '/from')

  const owner = await app.as('owner')
  const asked = await ask(owner, { operationId: 'folderMove', path: { id }, body: { scope: '/to', force: true } })
  const officer = await approver(app, 'officer')
  const states = []
  for (const who of [officer, second]) states.push((await approve(who, asked)).body.state)
  assert.deepEqual([states, await place()], [['open', 'done'], '/to'])
  const forced = (await app.audit()).filter(({ action, outcome }) => action === 'guardrail.force' && outcome === 'done')
  assert.deepEqual(
    forced.map(({ resource }) => resource.kind),
    ['guardrail-assignment', 'folder'],
  )
  assert.equal(forced[1]!.resource.id, id)
})

test('what nothing there can ever meet is found though the folder holds nothing; where it is excluded, or force is not needed, a folder moves', async (t) => {
  const never = { kinds: ['deployment'], require: { any: [] } }
  const { move } = await lockedPlace(await testApp(t), never)
  const refused = await move({})
  assert.deepEqual([...typeOf(refused), refused.body.lockOuts[0].reason], [...lockOut, 'never-holds'])

  const excluded = await lockedPlace(await testApp(t), never, { exclude: ['/to/lab'] })
  assert.equal((await excluded.move({ force: true })).status, 200)
  assert.equal(await excluded.place(), '/to')
  assert.equal((await excluded.move({ scope: '/from' })).status, 200, 'and out of it again')
})
