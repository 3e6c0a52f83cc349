import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonEnd, parseToolCalls, stopFilter } from './text.ts'

/** A text cut into pieces anywhere. */
const cut = (text: string, at: number[]): string[] => {
  const places = [0, ...at.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
  return places.slice(1).map((to, i) => text.slice(places[i], to))
}
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 })
const stopText = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 })

test('however a text is cut into pieces, what leaves is what is before its first stop text', () => {
  fc.assert(
    fc.property(letters, fc.array(stopText, { maxLength: 3 }), fc.array(fc.nat(), { maxLength: 8 }), (text, stops, places) => {
      const filter = stopFilter(stops)
      let seen = ''
      let met = false
      for (const piece of cut(text, places)) {
        const { out, stopped } = filter.push(piece)
        seen += out
        met = stopped
        if (met) break
      }
      if (!met) seen += filter.end()
      // The first to be complete wins, as it does for one who reads letter by letter.
      const ends = stops.filter((stop) => text.includes(stop)).map((stop) => text.indexOf(stop) + stop.length)
      const firstEnd = Math.min(...ends)
      assert.equal(met, ends.length > 0)
      if (!met) assert.equal(seen, text)
      else {
        assert.ok(text.startsWith(seen) && seen.length < firstEnd)
        for (const stop of stops) assert.ok(!seen.includes(stop), `${seen} holds ${stop}`)
      }
    }),
  )
})

test('the end of a JSON value is seen wherever it lies, whatever its strings hold', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())),
      fc.array(fc.nat(), { maxLength: 8 }),
      (value, places) => {
        const text = JSON.stringify(value)
        const end = jsonEnd()
        let seen = ''
        for (const piece of cut(`${text}\n\n  `, places)) {
          const last = end(piece)
          seen += last ?? piece
          if (last !== undefined) break
        }
        assert.equal(seen, text)
      },
    ),
  )
})

test('tool calls are told from prose, and what only looks like one is none', () => {
  const call = '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>'
  assert.deepEqual(parseToolCalls(`Let me see. ${call}\n${call}`), {
    prose: 'Let me see.',
    calls: [
      { name: 'f', arguments: '{"a":1}' },
      { name: 'f', arguments: '{"a":1}' },
    ],
  })
  for (const none of [
    'no call',
    '<tool_call>{"name": "f"}</tool_call>',
    '<tool_call>not json</tool_call>',
    '<tool_call>{"name": 1, "arguments": {}}',
  ])
    assert.equal(parseToolCalls(none), undefined)
})
