import assert from 'node:assert/strict'
import { test } from 'node:test'
import { id, definition, subject, setOf } from '../../test/guardrail-rules.ts'
import { checkInitiative } from './initiative.ts'
import { malformed } from './language/reading.ts'
import type { Assignment, Initiative } from './schema.ts'
import { verdictOf } from './verdict.ts'

const withDays = definition({
  parameters: {
    days: { type: 'integer', title: 'Days', minimum: 1, maximum: 90 },
    mode: { type: 'string', title: 'Mode', default: 'a', enum: ['a', 'b'] },
  },
  require: { field: 'spec.days', lte: { param: 'days' } },
  message: '{spec.days} of {param.days}',
})
const values: [string, Assignment['parameters'], string | undefined][] = [
  ['all that is needed', { days: 30 }, undefined],
  ['all there is', { days: 30, mode: 'b' }, undefined],
  ['nothing', {}, '/parameters/days'],
  ['a text for a number', { days: '30' }, '/parameters/days'],
  ['half a day', { days: 0.5 }, '/parameters/days'],
  ['too few', { days: 0 }, '/parameters/days'],
  ['too many', { days: 91 }, '/parameters/days'],
  ['a rounded number', { days: 2 ** 53 }, '/parameters/days'],
  ['a value that is not among those', { days: 1, mode: 'c' }, '/parameters/mode'],
  ['one it does not have', { days: 1, hours: 2 }, '/parameters/hours'],
  ['a list for a number', { days: [1] }, '/parameters/days'],
  ['no value where there is a default', { days: 1, mode: null }, '/parameters/mode'],
]
for (const [name, parameters, at] of values)
  test(`an assignment that gives ${name} ${at === undefined ? 'fits' : 'does not fit, and says where'}`, () => {
    const { misfits } = setOf({ definitions: [withDays], assignments: [{ guardrail: id(0), parameters: parameters! }] })
    assert.equal(misfits[0]?.faults[0]?.at, at)
  })

test('an assignment that no longer fits judges as unknown and refuses nothing', () => {
  const { rules } = setOf({ definitions: [withDays] })
  const verdict = verdictOf(rules[0]!, subject())
  assert.deepEqual([verdict.state, verdict.effect], ['unknown', 'audit'])
  assert.match(verdict.message!, /\/parameters\/days has no default/)
})

const grouped = (guardrails: Initiative['guardrails'], parameters?: Initiative['parameters']): Initiative => ({
  title: 'Group',
  description: '',
  category: 'test',
  version: '1.0.0',
  guardrails,
  ...(parameters ? { parameters } : {}),
})

test('an initiative hands its values down, and an assignment may choose the effect of each', () => {
  const initiative = grouped([{ guardrail: id(0), parameters: { days: { param: 'period' }, mode: 'b' } }, { guardrail: id(1) }], {
    period: { type: 'integer', title: 'Period', default: 7 },
  })
  const { rules, misfits } = setOf({
    definitions: [withDays, definition()],
    initiatives: { initiative_1: initiative },
    assignments: [{ initiative: 'initiative_1', parameters: { period: 14 }, effects: { [id(1)]: 'audit' } }],
  })
  assert.deepEqual(misfits, [])
  assert.deepEqual(
    rules.map(({ guardrail, initiative: by, parameters, effect }) => [guardrail, by, parameters, effect]),
    [
      [id(0), 'initiative_1', { days: 14, mode: 'b' }, 'deny'],
      [id(1), 'initiative_1', {}, 'audit'],
    ],
  )
})

test('an initiative is refused that names no guardrail there is, one twice, or leaves a value open', () => {
  const known = { definitions: new Map([[id(0), withDays]]) }
  const cases: [Initiative, RegExp][] = [
    [grouped([{ guardrail: id(9) }]), /there is no guardrail/],
    [
      grouped([
        { guardrail: id(0), parameters: { days: 1 } },
        { guardrail: id(0), parameters: { days: 2 } },
      ]),
      /named twice/,
    ],
    [grouped([{ guardrail: id(0) }]), /has no default/],
    [grouped([{ guardrail: id(0), parameters: { days: { param: 'none' } } }]), /has no default/],
    [grouped([{ guardrail: id(0), parameters: { days: 1 }, effect: 'manual' }]), /has the effects/],
  ]
  for (const [initiative, message] of cases)
    assert.throws(() => checkInitiative(initiative, known), { code: malformed.code, message })
})

test('an assignment of both, of neither, or with an effect its guardrail has not, does not fit', () => {
  const faults = (assignment: Assignment) => setOf({ assignments: [assignment] }).misfits[0]?.faults[0]?.message
  assert.match(faults({})!, /either a guardrail or an initiative/)
  assert.match(faults({ guardrail: id(0), initiative: 'builtin/baseline' })!, /either/)
  assert.match(faults({ guardrail: id(0), effect: 'modify' })!, /has the effects deny, audit/)
  assert.match(faults({ guardrail: id(0), effects: { [id(0)]: 'deny' } })!, /for an initiative/)
  assert.match(faults({ initiative: 'builtin/baseline', effect: 'audit' })!, /for one guardrail/)
  assert.match(faults({ initiative: 'builtin/baseline', effects: { 'builtin/passkey': 'audit' } })!, /not in this initiative/)
})

// ——— locking out
