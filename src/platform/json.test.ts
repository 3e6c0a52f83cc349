import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, jsonDepthMax, parseJson, type Json } from './json.ts'
import { Problem } from './problem.ts'

test('canonical JSON is the example of RFC 8785', () => {
  const example = {
    // oxlint-disable-next-line eslint/no-loss-of-precision -- the RFC's example is about just that
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '€$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  }
  assert.equal(
    canonicalJson(example),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('one value has one canonical text, whatever the order its members were written in', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
      const entries = Object.entries(value).filter(([key]) => key !== '__proto__')
      const shuffled = Object.fromEntries(entries.toReversed())
      assert.equal(canonicalJson(shuffled as Json), canonicalJson(Object.fromEntries(entries) as Json))
      assert.deepEqual(JSON.parse(canonicalJson(shuffled as Json)), JSON.parse(JSON.stringify(Object.fromEntries(entries))))
    }),
  )
})

test('what JSON cannot say is refused, not rounded', () => {
  assert.throws(() => canonicalJson(NaN), TypeError)
  assert.throws(() => canonicalJson('\ud800'), TypeError)
})

test('a nest too deep is refused before it is parsed', () => {
  const deep = '['.repeat(100_000)
  assert.throws(
    () => parseJson(deep),
    (error) => error instanceof Problem && error.code === 'invalid-request',
  )
  assert.doesNotThrow(() => parseJson('['.repeat(jsonDepthMax) + ']'.repeat(jsonDepthMax)))
  assert.deepEqual(parseJson('{"a":"[[[\\"{{{"}', { depthMax: 1 }), { a: '[[["{{{' })
})

test("a body cannot reach an object's prototype", () => {
  const parsed = parseJson('{"__proto__":{"admin":true},"a":1}')
  assert.deepEqual(parsed, { a: 1 })
  assert.equal(({} as Record<string, unknown>)['admin'], undefined)
})

test('text that is not JSON is told so', () => {
  assert.throws(
    () => parseJson('{nope'),
    (error) => error instanceof Problem && error.status === 400,
  )
})

test('a text with a NUL or half a surrogate pair in it is refused, in values and in names', () => {
  for (const text of ['{"a":"x\\u0000y"}', '{"a\\u0000":1}', '{"a":"\\ud800"}', '{"\\udc00":1}'])
    assert.throws(
      () => parseJson(text),
      (error) => error instanceof Problem && error.status === 400,
    )
})

test('an integer that would be rounded is refused, whatever its sign, place or spelling', () => {
  for (const text of ['9007199254740992', '-9007199254740992', '1e16', '{"a":[1,{"b":9007199254740993}]}', '9007199254740993.0'])
    assert.throws(() => parseJson(text), /cannot be held exactly/, text)
  assert.deepEqual(parseJson('[9007199254740991,-9007199254740991,0.1,"9007199254740993"]'), [
    9007199254740991,
    -9007199254740991,
    0.1,
    '9007199254740993',
  ])
})
