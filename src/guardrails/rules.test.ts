import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nowMs, id, definition, document, subject, setOf, ruleOf } from '../../test/guardrail-rules.ts'
import type { Exemption } from './schema.ts'
import { reaches, verdictOf } from './verdict.ts'

test('a verdict says which assignment of which guardrail, with what effect, under which version, and why', () => {
  const set = setOf({})
  assert.deepEqual(verdictOf(set.rules[0]!, subject()), {
    assignment: 'assignment_0',
    guardrail: id(0),
    effect: 'deny',
    enforced: true,
    state: 'non-compliant',
    message: 'chat runs openai.',
    policyVersion: set.version,
  })
})

test('what cannot be judged is unknown and says what is not known', () => {
  const verdict = verdictOf(ruleOf(), subject(document({ spec: {} })))
  assert.equal(verdict.state, 'unknown')
  assert.equal(verdict.message, 'It cannot be judged: spec.engine not known.')
})

test('a guardrail is not about what its `when` leaves out; where that is unknown, so is the verdict', () => {
  const rule = ruleOf({ definitions: [definition({ when: { field: 'facts.public', equals: true } })] })
  const state = (facts: Record<string, unknown>) => verdictOf(rule, subject(document({ facts }))).state
  assert.deepEqual([state({ public: false }), state({ public: true }), state({})], ['not-applicable', 'non-compliant', 'unknown'])
})

test('a disabled guardrail says nothing at all', () => {
  const disabled = definition({ effects: ['deny', 'disabled'] })
  assert.deepEqual(setOf({ definitions: [disabled], assignments: [{ guardrail: id(0), effect: 'disabled' }] }).rules, [])
})

test('a manual guardrail is unknown until a person attests, whatever holds', () => {
  const rule = ruleOf({ definitions: [definition({ effects: ['manual'], effect: 'manual', require: { all: [] } })] })
  assert.equal(verdictOf(rule, subject()).state, 'unknown')
})

test('a message shows others’ text cut, on one line, and never turned around', () => {
  const rule = ruleOf({ definitions: [definition({ message: '{spec.engine}|{labels}|{spec.list}|{facts.none}|{criticality}' })] })
  const doc = document({
    spec: { engine: `a\n\u202E${'x'.repeat(200)}`, list: Array.from({ length: 12 }, (_, i) => i) },
    labels: { env: 'x' },
  })
  assert.equal(
    verdictOf(rule, subject(doc)).message,
    `a  ${'x'.repeat(117)}|env|0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more|(not known)|(none)`,
  )
})

// ——— where it reaches

test('an assignment reaches what lies at its scope or below, and the scope itself', () => {
  const rule = ruleOf()
  assert.ok(reaches(rule, subject()))
  assert.ok(reaches(rule, { doc: document({ kind: 'folder', id: 'folder_a', scope: '/' }), ancestors: ['org_1'], nowMs }))
  assert.ok(!reaches(rule, { doc: document(), ancestors: ['folder_c', 'org_1'], nowMs }))
})

const places: [string, boolean][] = [
  ['/a/b', false],
  ['/a', false],
  ['/', false],
  ['/a/bc', true],
  ['/a/b/c', true],
  ['folder_b', false],
  ['deployment_1', false],
  ['folder_c', true],
  ['deployment_12', true],
]
for (const [place, reached] of places)
  test(`excluding ${place} ${reached ? 'leaves the guardrail in force' : 'takes the guardrail away'} for what lies in /a/b`, () => {
    assert.equal(reaches(ruleOf({ assignments: [{ guardrail: id(0), exclude: [place] }] }), subject()), reached)
  })

test('excluding the path of a folder excludes the folder', () => {
  const rule = ruleOf({ assignments: [{ guardrail: id(0), exclude: ['/a/lab'] }] })
  const folder = (name: string) => subject(document({ kind: 'folder', id: 'folder_x', scope: '/a', scopeId: 'folder_a', name }))
  assert.deepEqual([reaches(rule, folder('lab')), reaches(rule, folder('laboratory'))], [false, true])
})

test('* is every kind but those that govern and those that are observed, which have to be named', () => {
  const about = (kinds: string[], kind: string) =>
    ruleOf({ definitions: [definition({ kinds, effects: ['audit'], effect: 'audit' })] }).compiled.covers(kind)
  assert.deepEqual(
    ['deployment', 'role-assignment', 'guardrail', 'exemption', 'person', 'site'].map((kind) => about(['*'], kind)),
    [true, true, false, false, false, false],
  )
  assert.deepEqual(
    [about(['*', 'exemption'], 'exemption'), about(['person'], 'person'), about(['model'], 'person')],
    [true, true, false],
  )
})

// ——— exemptions

const until = (expiresAt: string, rest: Partial<Exemption> = {}) =>
  ruleOf({ exemptions: [{ category: 'waived', resource: 'deployment_1', expiresAt, ...rest }] })

test('an exemption holds until the moment it ends, and not a second longer', () => {
  const rule = until('2027-01-15T12:00:00Z')
  const stateAt = (at: number) => verdictOf(rule, subject(document(), at)).state
  assert.deepEqual([stateAt(nowMs - 1), stateAt(nowMs), stateAt(nowMs + 1_000)], ['exempt', 'non-compliant', 'non-compliant'])
})

test('an exemption is named with its end, and covers only what it says', () => {
  const { state, exemption, exemptUntil } = verdictOf(until('2027-02-01T00:00:00Z'), subject())
  assert.deepEqual([state, exemption, exemptUntil], ['exempt', 'exemption_0', '2027-02-01T00:00:00Z'])
  const other = document({ id: 'deployment_2' })
  assert.equal(verdictOf(until('2027-02-01T00:00:00Z'), subject(other)).state, 'non-compliant')
  assert.equal(verdictOf(until('2027-02-01T00:00:00Z', { guardrails: [id(7)] }), subject()).state, 'non-compliant')
})

test('an exemption of a scope covers what lies below it', () => {
  const rule = ruleOf({ exemptions: [{ category: 'mitigated', scopeId: 'folder_b', expiresAt: '2027-02-01T00:00:00Z' }] })
  assert.equal(verdictOf(rule, subject()).state, 'exempt')
  assert.equal(
    verdictOf(rule, { doc: document({ scopeId: 'folder_c' }), ancestors: ['folder_c', 'folder_a'], nowMs }).state,
    'non-compliant',
  )
})

test('what meets its guardrail is compliant, exempt or not', () => {
  assert.equal(verdictOf(until('2027-02-01T00:00:00Z'), subject(document({ spec: { engine: 'llama' } }))).state, 'compliant')
})

// ——— modify
