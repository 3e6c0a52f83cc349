import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { builtInPolicy, compile, preparedSets, validateRules, type Facts } from './cedar.ts'
import { allActions, commonActions, ownActions, privateActions, roleNames, roles } from './roles.ts'

const none: Facts = { roles: [], owns: false, withinKey: true, cleared: true, denied: false }
const { evaluate, version } = builtInPolicy()

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
  assert.match(version, /^[0-9a-f]{16}$/)
})

const noun = (action: string) => action.split('.')[0]!
const madeRoles = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/).filter((name) => !(name in roles)),
      actions: fc.subarray([...allActions], { minLength: 1 }).map((some) => some.filter((action) => !privateActions.has(action))),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 8 },
  )
  .map((list) => list.filter(({ actions }) => actions.length > 0).map((role) => ({ ...role, title: 'T', description: 'D' })))

test('roles made here decide as their table says, beside the built-in ones; a denial, a key and a missing clearance outrank all', () => {
  const builtIn = roleNames.map((name) => ({ name, ...roles[name] }))
  fc.assert(
    fc.property(
      madeRoles,
      fc.constantFrom(...allActions),
      fc.nat(),
      fc.record({ owns: fc.boolean(), withinKey: fc.boolean(), cleared: fc.boolean(), denied: fc.boolean() }),
      (made, action, pick, facts) => {
        const all = [...builtIn, ...made]
        const held = all.filter((_, i) => (pick >> (i % 30)) & 1)
        const policy = compile(all)
        const permitted =
          held.some(({ actions }) => actions.includes(action)) ||
          commonActions.includes(action) ||
          (facts.owns && ownActions.includes(action))
        const expected = permitted && facts.withinKey && facts.cleared && !facts.denied
        const answer = policy.evaluate('user_a', action, noun(action), { ...facts, roles: held.map(({ name }) => name) })
        assert.equal(answer.allowed, expected)
        const giving = held.filter(({ actions }) => actions.includes(action)).map(({ name }) => `role-${name}`)
        if (expected) assert.deepEqual(answer.rules.filter((id) => id.startsWith('role-')).sort(), giving.sort())
      },
    ),
    { numRuns: 60 },
  )
})

test('a rule that only warns is refused like one that is wrong', () => {
  const rule = (text: string) => () => validateRules([{ id: 'x', title: 'x', text }])
  rule('permit (principal, action, resource) when { context.owns };')()
  assert.throws(rule('permit (principal, action, resource) when { false };'), /not valid/) // can never apply: Cedar only warns
  assert.throws(rule('permit (principal, action == Action::"model.explode", resource);'), /not valid/)
  assert.throws(rule('permit (principal, action, resource) when { context.rank > 3 };'), /not valid/)
  assert.throws(rule('permit (principal, action, resource) when { context.roles.contains(9007199254740993) };'), /not valid/)
})

const made = (name: string, actions: readonly string[]) => ({ name, title: 'T', description: 'D', actions })

test('a role that is edited two hundred times is held once, and a version that is asked again answers as it did', () => {
  const before = preparedSets()
  const versions = Array.from({ length: 200 }, (_, i) => made('edited', [allActions[i % allActions.length]!]))
  const policies = versions.map((version) => compile([version]))
  const allows = (i: number, action: string) =>
    policies[i]!.evaluate('user_a', action, 'any', { ...none, roles: policies[i]!.rolesWith(action) }).rules.includes(
      'role-edited',
    )

  for (const [i, { actions }] of [...versions.entries(), ...versions.entries()].slice(0, 250)) assert.ok(allows(i, actions[0]!))

  assert.equal(preparedSets() - before, 1)
  assert.equal(allows(0, versions[1]!.actions[0]!), false)
  assert.equal(allows(1, versions[1]!.actions[0]!), true)
})

test('roles that come and go are held up to a number, and who lost their place gets one again', () => {
  const passing = Array.from({ length: 1_500 }, (_, i) => made(`passing-${i}`, ['view.read']))
  const policy = compile(passing)
  const reads = (name: string) => policy.evaluate('user_a', 'view.read', 'any', { ...none, roles: [name] }).rules
  for (const { name } of passing) assert.deepEqual(reads(name), [`role-${name}`])

  assert.ok(preparedSets() <= 1_200, `${preparedSets()} are held`)
  assert.deepEqual(reads('passing-0'), ['role-passing-0'])
})
