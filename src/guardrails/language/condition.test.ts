import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Condition, GuardrailDocument, ParameterValues } from '../schema.ts'
import { readCondition, stepsMax } from './condition.ts'
import type { Run, Truth } from './field.ts'
import { globOf } from './glob.ts'
import { newReading } from './reading.ts'

const nowMs = Date.parse('2027-01-15T12:00:00Z')

const document = (given: Partial<GuardrailDocument> = {}): GuardrailDocument => ({
  kind: 'deployment',
  id: 'deployment_1',
  scope: '/lab',
  scopeId: 'folder_1',
  name: 'chat',
  labels: { env: 'prod', 'cost-centre.example/x': '7' },
  classification: { rank: 2, caveats: ['med'] },
  owner: 'user_ann',
  spec: { engine: 'llama', parallel: 2, hosts: ['a', 'b'], parts: [{ size: 1 }, { size: 5 }] },
  facts: { model: { licence: 'mit', signed: true }, backup: null, seenAt: '2027-01-05T12:00:00Z' },
  ...given,
})

const run = (doc: GuardrailDocument, before?: GuardrailDocument): Run => ({
  doc,
  before,
  nowMs,
  item: undefined,
  steps: stepsMax,
})
const parameters = {
  text: { type: 'string', title: 'Text' },
  count: { type: 'integer', title: 'Count' },
  list: { type: 'strings', title: 'List' },
} as const
const values: ParameterValues = { text: 'mit', count: 2, list: ['mit', 'apache-2.0'] }

const read = (condition: unknown) => {
  const reading = newReading(parameters, values)
  return { test: readCondition(condition, '', reading), faults: reading.faults }
}
const ask = (condition: Condition, doc = document(), before?: GuardrailDocument): Truth => {
  const { test, faults } = read(condition)
  assert.deepEqual(faults, [])
  return test.holds(run(doc, before))
}
const faultsOf = (condition: unknown) => read(condition).faults

const truths: Record<string, Condition> = {
  true: { field: 'name', equals: 'chat' },
  false: { field: 'name', equals: 'other' },
  undefined: { field: 'facts.untold', equals: 1 },
}
const kleene: [string, string, Truth, Truth][] = [
  ['true', 'true', true, true],
  ['true', 'false', false, true],
  ['true', 'undefined', undefined, true],
  ['false', 'true', false, true],
  ['false', 'false', false, false],
  ['false', 'undefined', false, undefined],
  ['undefined', 'true', undefined, true],
  ['undefined', 'false', false, undefined],
  ['undefined', 'undefined', undefined, undefined],
]
for (const [a, b, both, either] of kleene)
  test(`${a} and ${b} are ${both} together and ${either} apart`, () => {
    assert.equal(ask({ all: [truths[a]!, truths[b]!] }), both)
    assert.equal(ask({ any: [truths[a]!, truths[b]!] }), either)
  })

test('the opposite of what is not known is not known', () => {
  assert.deepEqual(
    Object.values(truths).map((condition) => ask({ not: condition })),
    [false, true, undefined],
  )
})

test('of nothing, all holds and any does not', () => {
  assert.deepEqual([ask({ all: [] }), ask({ any: [] })], [true, false])
})

