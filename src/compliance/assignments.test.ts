import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approve, approver, ask, changeSets } from '../../test/approvals.ts'
import { testApp, type TestApp } from '../../test/app.ts'
import { assign, assigned, definition, putGuardrail, typeOf } from '../../test/compliance.ts'

const denied = [403, '/problems/guardrail-denied']

test('a dry run says what it would refuse and refuses nothing; enforced, it refuses with its message; removed, it is gone', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const id = await putGuardrail(owner, 'purpose')
  const trial = await assigned(owner, 'purpose', { guardrail: id, enforced: false })

  const let_ = await owner.put('/api/v1/projects', { name: 'a', spec: {} })
  assert.equal(let_.status, 201, let_.text)
  assert.deepEqual(
    let_.body.verdicts.map((verdict: any) => [verdict.assignment, verdict.state, verdict.enforced, verdict.message]),
    [[trial, 'non-compliant', false, 'a does not say what it is for.']],
  )

  await assigned(owner, 'purpose', { guardrail: id })
  const refused = await owner.put('/api/v1/projects', { name: 'b', spec: {} })
  assert.deepEqual(typeOf(refused), denied)
  assert.match(refused.body.detail, /A project says what it is for: b does not say what it is for\./)
  assert.equal((await owner.put('/api/v1/projects', { name: 'b', labels: { purpose: 'search' }, spec: {} })).status, 201)
  assert.equal((await owner.get('/api/v1/projects/a')).status, 200, 'what was there stays')

  assert.equal((await owner.delete('/api/v1/guardrail-assignments/purpose')).status, 204)
  assert.equal((await owner.put('/api/v1/projects', { name: 'c', spec: {} })).status, 201)
})

test('it holds at its place and below, not in what is excluded, and is left alone while it is assigned', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['a', 'b']) await owner.put('/api/v1/folders', { name, spec: {} })
  await owner.put('/api/v1/folders', { name: 'c', scope: '/a', spec: {} })
  await putGuardrail(owner, 'purpose')
  const named = 'guardrail:/purpose'
  await assigned(owner, 'here', { guardrail: named, exclude: ['/a/c'], note: 'Agreed on Monday' }, '/a')

  const make = async (scope: string) => (await owner.put('/api/v1/projects', { name: 'p', scope, spec: {} })).status
  assert.deepEqual([await make('/a'), await make('/a/c'), await make('/b'), await make('/')], [403, 201, 201, 201])

  assert.deepEqual(typeOf(await owner.delete('/api/v1/guardrails/purpose')), [409, '/problems/guardrail-in-use'])
})

test('who decides in one place cannot put to work there what lies elsewhere, nor what does not fit', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['a', 'b']) await owner.put('/api/v1/folders', { name, spec: {} })
  const elsewhere = await putGuardrail(owner, 'theirs', {}, '/b')
  await putGuardrail(owner, 'ours', {}, '/')
  const officer = await app.as('security-officer', { scope: '/a', name: 'local' })

  for (const guardrail of [elsewhere, 'guardrail:/b/theirs', `guardrail_${'0'.repeat(26)}`]) {
    const refused = await assign(officer, 'x', { guardrail }, '/a')
    assert.deepEqual([refused.status, refused.body.faults[0].at], [400, '/spec/guardrail'], refused.text)
  }
  assert.equal((await assign(officer, 'x', { guardrail: 'guardrail:/ours' }, '/')).status, 403)
  assert.equal((await assign(officer, 'x', { guardrail: 'guardrail:/ours' }, '/a')).status, 201)
  for (const spec of [{ guardrail: 'builtin/no-such' }, { guardrail: 'guardrail:/ours', effect: 'modify' }, {}])
    assert.deepEqual(typeOf(await assign(owner, 'y', spec)), [400, '/problems/guardrail-misfit'], JSON.stringify(spec))
  assert.equal((await assign(owner, 'y', { guardrail: 'builtin/x', surprise: 1 })).status, 400)
})

test('everything in the library can be assigned as a dry run, alone and as initiatives', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.get('/api/v1/guardrail-library')
  const without = (parameters: Record<string, { type: string; default?: unknown }> = {}) =>
    Object.fromEntries(
      Object.entries(parameters)
        .filter(([, parameter]) => parameter.default === undefined)
        .map(([name, { type }]) => [name, { strings: ['x'], string: 'x', boolean: true, integer: 1, number: 1 }[type]]),
    )

  const resources = [
    ...body.guardrails.map(({ ref, definition: { parameters } }: any) => ({ guardrail: ref, parameters: without(parameters) })),
    ...body.initiatives.map(({ ref, initiative: { parameters } }: any) => ({ initiative: ref, parameters: without(parameters) })),
  ].map((spec, i) => ({ kind: 'guardrail-assignment', name: `a-${i}`, spec: { ...spec, enforced: false } }))
  const { status, text } = await owner.post('/api/v1/apply', { resources })

  assert.equal(status, 200, text)
  assert.ok(resources.length > 45, String(resources.length))
})

