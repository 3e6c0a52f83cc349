import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { atomically, createContext, systemContext, type Context, type Principal, type ResourceRef } from '#platform/context.ts'
import { testApp, type TestApp } from '../../test/app.ts'
import { putRole } from './custom-roles.ts'
import { putScope, rootScope } from './facts.ts'
import { grantsOf, putGrant, removeGrant, type NewGrant } from './grants.ts'
import { putMember, removeMember } from './members.ts'

const ann = 'user_ann'
const world = async (t: TestContext) => {
  const app = await testApp(t)
  const { site } = app.app
  const system = systemContext(site, 'test')
  const change = (run: (tx: Context) => Promise<void>) => atomically(system, run)
  const root = (await rootScope(system))!.id
  await change((tx) => putScope(tx, { id: 'folder_a', parentId: root, kind: 'folder', name: 'a' }))
  const give = (grant: Partial<NewGrant>) =>
    change((tx) =>
      putGrant(tx, {
        id: 'grant_x',
        principalId: ann,
        scopeId: root,
        ...('actions' in grant ? { effect: 'deny' } : { role: 'member' }),
        ...grant,
      }),
    )
  const may = (over: Partial<Principal> = {}, on: Partial<ResourceRef> = {}, action = 'deployment.invoke') =>
    createContext(site, { actor: { kind: 'user', id: ann, factors: ['password'], ...over } }).permits(action, {
      kind: 'deployment',
      ...on,
    })
  return { app, site, system, change, root, give, may, owner: await app.as('owner') }
}
const wait = (app: TestApp, ms: number) => app.clock.advance(ms)

test('a role made here gives what it lists, at its place and below, and no more; changing it is seen at the next request', async (t) => {
  const { change, give, may } = await world(t)
  const role = (actions: string[]) => change((tx) => putRole(tx, { name: 'viewer', title: 'V', description: 'V', actions }))
  await role(['model.read', 'deployment.*'])
  await give({ role: 'viewer', scopeId: 'folder_a' })

  assert.equal(await may({}, { scope: 'folder_a' }), true)
  assert.equal(await may({}, { scope: 'folder_a' }, 'deployment.delete'), true)
  assert.equal(await may({}, { scope: 'folder_a' }, 'model.apply'), false)
  assert.equal(await may(), false)

  await role(['model.read'])
  assert.equal(await may({}, { scope: 'folder_a' }), false)
})

test('what is given until a moment is gone at that moment, to the millisecond, and does not come back when the clock is set back', async (t) => {
  const { app, site, give, may } = await world(t)
  const endsAt = new Date(site.clock.now().getTime() + 60_000)
  await give({ expiresAt: endsAt })
  assert.equal(await may(), true)

  wait(app, endsAt.getTime() - site.clock.now().getTime() - 5_000)
  assert.equal(await may(), true)
  wait(app, endsAt.getTime() - site.clock.now().getTime())
  assert.equal(await may(), false)

  await site.clock.persist()
  wait(app, -3_600_000) // a dead battery: the floor holds
  assert.equal(await may(), false)
})

test('what is given from a moment on gives nothing before it, also when it was asked for before', async (t) => {
  const { app, site, give, may } = await world(t)
  const startsAt = new Date(site.clock.now().getTime() + 60_000)
  await give({ startsAt })
  assert.equal(await may(), false)

  wait(app, 60_000)
  assert.equal(await may(), true)
})

test('who is eligible holds nothing until it is activated, and nothing more when that has ended or is taken away', async (t) => {
  const { app, change, root, give, may, site } = await world(t)
  await give({ eligible: { maxSeconds: 3600, approvals: 1 } })
  assert.equal(await may(), false)
  const activate = () =>
    change((tx) =>
      putGrant(tx, {
        id: 'grant_e',
        principalId: ann,
        role: 'member',
        scopeId: root,
        assignmentId: 'grant_x',
        startsAt: site.clock.now(),
        expiresAt: new Date(site.clock.now().getTime() + 60_000),
      }),
    )

  await activate()
  assert.equal(await may(), true)
  wait(app, 60_000)
  assert.equal(await may(), false)

  await activate()
  assert.equal(await may(), true)
  await change((tx) => removeGrant(tx, 'grant_x'))
  assert.equal(await may(), false) // what was activated went with what it was activated from
})

test('a condition on how one signed in, from where, and when, is judged for each request', async (t) => {
  const { app, site, give, may } = await world(t)
  await give({ condition: { all: [{ factor: 'passkey' }, { networks: ['10.0.0.0/8'] }] } })
  const good = { factors: ['passkey'], address: '10.0.0.7' } as const

  assert.equal(await may(good), true)
  assert.equal(await may({ ...good, factors: ['password'] }), false)
  assert.equal(await may({ ...good, address: '192.0.2.1' }), false)
  assert.equal(await may({ factors: ['passkey'] }), false)
  assert.equal(await may(good), true)

  const minute = (at: number) => new Date(at).toISOString().slice(11, 16)
  const soon = site.clock.now().getTime() + 120_000
  await give({ condition: { time: { from: minute(soon), to: minute(soon + 600_000), zone: 'UTC' } } })
  assert.equal(await may(), false)
  wait(app, 120_000)
  assert.equal(await may(), true)
  wait(app, 600_000)
  assert.equal(await may(), false)
})