const answers: [string, Condition, Truth][] = [
  ['a text is what it is', { field: 'spec.engine', equals: 'llama' }, true],
  ['a text is not another', { field: 'spec.engine', notEquals: 'llama' }, false],
  ['a number is not the text of it', { field: 'spec.parallel', equals: '2' }, false],
  ['a list is no single value', { field: 'spec.hosts', equals: 'a' }, undefined],
  ['a value may come from a parameter', { field: 'facts.model.licence', equals: { param: 'text' } }, true],
  ['a value may come from another field', { field: 'spec.parallel', equals: { field: 'classification.rank' } }, true],
  ['one of a list', { field: 'facts.model.licence', in: { param: 'list' } }, true],
  ['none of a list', { field: 'facts.model.licence', notIn: ['gpl-3.0'] }, true],
  ['one of a list in the document', { field: 'name', in: { field: 'spec.hosts' } }, false],
  ['a pattern', { field: 'owner', like: 'user_*' }, true],
  ['one of several patterns', { field: 'owner', like: ['group_*', '*_ann'] }, true],
  ['a number within', { field: 'spec.parallel', lte: { param: 'count' } }, true],
  ['a number beyond', { field: 'spec.parallel', gt: 2 }, false],
  ['a text has no order', { field: 'spec.engine', lt: 2 }, undefined],
  ['a list has it', { field: 'spec.hosts', contains: 'b' }, true],
  ['a list has them all', { field: 'spec.hosts', containsAll: ['b', 'c'] }, false],
  ['a list has no others', { field: 'spec.hosts', subsetOf: ['a', 'b', 'c'] }, true],
  ['labels have a name', { field: 'labels', contains: 'env' }, true],
  ['a label with dots in its name', { field: 'labels.cost-centre.example/x', equals: '7' }, true],
  ['a label that is not there is known not to be', { field: 'labels.team', equals: 'x' }, false],
  ['a label that is not there differs from any value', { field: 'labels.team', notEquals: 'x' }, true],
  ['a member of the spec that is not there is not known', { field: 'spec.missing', notEquals: 'x' }, undefined],
  ['a member that is not there may stand for something', { field: 'spec.missing', default: 3, equals: 3 }, true],
  ['a member of the spec is there or not', { field: 'spec.missing', exists: false }, true],
  ['a fact that was not told may be there or not', { field: 'facts.untold', exists: false }, undefined],
  ['a fact told to be none is none', { field: 'facts.backup', exists: false }, true],
  ['what none would hold is none', { field: 'facts.backup.at', exists: true }, false],
  ['none has no age', { field: 'facts.backup', olderThanDays: 1 }, undefined],
  ['part of a group that was told is known not to be there', { field: 'facts.model.name', exists: true }, false],
  ['a time long ago', { field: 'facts.seenAt', olderThanDays: 9 }, true],
  ['a time not so long ago', { field: 'facts.seenAt', olderThanDays: 10 }, false],
  ['a time to come', { field: 'facts.seenAt', withinDays: 1 }, true],
  ['a text that is no time', { field: 'name', olderThanDays: 1 }, undefined],
  ['every one of them', { each: 'spec.parts', every: { field: 'item.size', lte: 5 } }, true],
  ['one of them', { each: 'spec.parts', some: { field: 'item.size', gt: 4 } }, true],
  ['every one, of which one is not known', { each: 'spec.parts', every: { field: 'item.other', lte: 5 } }, undefined],
  ['some inside every', { each: 'spec.parts', every: { each: 'spec.hosts', some: { field: 'item', equals: 'b' } } }, true],
  ['what was before, where nothing was', { field: 'before', exists: true }, false],
  ['a member of what was before, where nothing was', { field: 'before.spec.parallel', exists: true }, false],
]
for (const [name, condition, expected] of answers) test(`condition: ${name}`, () => assert.equal(ask(condition), expected))

test('a change can be compared with what was before', () => {
  const kept: Condition = { field: 'classification.rank', gte: { field: 'before.classification.rank' } }
  const before = document({ classification: { rank: 3, caveats: [] } })
  assert.equal(ask(kept, document(), before), false)
  assert.equal(ask(kept, document(), document()), true)
  assert.equal(ask(kept), undefined)
})

const wrong: [string, unknown, string][] = [
  ['a text', 'yes', ''],
  ['a list', [], ''],
  ['two forms at once', { all: [], any: [] }, ''],
  ['a form and something else', { all: [], note: 'x' }, ''],
  ['no question', { field: 'name' }, ''],
  ['two questions', { field: 'name', equals: 'a', like: 'b' }, ''],
  ['a question there is not', { field: 'name', matches: '.*' }, ''],
  ['a question that objects inherit', { field: 'name', constructor: 'x' }, ''],
  ['a field there is not', { field: 'secrets.key', equals: 1 }, '/field'],
  ['a member of a text', { field: 'name.length', equals: 1 }, '/field'],
  ['a path through the prototype', { field: 'spec.__proto__.polluted', equals: 1 }, '/field'],
  ['a path that is no text', { field: ['name'], equals: 1 }, '/field'],
  ['an endless path', { field: `spec.${'a.'.repeat(99)}b`, equals: 1 }, '/field'],
  ['an element outside of each', { field: 'item.x', equals: 1 }, '/field'],
  ['an element of what was before', { each: 'spec.a', some: { field: 'before.item', equals: 1 } }, '/some/field'],
  ['a parameter that was not declared', { field: 'name', equals: { param: 'other' } }, '/equals/param'],
  ['a parameter that objects inherit', { field: 'name', equals: { param: 'constructor' } }, '/equals/param'],
  ['a parameter of another type', { field: 'spec.parallel', lte: { param: 'list' } }, '/lte/param'],
  ['a list where one value belongs', { field: 'name', equals: ['a'] }, '/equals'],
  ['one value where a list belongs', { field: 'name', in: 'a' }, '/in'],
  ['a pattern out of the document', { field: 'name', like: { field: 'owner' } }, '/like'],
  ['a number that was rounded', { field: 'spec.parallel', lte: 2 ** 53 }, '/lte'],
  ['a negative number that was rounded', { field: 'spec.parallel', equals: -(2 ** 53) }, '/equals'],
  ['no number', { field: 'spec.parallel', lte: Number.NaN }, '/lte'],
  ['a rounded number in a list', { field: 'spec.parallel', in: [1, 2 ** 60] }, '/in'],
  ['too many in a list', { field: 'name', in: Array.from({ length: 1_001 }, String) }, '/in'],
  ['too many stars', { field: 'name', like: '*a'.repeat(65) }, '/like'],
  ['a default of what is observed', { field: 'facts.x', default: 1, equals: 1 }, '/default'],
  ['a default that is none', { field: 'spec.x', default: null, equals: 1 }, '/default'],
]
for (const [name, condition, at] of wrong)
  test(`refused, saying where: ${name}`, () => assert.equal(faultsOf(condition)[0]?.at, at, JSON.stringify(faultsOf(condition))))

