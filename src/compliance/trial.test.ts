import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from '../../test/app.ts'
import { definition, putGuardrail, typeOf } from '../../test/compliance.ts'

const url = '/api/v1/guardrails/try'

test('a definition is tried over what there is: how many meet it, which do not and why; nothing is changed', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  await owner.put('/api/v1/projects', { name: 'p', labels: { purpose: 'search' }, spec: {} })
  for (const name of ['q', 'r']) await owner.put('/api/v1/projects', { name, scope: '/a', spec: {} })
  const before = (await app.audit()).length

  const { status, body, text } = await owner.post(url, { definition: definition() })

  assert.equal(status, 200, text)
  assert.deepEqual(body.counts, { compliant: 1, 'non-compliant': 2, unknown: 0, 'not-applicable': 0 })
  assert.deepEqual([body.judged, body.more, body.lockOut], [3, false, undefined])
  assert.deepEqual(
    body.samples.map(({ resource, state, message }: any) => [resource.name, state, message]),
    ['q', 'r'].map((name) => [name, 'non-compliant', `${name} does not say what it is for.`]),
  )
  assert.deepEqual((await owner.get('/api/v1/guardrails')).body.items, [])
  assert.equal((await app.audit()).length, before)
  const below = await owner.post(url, { definition: definition(), scope: '/a' })
  assert.deepEqual([below.body.judged, below.body.counts['non-compliant']], [2, 2])
  const none = await owner.post(url, { definition: definition(), kinds: ['model'] })
  assert.equal(none.body.judged, 0)
})

test('trying what would refuse everything says so; a modify says what it would change', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['p', 'q', 'r']) await owner.put('/api/v1/projects', { name, spec: {} })
  const id = await putGuardrail(owner, 'purpose')

  for (const guardrail of [id, 'guardrail:/purpose'])
    assert.equal((await owner.post(url, { guardrail })).body.lockOut.reason, 'refuses-everything', guardrail)

  const modify = definition({ effects: ['modify'], effect: 'modify', modify: [{ path: 'labels.purpose', value: 'unsaid' }] })
  const { body } = await owner.post(url, { definition: modify })
  assert.deepEqual(body.samples[0].changes, [{ path: 'labels.purpose', value: 'unsaid' }])
  assert.equal(body.lockOut, undefined)
})

test('a guardrail of the library is tried with values of one’s own; wrong values, names and definitions are refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.get('/api/v1/guardrail-library')
  const [ready] = body.guardrails.filter(({ definition: { parameters = {} } }: any) =>
    Object.values<any>(parameters).every((parameter) => parameter.default !== undefined),
  )

  assert.equal((await owner.post(url, { guardrail: ready.ref })).status, 200)
  assert.deepEqual(typeOf(await owner.post(url, { guardrail: ready.ref, parameters: { surprise: 1 } })), [
    400,
    '/problems/guardrail-misfit',
  ])
  assert.equal((await owner.post(url, { guardrail: 'builtin/no-such' })).status, 404)
  assert.equal((await owner.post(url, { guardrail: `guardrail_${'0'.repeat(26)}` })).status, 404)
  assert.equal((await owner.post(url, {})).status, 400)
  assert.equal((await owner.post(url, { guardrail: ready.ref, effect: 'disabled' })).body.judged, 0)
  const wrong = definition({ require: { field: 'name', resembles: 'x' } })
  assert.deepEqual(typeOf(await owner.post(url, { definition: wrong })), [400, '/problems/guardrail-malformed'])
})

test('a trial looks only at what the caller may read, and at nothing for who may read no guardrail', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['a', 'b']) {
    await owner.put('/api/v1/folders', { name, spec: {} })
    await owner.put('/api/v1/projects', { name: 'p', scope: `/${name}`, spec: {} })
  }
  const operator = await app.as('operator', { scope: '/a' })
  const member = await app.as('member')

  assert.equal((await operator.post(url, { definition: definition(), scope: '/a' })).body.judged, 1)
  assert.equal((await operator.post(url, { definition: definition() })).status, 404)
  for (const scope of ['/b', '/c'])
    assert.deepEqual(typeOf(await operator.post(url, { definition: definition(), scope })), [404, '/problems/scope-missing'])
  assert.equal((await member.post(url, { definition: definition() })).status, 404)
})