test('a condition on labels and classification is judged for each thing', async (t) => {
  const { give, may, change } = await world(t)
  await give({ condition: { all: [{ label: { name: 'env', in: ['test'] } }, { classification: { atMost: 'internal' } }] } })
  await change((tx) =>
    tx.db
      .withTables<{ policy_clearance: { id: string; principal_id: string; rank: number; caveats: string[] } }>()
      .insertInto('policy_clearance')
      .values({ id: 'c', principal_id: ann, rank: 300, caveats: [] })
      .execute()
      .then(() => {}),
  )

  const test = { labels: { env: 'test' } }
  assert.equal(await may({}, test), true)
  assert.equal(await may({}, { labels: { env: 'prod' } }), false)
  assert.equal(await may(), false)
  assert.equal(await may({}, { ...test, label: { rank: 100, caveats: [] } }), true)
  assert.equal(await may({}, { ...test, label: { rank: 200, caveats: [] } }), false)
})

test('what is denied is denied whatever gives it: by name, by noun, or all; below the place and not above it', async (t) => {
  const { give, may, change, root } = await world(t)
  await change((tx) => putGrant(tx, { principalId: ann, role: 'operator', scopeId: root }))
  const deny = (...actions: string[]) => give({ actions, scopeId: 'folder_a' })
  const here = { scope: 'folder_a' }

  await deny('deployment.delete')
  assert.deepEqual(
    [await may({}, here, 'deployment.delete'), await may({}, here), await may({}, {}, 'deployment.delete')],
    [false, true, true],
  )
  await deny('deployment.*')
  assert.deepEqual(
    [await may({}, here, 'deployment.delete'), await may({}, here), await may({}, here, 'model.read')],
    [false, false, true],
  )
  await deny('*')
  assert.deepEqual(
    [await may({}, here, 'model.read'), await may({}, { ...here, owner: ann }, 'key.read'), await may({}, {}, 'model.read')],
    [false, false, true],
  )
})

test('a denial that cannot be judged denies, and one whose condition is not met does not', async (t) => {
  const { give, may, change, root } = await world(t)
  await change((tx) => putGrant(tx, { principalId: ann, role: 'member', scopeId: root }))
  await give({ actions: ['*'], condition: { not: { networks: ['10.0.0.0/8'] } } })

  assert.equal(await may({ address: '10.0.0.1' }), true)
  assert.equal(await may({ address: '192.0.2.1' }), false)
  assert.equal(await may(), false)
})

test('the last owner cannot be denied anything at the root, by themselves or through a group, nor be owner only for a time', async (t) => {
  const { give, change, root, owner, app } = await world(t)
  const all = { actions: ['model.delete'] }
  await assert.rejects(give({ ...all, principalId: owner.userId }), { code: 'last-owner' })
  await change((tx) => putMember(tx, { groupId: 'group_g', memberId: owner.userId }))
  await assert.rejects(give({ ...all, principalId: 'group_g' }), { code: 'last-owner' })
  await change((tx) => removeMember(tx, { groupId: 'group_g', memberId: owner.userId }))
  await give({ ...all, principalId: 'group_g' })
  await assert.rejects(
    change((tx) => putMember(tx, { groupId: 'group_g', memberId: owner.userId })),
    { code: 'last-owner' },
  )
  await give({ ...all, principalId: owner.userId, scopeId: 'folder_a' }) // below the root they can always undo it

  const [own] = await grantsOf({ db: app.app.site.db }, owner.userId).then((grants) =>
    grants.filter(({ role }) => role === 'owner'),
  )
  const rewrite = (over: Partial<NewGrant>) =>
    change((tx) => putGrant(tx, { id: own!.id, principalId: owner.userId, role: 'owner', scopeId: root, ...over }))
  const later = new Date(Date.now() + 1e9)
  for (const over of [
    { expiresAt: later },
    { startsAt: later },
    { condition: { factor: 'passkey' } as const },
    { eligible: { maxSeconds: 60 } },
  ])
    await assert.rejects(rewrite(over), { code: 'last-owner' }, JSON.stringify(over))
})

test('what is given has the form it must have', async (t) => {
  const { give } = await world(t)
  const refused = (grant: Partial<NewGrant>, code = 'invalid-request') =>
    assert.rejects(give(grant), { code }, JSON.stringify(grant))
  const now = new Date()
  await refused({ role: 'member', actions: ['model.read'] })
  await refused({ effect: 'allow', actions: ['model.read'] })
  await refused({ effect: 'deny', role: 'member' })
  await refused({ actions: [] })
  await refused({ actions: ['model.explode'] })
  await refused({ actions: ['models.*'] })
  await refused({ actions: ['*.read'] })
  await refused({ actions: ['*'], eligible: { maxSeconds: 60 } })
  await refused({ startsAt: now, expiresAt: now })
  await refused({ role: 'emperor' }, 'unknown-role')
  await refused({ eligible: { maxSeconds: 60, approverRole: 'emperor' } }, 'unknown-role')
})