test('conditions nest no deeper than twelve, and are no more than 256', () => {
  let nested: object = { all: [] }
  for (let depth = 1; depth < 12; depth++) nested = { not: nested }
  assert.deepEqual(faultsOf(nested), [])
  assert.match(faultsOf({ not: nested })[0]!.message, /at most 12 deep/)
  const many = { all: Array.from({ length: 256 }, () => ({ field: 'name', equals: 'x' })) }
  assert.match(faultsOf(many)[0]!.message, /at most 256 conditions/)
})

test('a number that a document brings rounded is not known to be anything', () => {
  const doc = document({ spec: { size: 2 ** 53 } })
  assert.equal(ask({ field: 'spec.size', equals: 2 ** 53 - 1 }, doc), undefined)
  assert.equal(ask({ field: 'spec.size', gt: 1 }, doc), undefined)
  assert.equal(ask({ field: 'spec.size', notIn: [1] }, doc), undefined)
})

test('members that objects inherit are not there', () => {
  for (const field of ['spec.constructor', 'spec.toString', 'spec.hasOwnProperty.name'])
    assert.equal(ask({ field, exists: true }), false, field)
  assert.equal(ask({ field: 'labels.constructor', exists: true }), false)
  const doc = document({ spec: JSON.parse('{"constructor": "mine", "__proto__": {"engine": "evil"}}') })
  assert.equal(ask({ field: 'spec.constructor', equals: 'mine' }, doc), true)
  assert.equal(ask({ field: 'spec.engine', exists: true }, doc), false)
})

test('what can never hold, and what can never fail, shows from its text', () => {
  const can = (condition: unknown) => {
    const { test } = read(condition)
    return [test.canHold, test.canFail]
  }
  assert.deepEqual(can({ any: [] }), [false, true])
  assert.deepEqual(can({ all: [] }), [true, false])
  assert.deepEqual(can({ not: { all: [{ all: [] }] } }), [false, true])
  assert.deepEqual(can({ field: 'name', in: [] }), [false, true])
  assert.deepEqual(
    can({
      all: [
        { field: 'name', equals: 'a' },
        { field: 'name', in: [] },
      ],
    }),
    [false, true],
  )
  assert.deepEqual(
    can({
      any: [
        { field: 'name', notIn: [] },
        { field: 'name', in: [] },
      ],
    }),
    [true, false],
  )
  assert.deepEqual(can({ each: 'spec.parts', some: { any: [] } }), [false, true])
  assert.deepEqual(can({ each: 'spec.parts', every: { any: [] } }), [true, true])
})

// ——— properties: a second reading of the same language, as plain as can be

