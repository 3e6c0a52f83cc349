import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDefinition } from '../definition.ts'
import { checkInitiative } from '../initiative.ts'
import { bind } from '../language/parameters.ts'
import { tryOut } from '../try.ts'
import type { Verdict } from '../schema.ts'
import { entries, builtin } from './index.ts'
import { exampleDocument, type Entry, type Example } from './entry.ts'
import { verdictOf } from '../verdict.ts'
import { compileAll } from '../rules.ts'

const now = new Date('2027-01-15T12:00:00Z')

const said = (entry: Entry, example: Example): Verdict | undefined => {
  const { before } = entry
  if (!before) return tryOut(entry.definition, { parameters: entry.parameters }, [exampleDocument(entry, example)], now)[0]
  const { rules } = compileAll({
    definitions: new Map(),
    initiatives: new Map(),
    assignments: [{ id: 'a', scopeId: 's', guardrail: `builtin/${entry.name}`, parameters: entry.parameters }],
    exemptions: [],
  })
  const doc = exampleDocument(entry, example)
  return verdictOf(rules[0]!, { doc, before: exampleDocument(entry, before), ancestors: [doc.scopeId], nowMs: now.getTime() })
}

for (const entry of entries) {
  const attested = entry.definition.effect === 'manual'

  test(`builtin/${entry.name} ${attested ? 'waits for a person to attest' : 'bites'}`, () => {
    const verdict = said(entry, entry.bites)!
    assert.equal(verdict.state, attested ? 'unknown' : 'non-compliant', JSON.stringify(verdict))
    assert.doesNotMatch(verdict.message ?? '', /^$|undefined|\[object/)
    if (entry.definition.modify ?? entry.definition.remediate) assert.ok(verdict.changes && verdict.changes.length > 0)
  })

  test(`builtin/${entry.name} lets pass`, () => {
    assert.equal(said(entry, entry.passes)?.state, attested ? undefined : 'compliant')
  })
}

test('the library holds at least forty guardrails, each well formed, under one name each', () => {
  assert.ok(entries.length >= 40, `${entries.length}`)
  assert.equal(builtin.definitions.size, entries.length)
  for (const { name, definition } of entries) {
    assert.match(name, /^[a-z][a-z0-9-]{0,62}$/)
    assert.deepEqual(checkDefinition(structuredClone(definition)), definition)
  }
})

test('a guardrail that asks what was not told of is never compliant', () => {
  for (const entry of entries) {
    const asks = JSON.stringify([entry.definition.when ?? '', entry.definition.require ?? ''])
    if (!/"facts\./.test(asks)) continue
    const verdict = said(entry, { ...entry.passes, facts: {} })
    assert.ok(verdict?.state === 'unknown', `${entry.name}: ${verdict?.state}`)
    assert.match(verdict.message!, /facts\.[a-zA-Z.]+( not known|,)/)
  }
})

test('what a guardrail needs to be told has a default, or an example to copy', () => {
  for (const { name, definition, parameters } of entries)
    assert.deepEqual(bind(definition.parameters ?? {}, parameters, '').faults, [], name)
})

test('every built-in initiative fits the guardrails it groups', () => {
  assert.ok(builtin.initiatives.size >= 5)
  for (const initiative of builtin.initiatives.values())
    assert.deepEqual(checkInitiative(structuredClone(initiative), { definitions: new Map() }), initiative)
})

test('every guardrail that needs no values of its own can be assigned as it is', () => {
  const assignments = entries
    .filter(({ parameters }) => Object.keys(parameters).length === 0)
    .map(({ name }) => ({ id: name, scopeId: 's', guardrail: `builtin/${name}` }))
  const set = compileAll({ definitions: new Map(), initiatives: new Map(), assignments, exemptions: [] })
  assert.deepEqual(set.misfits, [])
  assert.equal(set.rules.length, assignments.length)
})
