import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { atomically, createContext, systemContext, type Context } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { putRole } from './custom-roles.ts'
import { putScope, rootScope } from './facts.ts'
import { grantsOf, putGrant, removeGrant } from './grants.ts'
import { putClearance, removePrincipal } from './label-facts.ts'
import { labelScope } from './levels.ts'
import { putMember, removeMember } from './members.ts'
import { moveScope } from './move.ts'
import { roles } from './roles.ts'
import { whatIf } from './what-if.ts'

const world = async (t: TestContext) => {
  const app = await testApp(t)
  const { site } = app.app
  const owner = await app.as('owner')
  const system = systemContext(site, 'test')
  const ctx = createContext(site, { actor: { kind: 'user', id: owner.userId, factors: [] } })
  const root = (await rootScope(system))!.id
  await atomically(system, async (tx) => {
    await putScope(tx, { id: 'folder_a', parentId: root, kind: 'folder', name: 'a' })
    await putScope(tx, { id: 'folder_b', parentId: root, kind: 'folder', name: 'b' })
    await putScope(tx, { id: 'project_p', parentId: 'folder_a', kind: 'project', name: 'p' })
    await putRole(tx, { name: 'viewer', title: 'V', description: 'V', actions: ['model.read'] })
  })
  const change = (run: (tx: Context) => Promise<void>) => atomically(system, run)
  const told = async (run: (tx: Context) => Promise<void>) => {
    const { gains, loses, truncated } = await whatIf(ctx, run)
    const lines = (some: typeof gains) =>
      some
        .map(({ principal, action, scope, conditional }) => `${principal} ${action} ${scope}${conditional ? ' perhaps' : ''}`)
        .sort()
    return { gains: lines(gains), loses: lines(loses), truncated }
  }
  return { app, ctx, root, change, told, owner }
}
const ann = 'user_ann'
const viewer = (at = 'folder_a', to = ann) => ({ id: 'grant_v', principalId: to, role: 'viewer', scopeId: at })
const nothing = { gains: [], loses: [], truncated: false }

test('what would be given and taken away is told for each person, and nothing of it is kept', async (t) => {
  const { told, change, ctx } = await world(t)

  assert.deepEqual(await told((tx) => putGrant(tx, viewer())), { ...nothing, gains: ['user_ann model.read /a'] })
  assert.deepEqual(await grantsOf(ctx, ann), [])

  await change((tx) => putGrant(tx, viewer()))
  assert.deepEqual(await told((tx) => removeGrant(tx, 'grant_v')), { ...nothing, loses: ['user_ann model.read /a'] })
  assert.deepEqual(await told((tx) => putGrant(tx, viewer('folder_b', 'user_bob'))), {
    ...nothing,
    gains: ['user_bob model.read /b'],
    loses: ['user_ann model.read /a'],
  })
  assert.deepEqual(await told((tx) => putGrant(tx, { ...viewer('project_p'), id: 'grant_w' })), nothing) // held above already
  assert.equal((await grantsOf(ctx, ann)).length, 1)
})

test('who comes into a group or leaves it, also by way of another, and who is in one that goes, is found', async (t) => {
  const { told, change } = await world(t)
  await change(async (tx) => {
    await putGrant(tx, viewer('folder_a', 'group_outer'))
    await putMember(tx, { groupId: 'group_inner', memberId: ann })
  })
  const nest = (tx: Context) => putMember(tx, { groupId: 'group_outer', memberId: 'group_inner' })

  assert.deepEqual((await told(nest)).gains, ['user_ann model.read /a'])
  await change(nest)
  const lost = { ...nothing, loses: ['user_ann model.read /a'] }
  assert.deepEqual(await told((tx) => removeMember(tx, { groupId: 'group_outer', memberId: 'group_inner' })), lost)
  assert.deepEqual(await told((tx) => removeMember(tx, { groupId: 'group_inner', memberId: ann })), lost)
  assert.deepEqual(await told((tx) => removePrincipal(tx, 'group_outer')), lost)
})