type Doc = ReturnType<typeof document>
const absent = Symbol('not known')
const lookUp = (path: string, doc: Doc, item: unknown): unknown => {
  if (path === 'item') return item
  if (path.startsWith('labels.')) return Object.hasOwn(doc.labels, path.slice(7)) ? doc.labels[path.slice(7)] : null
  let value: any = path.startsWith('item.') ? { item } : doc
  for (const name of path.split('.')) {
    if (value === null) return null
    value = typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, name) ? value[name] : absent
    if (value === absent) return absent
  }
  return value
}
const single = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value)
const listed = (value: unknown): unknown[] | undefined => {
  const items = value === null ? [] : Array.isArray(value) ? value : typeof value === 'object' ? Object.keys(value) : undefined
  return items?.every(single) ? items : undefined
}
const naive = (condition: any, doc: Doc, item?: unknown): Truth => {
  if (condition.all || condition.any) {
    const parts = (condition.all ?? condition.any).map((part: any) => naive(part, doc, item))
    const decisive = condition.any !== undefined
    return parts.includes(decisive) ? decisive : parts.includes(undefined) ? undefined : !decisive
  }
  if (condition.not) {
    const truth = naive(condition.not, doc, item)
    return truth === undefined ? undefined : !truth
  }
  if (condition.each) {
    const list = lookUp(condition.each, doc, item)
    if (list !== null && !Array.isArray(list)) return undefined
    const inner = condition.every ?? condition.some
    const parts = (list ?? []).map((one) => naive(inner, doc, one))
    const decisive = condition.some !== undefined
    return parts.includes(decisive) ? decisive : parts.includes(undefined) ? undefined : !decisive
  }
  let value = lookUp(condition.field, doc, item)
  if (condition.exists !== undefined) {
    if (value === absent && condition.field.startsWith('facts.') && !Object.hasOwn(doc.facts, condition.field.split('.')[1]))
      return undefined
    return (value !== absent && value !== null) === condition.exists
  }
  if (condition.default !== undefined && (value === absent || value === null)) value = condition.default
  if (value === absent) return undefined
  if ('equals' in condition) return single(value) ? value === condition.equals : undefined
  if ('notEquals' in condition) return single(value) ? value !== condition.notEquals : undefined
  if ('in' in condition) return single(value) ? condition.in.includes(value) : undefined
  if ('notIn' in condition) return single(value) ? !condition.notIn.includes(value) : undefined
  if ('lte' in condition) return typeof value === 'number' ? value <= condition.lte : undefined
  if ('contains' in condition) return listed(value)?.includes(condition.contains)
  if ('containsAll' in condition) {
    const items = listed(value)
    return items && condition.containsAll.every((one: unknown) => items.includes(one))
  }
  if ('subsetOf' in condition) return listed(value)?.every((one) => condition.subsetOf.includes(one))
  const pattern = condition.like
    .split('*')
    .map((part: string) => part.replaceAll(/[^a-z]/g, '\\$&'))
    .join('.*')
  return value === null ? false : typeof value === 'string' ? new RegExp(`^${pattern}$`, 's').test(value) : undefined
}

const anyScalar = fc.oneof(fc.constantFrom('a', 'b', 'ab', ''), fc.integer({ min: -2, max: 2 }), fc.boolean(), fc.constant(null))
const anyValue = fc.oneof(
  anyScalar,
  fc.array(anyScalar, { maxLength: 3 }),
  fc.array(fc.dictionary(fc.constantFrom('a', 'b'), anyScalar, { maxKeys: 2 }), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(anyScalar, fc.dictionary(fc.constantFrom('a'), anyScalar)), { maxKeys: 2 }),
)
const anyMembers = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), anyValue, { maxKeys: 4 })
const anyDocument = fc
  .record({ spec: anyMembers, facts: anyMembers, labels: fc.dictionary(fc.constantFrom('a', 'b.c'), fc.constantFrom('a', 'b')) })
  .map((given) => document(given))
