import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definition, setting } from '../../test/guardrail-rules.ts'
import { checkDefinition } from './definition.ts'
import { malformed } from './language/reading.ts'
import type { Definition, Effect } from './schema.ts'

const refused: [string, Partial<Definition> | ((given: Definition) => unknown), string][] = [
  ['an effect it does not list', { effect: 'audit', effects: ['deny'] }, '/effect'],
  ['modify without saying what', { effects: ['modify'], effect: 'modify' }, '/modify'],
  ['changes without the effect', { remediate: [{ path: 'spec.a', value: 1 }] }, '/remediate'],
  ['nothing to require', (given) => JSON.parse(JSON.stringify({ ...given, require: undefined })), '/require'],
  ['refusing what is only observed', { kinds: ['person'] }, '/effects'],
  ['setting the owner', setting('owner', 'user_x'), '/modify/0/path'],
  ['setting the classification', setting('classification.rank', 0), '/modify/0/path'],
  ['setting through the prototype', setting('spec.__proto__.x', 1, { require: { all: [] } }), '/modify/0/path'],
  ['a number for a label', setting('labels.a', 1, { require: { all: [] } }), '/modify/0/value'],
  ['a criticality there is not', setting('criticality', 'utmost', { require: { all: [] } }), '/modify/0/value'],
  ['a rounded number to set', setting('spec.a', 2 ** 53, { require: { all: [] } }), '/modify/0/value'],
  ['a place in the message for nothing', { message: '{secret.key}' }, '/message'],
  ['a place in the message for no parameter', { message: '{param.days}' }, '/message'],
  [
    'a default that is not of its type',
    { parameters: { days: { type: 'integer', title: 'Days', default: 1.5 } } },
    '/parameters/days/default',
  ],
  [
    'a rounded default',
    { parameters: { days: { type: 'number', title: 'Days', default: 2 ** 53 } } },
    '/parameters/days/default',
  ],
  ['a member it does not have', (given) => ({ ...given, script: 'x' }), ''],
  ['no version', { version: 'new' }, '/version'],
  ['an effect there is not', { effects: ['mutate' as Effect], effect: 'mutate' as Effect }, '/effects/0'],
  [
    'a parameter named like what objects inherit',
    () => ({ ...definition(), parameters: JSON.parse('{"__proto__x": {"type": "string", "title": "x"}}') }),
    '/parameters',
  ],
]
for (const [name, given, at] of refused)
  test(`a definition is refused, saying where: ${name}`, () => {
    const made = typeof given === 'function' ? given(definition()) : definition(given)
    assert.throws(
      () => checkDefinition(made),
      (problem: any) => {
        assert.equal(problem.code, malformed.code)
        assert.ok(
          problem.facts.faults.some((fault: { at: string }) => fault.at === at),
          JSON.stringify(problem.facts.faults),
        )
        return true
      },
    )
  })

// ——— values and initiatives
