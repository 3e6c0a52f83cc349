import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { id, document, subject, setOf, setting, rulesOf } from '../../test/guardrail-rules.ts'
import { amended, guardrailConflict } from './amend.ts'
import type { GuardrailDocument } from './schema.ts'
import { verdictOf } from './verdict.ts'

test('modify sets what is missing or different, in labels, spec and criticality, and takes out what is null', () => {
  const rules = rulesOf(
    setting('spec.engine', 'llama'),
    setting('spec.limits.memory', 4),
    setting('labels.cost-centre.example/x', '7'),
    setting('criticality', 'high'),
    setting('spec.baseUrl', null, { require: { field: 'spec.baseUrl', exists: false } }),
  )
  const { doc } = amended(rules, subject(document({ spec: { engine: 'openai', baseUrl: 'http://x' } })))
  assert.deepEqual(
    [doc.spec, doc.labels, doc.criticality],
    [{ engine: 'llama', limits: { memory: 4 } }, { 'cost-centre.example/x': '7' }, 'high'],
  )
})

test('a dry run, an exemption and a text in the way of the path leave a document as it is', () => {
  const rule = setting('spec.engine.name', 'llama')
  const dry = setOf({ definitions: [setting('spec.engine', 'llama')], assignments: [{ guardrail: id(0), enforced: false }] })
  const exempt = setOf({
    definitions: [setting('spec.engine', 'llama')],
    exemptions: [{ category: 'waived', resource: 'deployment_1', expiresAt: '2027-02-01T00:00:00Z' }],
  })
  for (const rules of [rulesOf(rule), dry.rules, exempt.rules]) assert.deepEqual(amended(rules, subject()).doc, document())
  assert.deepEqual(verdictOf(dry.rules[0]!, subject()).changes, [{ path: 'spec.engine', value: 'llama' }])
})

test('two guardrails that set one field to different values change nothing, and both are named', () => {
  const rules = rulesOf(setting('spec.engine', 'llama'), setting('spec.engine', 'vllm'))
  assert.throws(
    () => amended(rules, subject()),
    (problem: any) => {
      assert.equal(problem.code, guardrailConflict.code)
      assert.deepEqual([...problem.facts.guardrails].sort(), [id(0), id(1)])
      return true
    },
  )
})

test('two guardrails that undo each other by taking out and putting in end in a refusal, not in a circle', () => {
  const rules = rulesOf(
    setting('spec.limits', null, { require: { field: 'spec.limits', exists: false } }),
    setting('spec.limits.memory', 4),
  )
  assert.throws(() => amended(rules, subject()), { code: guardrailConflict.code })
})

test('modifying what was modified changes nothing more, whatever guardrails meet', () => {
  const anyPath = fc.constantFrom('spec.a', 'spec.b', 'spec.a.c', 'labels.a', 'labels.b')
  const anyText = fc.constantFrom('x', 'y')
  const anySetter = fc
    .record({
      when: fc.option(fc.tuple(anyPath, anyText), { nil: undefined }),
      path: anyPath,
      value: anyText,
      from: fc.option(anyPath, { nil: undefined }),
    })
    .map(({ when, path, value, from }) =>
      setting(path, value, {
        ...(when ? { when: { field: when[0], default: 'none', equals: when[1] } } : {}),
        ...(from ? { require: { field: path, equals: { field: from } }, modify: [{ path, value: { field: from } }] } : {}),
      }),
    )
  const anyMembers = fc.dictionary(fc.constantFrom('a', 'b'), anyText)
  let settled = 0
  let fought = 0
  fc.assert(
    fc.property(fc.array(anySetter, { minLength: 1, maxLength: 5 }), anyMembers, anyMembers, (definitions, spec, labels) => {
      const rules = rulesOf(...definitions)
      let once: GuardrailDocument
      try {
        once = amended(rules, subject(document({ spec, labels }))).doc
      } catch (error: any) {
        assert.equal(error.code, guardrailConflict.code)
        return void fought++
      }
      settled++
      const again = amended(rules, subject(once))
      assert.deepEqual(again.doc, once)
      assert.equal(again.changes.size, 0)
    }),
    { numRuns: 2_000 },
  )
  assert.ok(settled > 200 && fought > 20, `${settled} settled, ${fought} fought`)
})

// ——— definitions that do not hold together