const paths = [
  'spec.a',
  'spec.b',
  'spec.a.b',
  'spec.constructor',
  'facts.a',
  'facts.b.a',
  'facts.c',
  'labels.a',
  'labels.b.c',
  'labels',
]
const scalars = fc.array(anyScalar, { maxLength: 3 })
const questions = [
  anyScalar.map((equals) => ({ equals })),
  anyScalar.map((notEquals) => ({ notEquals })),
  scalars.map((list) => ({ in: list })),
  scalars.map((notIn) => ({ notIn })),
  fc.integer({ min: -2, max: 2 }).map((lte) => ({ lte })),
  anyScalar.map((contains) => ({ contains })),
  scalars.map((containsAll) => ({ containsAll })),
  scalars.map((subsetOf) => ({ subsetOf })),
  fc.boolean().map((exists) => ({ exists })),
  fc.constantFrom('*', 'a*', '*b', 'a*b', '', '**', 'a').map((like) => ({ like })),
]
const { inner: anyCondition } = fc.letrec((tie) => ({
  leaf: fc
    .tuple(
      fc.constantFrom(...paths),
      fc.oneof(...questions),
      fc.option(fc.constantFrom<unknown>('a', 1, ['a']), { nil: undefined }),
    )
    .map(([field, question, fallback]) => ({
      field,
      ...(fallback !== undefined && field.startsWith('spec') ? { default: fallback } : {}),
      ...question,
    })),
  element: fc
    .tuple(fc.constantFrom('item', 'item.a', 'item.b'), fc.oneof(...questions))
    .map(([field, question]) => ({ field, ...question })),
  inside: fc.oneof(
    { maxDepth: 2 },
    tie('element'),
    tie('leaf'),
    fc.record({ not: tie('element') }),
    fc.record({ all: fc.array(tie('element'), { maxLength: 3 }) }),
  ),
  inner: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    tie('leaf'),
    fc.record({ not: tie('inner') }),
    fc.record({ all: fc.array(tie('inner'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('inner'), { maxLength: 3 }) }),
    fc.record({ each: fc.constantFrom('spec.a', 'facts.a', 'spec.b'), every: tie('inside') }),
    fc.record({ each: fc.constantFrom('spec.a', 'facts.a', 'spec.b'), some: tie('inside') }),
  ),
}))

test('compiled conditions answer as a plain interpreter of the same language does', () => {
  const seen = { true: 0, false: 0, undefined: 0 }
  fc.assert(
    fc.property(anyCondition, anyDocument, (condition, doc) => {
      const { test, faults } = read(condition)
      assert.deepEqual(faults, [])
      const truth = test.holds(run(doc))
      assert.equal(truth, naive(condition, doc))
      if (truth === true) assert.ok(test.canHold)
      if (truth === false) assert.ok(test.canFail)
      seen[`${truth}`]++
    }),
    { numRuns: 5_000 },
  )
  assert.ok(Math.min(...Object.values(seen)) > 250, `each answer is met: ${JSON.stringify(seen)}`)
})

test('whatever is sent as a condition, it is read or refused, never thrown over', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, maxDepth: 5 }), (given) => {
      const { test, faults } = read({ all: [given] })
      if (faults.length === 0) test.holds(run(document()))
    }),
    { numRuns: 2_000 },
  )
})

test('a judgement costs a bounded number of steps, whatever nests in what', () => {
  const items = Array.from({ length: 1_000 }, (_, i) => i)
  const doc = document({ spec: { items } })
  const inside = (depth: number): Condition =>
    depth === 0 ? { all: [{ field: 'spec.items', contains: -1 }, { all: [] }] } : { each: 'spec.items', some: inside(depth - 1) }
  for (const condition of [
    inside(1),
    inside(10),
    { each: 'spec.items', every: { each: 'spec.items', every: { all: [] } } } as Condition,
  ]) {
    const one = run(doc)
    assert.equal(read(condition).test.holds(one), undefined)
    assert.ok(stepsMax - one.steps <= stepsMax + 2_000, `${stepsMax - one.steps} steps`)
  }
})

test('longer lists than a thousand are not looked at', () => {
  const doc = document({ spec: { items: Array.from({ length: 1_001 }, () => 'a') } })
  assert.equal(ask({ field: 'spec.items', contains: 'a' }, doc), undefined)
  assert.equal(ask({ each: 'spec.items', some: { field: 'item', equals: 'a' } }, doc), undefined)
})

test('a pattern matches what a backtracking matcher says', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 8 })
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const escaped = pattern
        .split('*')
        .map((part) => part.replaceAll('.', '\\.'))
        .join('.*')
      assert.equal(globOf(pattern)(text), new RegExp(`^${escaped}$`).test(text), `${pattern} on ${text}`)
    }),
    { numRuns: 5_000 },
  )
})

test('a pattern made to backtrack is matched in time linear in the text', () => {
  const pattern = `${'*a'.repeat(30)}*${'a'.repeat(100)}b*`
  const matches = globOf(pattern)
  // Looked at through a text that counts how often it is looked at.
  let looks = 0
  const text = 'a'.repeat(4_000)
  const counting = new Proxy(Object(text), {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks++
      const found = Reflect.get(target, name)
      return typeof found === 'function' ? found.bind(text) : found
    },
  }) as string
  assert.equal(matches(counting), false)
  assert.ok(looks < 4 * text.length, `${looks} looks at ${text.length} characters`)
})
