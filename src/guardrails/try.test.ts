import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nowMs, id, definition, document, setting } from '../../test/guardrail-rules.ts'
import { lockOut, tryOut } from './try.ts'
import type { Assignment, Definition } from './schema.ts'

const samples = [1, 2, 3].map((n) => document({ id: `deployment_${n}`, scopeId: 'folder_a' }))
const now = new Date(nowMs)
const reasonOf = (given: Partial<Definition>, assignment: Partial<Assignment> = {}, docs = samples) =>
  lockOut(definition(given), { guardrail: id(0), ...assignment }, docs, now)?.reason

test('a guardrail that refuses everything there is would lock everyone out; one that lets something pass would not', () => {
  assert.equal(reasonOf({}), 'refuses-everything')
  assert.equal(reasonOf({}, {}, [...samples, document({ id: 'deployment_4', spec: { engine: 'llama' } })]), undefined)
  assert.equal(reasonOf({ require: { field: 'facts.untold', equals: 1 } }), 'refuses-everything')
  assert.match(lockOut(definition(), { guardrail: id(0) }, samples, now)!.explanation, /would refuse all 3/)
})

test('two are too few to tell, other kinds and excluded places do not count', () => {
  assert.equal(reasonOf({}, {}, samples.slice(0, 2)), undefined)
  assert.equal(reasonOf({ kinds: ['model'] }), undefined)
  assert.equal(reasonOf({}, { exclude: ['deployment_3'] }), undefined)
})

test('a guardrail whose requirement can hold for nothing is found by its text alone', () => {
  assert.equal(reasonOf({ require: { any: [] } }, {}, []), 'never-holds')
  const list = {
    parameters: { licences: { type: 'strings', title: 'Licences' } },
    require: { field: 'facts.licence', in: { param: 'licences' } },
  } as const
  assert.equal(reasonOf(list, { parameters: { licences: [] } }, []), 'never-holds')
  assert.equal(reasonOf(list, { parameters: { licences: ['mit'] } }, []), undefined)
  assert.equal(reasonOf({ when: { any: [] }, require: { any: [] } }, {}, []), undefined)
})

test('a guardrail over guardrails could keep itself in place, whether it refuses or changes them', () => {
  for (const kind of ['guardrail', 'initiative', 'guardrail-assignment', 'exemption', 'publisher'])
    assert.equal(reasonOf({ kinds: ['model', kind] }, {}, []), 'governs-guardrails', kind)
  const modifying = setting('spec.enforced', true)
  assert.equal(lockOut({ ...modifying, kinds: ['guardrail-assignment'] }, {}, [], now)?.reason, 'governs-guardrails')
  assert.equal(reasonOf({ kinds: ['*'] }, {}, []), undefined)
})

test('a dry run and an audit lock nobody out', () => {
  assert.equal(reasonOf({}, { enforced: false }), undefined)
  assert.equal(reasonOf({}, { effect: 'audit' }), undefined)
  assert.equal(reasonOf({ kinds: ['guardrail'] }, { enforced: false }), undefined)
})

test('a guardrail that is tried says what it would say, and of what it is not about nothing', () => {
  const docs = [document(), document({ spec: { engine: 'llama' } }), document({ kind: 'model' })]
  assert.deepEqual(
    tryOut(definition(), {}, docs, now).map((verdict) => verdict?.state),
    ['non-compliant', 'compliant', undefined],
  )
})
