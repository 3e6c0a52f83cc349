import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evaluate, policyVersion, type Facts } from './cedar.ts'
import { allActions, commonActions, ownActions, roleNames, roles } from './roles.ts'

const none: Facts = { roles: [], owns: false, withinKey: true, cleared: true }

test('without a role, what one owns and what is open to all is all one may do', () => {
  for (const action of allActions) {
    assert.equal(evaluate('user_a', action, 'any', none).allowed, commonActions.includes(action), action)
    assert.equal(
      evaluate('user_a', action, 'any', { ...none, owns: true }).allowed,
      commonActions.includes(action) || ownActions.includes(action),
      action,
    )
  }
})

test('Cedar and the table of roles agree on every action, for every set of roles', () => {
  fc.assert(
    fc.property(fc.constantFrom(...allActions), fc.subarray([...roleNames]), fc.boolean(), (action, held, owns) => {
      const expected =
        held.some((role) => roles[role].actions.includes(action)) ||
        commonActions.includes(action) ||
        (owns && ownActions.includes(action))
      assert.equal(evaluate('user_a', action, 'any', { ...none, roles: held, owns }).allowed, expected)
    }),
    { numRuns: 500 },
  )
})

test('the limits of a key outrank every role', () => {
  for (const action of allActions)
    assert.equal(
      evaluate('user_a', action, 'any', { ...none, roles: [...roleNames], owns: true, withinKey: false }).allowed,
      false,
      action,
    )
})

test('an auditor changes nothing', () => {
  const changing = roles.auditor.actions.filter((action) => !/\.(read|explain|export)$/.test(action))
  assert.deepEqual(changing, [])
})

test('nobody reads the conversations of another by their office, the owner neither', () => {
  for (const role of roleNames)
    for (const action of ['conversation.read', 'conversation.write', 'conversation.delete'])
      assert.equal(evaluate('user_a', action, 'any', { ...none, roles: [role] }).allowed, false, `${role} ${action}`)
})

test('an action that policy does not know is a defect, not a no', () => {
  assert.throws(() => evaluate('user_a', 'model.explode', 'any', none))
  assert.match(policyVersion, /^[0-9a-f]{16}$/)
})