test('a role that changes, a denial, a condition and a moment to come are told as what they are', async (t) => {
  const { told, change } = await world(t)
  await change((tx) => putGrant(tx, viewer()))
  const deny = { id: 'grant_d', principalId: ann, scopeId: 'project_p', effect: 'deny' as const, actions: ['model.*'] }
  const later = new Date(Date.now() + 3_600_000)

  assert.deepEqual(await told((tx) => putRole(tx, { name: 'viewer', title: 'V', description: 'V', actions: ['lock.read'] })), {
    ...nothing,
    gains: ['user_ann lock.read /a'],
    loses: ['user_ann model.read /a'],
  })
  assert.deepEqual(await told((tx) => putGrant(tx, deny)), { ...nothing, loses: ['user_ann model.read /a/p'] })
  const perhaps = { ...nothing, loses: ['user_ann model.read /a/p perhaps'] }
  assert.deepEqual(await told((tx) => putGrant(tx, { ...deny, condition: { factor: 'password' } })), perhaps)
  assert.deepEqual(await told((tx) => putGrant(tx, { ...viewer(), condition: { factor: 'passkey' } })), {
    ...nothing,
    loses: ['user_ann model.read /a perhaps'],
  })
  assert.deepEqual(await told((tx) => putGrant(tx, { ...viewer('folder_b'), id: 'grant_w', startsAt: later })), {
    ...nothing,
    gains: ['user_ann model.read /b perhaps'],
  })
  assert.deepEqual(
    await told((tx) => putGrant(tx, { ...viewer('folder_b'), id: 'grant_w', eligible: { maxSeconds: 60 } })),
    nothing,
  )
})

test('a move, a label and a clearance give and take too', async (t) => {
  const { told, change, root } = await world(t)
  await change(async (tx) => {
    await putGrant(tx, viewer('folder_a'))
    await putGrant(tx, { ...viewer('folder_b', 'user_bob'), id: 'grant_w' })
  })

  assert.deepEqual(await told((tx) => moveScope(tx, { id: 'project_p', parentId: 'folder_b' })), {
    ...nothing,
    gains: ['user_bob model.read /b/p'],
    loses: ['user_ann model.read /a/p'],
  })
  const label = (tx: Context) => labelScope(tx, 'folder_a', { rank: 100, caveats: [] })
  assert.ok((await told(label)).loses.includes('user_ann model.read /a'))
  await change(label)
  const cleared = await told((tx) => putClearance(tx, { id: 'clearance_a', principalId: ann, label: { rank: 100, caveats: [] } }))
  assert.ok(cleared.gains.includes('user_ann model.read /a'))
  assert.deepEqual(cleared.loses, [])
  assert.deepEqual(await told((tx) => moveScope(tx, { id: 'project_p', parentId: root })), nothing) // nobody here may see it either way
})

test('what everyone has comes with no role and goes with none, and is lost by a denial', async (t) => {
  const { told, root } = await world(t)
  const auditor = { principalId: ann, role: 'auditor', scopeId: root }
  const { gains } = await told((tx) => putGrant(tx, auditor))
  assert.ok(gains.includes('user_ann audit.read /'))
  assert.ok(!gains.some((right) => right.includes('organisation.read')), gains.join())
  const denial = { principalId: ann, scopeId: root, effect: 'deny' as const, actions: ['organisation.read'] }
  assert.deepEqual(await told((tx) => putGrant(tx, denial)), { ...nothing, loses: ['user_ann organisation.read /'] })
})

test('what is told is bounded, and says that there is more', async (t) => {
  const { ctx, change } = await world(t)
  await change(async (tx) => {
    for (let i = 0; i < 250; i++) await putMember(tx, { groupId: 'group_all', memberId: `user_${String(i).padStart(3, '0')}` })
  })

  const { gains, truncated } = await whatIf(ctx, (tx) => putGrant(tx, { ...viewer('folder_a', 'group_all') }))
  assert.equal(truncated, true)
  assert.equal(gains.length, 200)
  const operators = await whatIf(ctx, (tx) => putGrant(tx, { principalId: 'group_all', role: 'operator', scopeId: 'folder_a' }))
  assert.ok(roles.operator.actions.length * 200 > 1_000)
  assert.deepEqual([operators.gains.length, operators.truncated], [1_000, true])
})

test('what-if is asked by those who explain policy, and refuses what the change would be refused', async (t) => {
  const { app, ctx, owner } = await world(t)
  const member = await app.as('member')
  const asMember = createContext(app.app.site, { actor: { kind: 'user', id: member.userId, factors: [] } })

  await assert.rejects(
    whatIf(asMember, (tx) => putGrant(tx, viewer())),
    { code: 'forbidden' },
  )
  await assert.rejects(
    whatIf(ctx, (tx) => removePrincipal(tx, owner.userId)),
    { code: 'last-owner' },
  )
})