test('modify makes things so while they are written, and says what it did', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const guardrail = await putGuardrail(owner, 'owned', {
    effects: ['modify', 'audit'],
    effect: 'modify',
    modify: [{ path: 'labels.purpose', value: 'not said' }],
  })
  await assigned(owner, 'owned', { guardrail })

  const made = await owner.put('/api/v1/projects', { name: 'p', spec: {} })

  assert.equal(made.status, 201, made.text)
  assert.deepEqual(made.body.resource.labels, { purpose: 'not said' })
  assert.deepEqual(made.body.verdicts[0].changes, [{ path: 'labels.purpose', value: 'not said' }])
})

test('a guardrail cannot be changed into one that its assignments do not fit', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const guardrail = await putGuardrail(owner, 'purpose')
  await assigned(owner, 'purpose', { guardrail, effect: 'audit' })

  const refused = await owner.put('/api/v1/guardrails', { name: 'purpose', spec: definition({ effects: ['deny'] }) })

  assert.deepEqual(typeOf(refused), [400, '/problems/guardrail-misfit'])
})

test('guardrails do not reach what governs them by “*”; naming it would lock everyone out', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const nothing = { require: { field: 'labels.never', exists: true }, kinds: ['*'] }
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const guardrail = await putGuardrail(owner, 'all', nothing)
  await assigned(owner, 'all', { guardrail }, '/a')
  assert.equal((await owner.put('/api/v1/projects', { name: 'p', scope: '/a', spec: {} })).status, 403)
  assert.equal((await owner.put('/api/v1/guardrails', { name: 'x', scope: '/a', spec: definition() })).status, 201)
  await assigned(owner, 'all', { guardrail, enforced: false }, '/a')

  const governing = await putGuardrail(owner, 'own', { ...nothing, kinds: ['guardrail-assignment'] })
  const refused = await assign(owner, 'own', { guardrail: governing })
  assert.deepEqual(typeOf(refused), [409, '/problems/lock-out'])
  assert.equal(refused.body.lockOuts[0].reason, 'governs-guardrails')
  assert.match(refused.body.detail, /nobody could take it away/)
  assert.equal((await assign(owner, 'own', { guardrail: governing, enforced: false })).status, 201)
})

const three = async (app: TestApp) => {
  const owner = await app.as('owner')
  for (const name of ['a', 'b', 'c']) await owner.put('/api/v1/projects', { name, spec: {} })
  return { owner, guardrail: await putGuardrail(owner, 'purpose') }
}

test('what would refuse everything there is, is refused until two owners force it; neither one owner nor an officer is enough', async (t) => {
  const app = await testApp(t)
  const { owner, guardrail } = await three(app)
  const officer = await approver(app, 'officer')
  const second = await approver(app, 'second', 'owner')

  const refused = await assign(owner, 'purpose', { guardrail })
  assert.deepEqual(typeOf(refused), [409, '/problems/lock-out'])
  assert.equal(refused.body.lockOuts[0].reason, 'refuses-everything')
  assert.deepEqual((await owner.get('/api/v1/guardrail-assignments')).body.items, [], 'nothing of it was kept')

  const spec = { guardrail, force: true }
  assert.deepEqual(typeOf(await assign(owner, 'purpose', spec)), [403, '/problems/approval-needed'])
  assert.deepEqual(typeOf(await assign(officer, 'purpose', spec)), [403, '/problems/forbidden'])
  const id = await ask(owner, { operationId: 'guardrailAssignmentApply', body: { name: 'purpose', spec } })
  const states = []
  for (const who of [officer, second]) states.push((await approve(who, id)).body.state)
  assert.deepEqual(states, ['open', 'done'])

  assert.deepEqual(typeOf(await owner.put('/api/v1/projects', { name: 'd', spec: {} })), denied)
  const forced = (await app.audit()).filter(({ action, outcome }) => action === 'guardrail.force' && outcome === 'done')
  assert.equal(forced.length, 1)
  assert.match(forced[0]!.facts.lockOuts[0].explanation, /would refuse all 3/)
})

test('an assigned guardrail is not turned into a lock-out by changing it, nor by adding it to an assigned initiative', async (t) => {
  const app = await testApp(t)
  const { owner, guardrail } = await three(app)
  const harmless = await putGuardrail(owner, 'harmless', { require: { field: 'name', exists: true } })
  const initiative = (...members: object[]) =>
    owner.put('/api/v1/initiatives', {
      name: 'basics',
      spec: { title: 'Basics', description: '', category: 'x', version: '1.0.0', guardrails: members },
    })
  assert.equal((await initiative({ guardrail: harmless })).status, 201)
  await assigned(owner, 'basics', { initiative: 'initiative:/basics' })

  const changed = await owner.put('/api/v1/guardrails', { name: 'harmless', spec: definition() })
  assert.deepEqual(typeOf(changed), [409, '/problems/lock-out'])
  assert.deepEqual(typeOf(await initiative({ guardrail: harmless }, { guardrail })), [409, '/problems/lock-out'])
  assert.equal((await initiative({ guardrail: harmless }, { guardrail: 'guardrail:/purpose', effect: 'audit' })).status, 200)
  assert.deepEqual((await owner.get(changeSets)).body.items, [])
})
