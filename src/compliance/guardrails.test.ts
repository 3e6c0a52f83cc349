import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from '../../test/app.ts'
import { definition } from '../../test/compliance.ts'

test('a guardrail and an initiative of it are resources; what is grouped cannot be removed', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const made = await owner.put('/api/v1/guardrails', { name: 'purpose', spec: definition() })
  assert.equal(made.status, 201, made.text)
  const { id } = made.body.resource

  const grouped = await owner.put('/api/v1/initiatives', {
    name: 'basics',
    spec: { title: 'Basics', description: '', category: 'ownership', version: '1.0.0', guardrails: [{ guardrail: id }] },
  })
  assert.equal(grouped.status, 201, grouped.text)

  const refused = await owner.delete(`/api/v1/guardrails/${id}`)
  assert.deepEqual([refused.status, refused.body.type], [409, '/problems/guardrail-in-use'])
  assert.equal((await owner.delete('/api/v1/initiatives/basics')).status, 204)
  assert.equal((await owner.delete(`/api/v1/guardrails/${id}`)).status, 204)
})

test('a guardrail whose conditions cannot be read is refused with where', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')

  const refused = await owner.put('/api/v1/guardrails', {
    name: 'wrong',
    spec: definition({ require: { field: 'labels.purpose', resembles: 'x' } }),
  })

  assert.deepEqual([refused.status, refused.body.type], [400, '/problems/guardrail-malformed'])
  assert.match(refused.body.faults[0].at, /^\/require/)
})

test('whoever is signed in sees the library: what each guardrail asks for, by the name it is assigned by', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')

  const { status, body } = await member.get('/api/v1/guardrail-library')

  assert.equal(status, 200)
  assert.ok(body.guardrails.length >= 40, String(body.guardrails.length))
  for (const { ref, source, definition: given } of body.guardrails) {
    assert.match(ref, /^builtin\/[a-z0-9-]+$/)
    assert.equal(source, 'builtin')
    assert.ok(given.title && given.effects.includes(given.effect), ref)
    assert.ok(given.effect === 'manual' || Object.keys(given.require).length > 0, ref)
  }
  assert.ok(body.initiatives.length > 0)
})
