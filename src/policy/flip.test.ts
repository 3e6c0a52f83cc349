import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { atomically, createContext, systemContext, type Context, type Principal } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { putRole } from './custom-roles.ts'
import { explain } from './explain.ts'
import { putScope, rootScope } from './facts.ts'
import { putGrant, removeGrant } from './grants.ts'
import { putClearance } from './label-facts.ts'
import { labelScope } from './levels.ts'

const ann = 'user_ann'
type Asked = Omit<Parameters<typeof explain>[1], 'action'> & { action?: string }

const world = async (t: TestContext) => {
  const app = await testApp(t)
  const { site } = app.app
  const system = systemContext(site, 'test')
  const change = (run: (tx: Context) => Promise<void>) => atomically(system, run)
  const root = (await rootScope(system))!.id
  await change((tx) => putScope(tx, { id: 'folder_a', parentId: root, kind: 'folder', name: 'a' }))
  await change((tx) => putRole(tx, { name: 'viewer', title: 'V', description: 'V', actions: ['model.read'] }))
  await change((tx) => putScope(tx, { id: 'folder_b', parentId: 'folder_a', kind: 'folder', name: 'b' }))
  await change((tx) => putGrant(tx, { principalId: ann, role: 'auditor', scopeId: 'folder_b' })) // who holds something below /a may know of it
  const why = async (question: Asked = {}, over: Partial<Principal> = {}) => {
    const ctx = createContext(site, { actor: { kind: 'user', id: ann, factors: ['password'], address: '10.0.0.1', ...over } })
    const said = await explain(ctx, { action: 'model.read', scope: '/a', ...question })
    assert.equal(
      said.allowed,
      await ctx.permits('model.read', {
        kind: 'model',
        scope: 'folder_a',
        ...(question.labels ? { labels: question.labels } : {}),
      }),
    )
    return { ...said, turns: said.flip.map(({ changes }) => changes.map(({ text }) => text).join(' and ')) }
  }
  const viewer = { id: 'grant_v', principalId: ann, role: 'viewer', scopeId: 'folder_a' }
  return { app, site, change, root, why, viewer }
}

test('where nothing gives it, the role that holds least is named first, and giving it turns the answer', async (t) => {
  const { change, why, viewer } = await world(t)
  const { flip, allowed, turns } = await why()
  assert.equal(allowed, false)
  assert.deepEqual(flip[0]!.changes, [
    { kind: 'assign', text: 'assign role viewer at /a or above it', role: 'viewer', path: '/a' },
  ])
  assert.match(turns[1]!, /^assign role member /)

  await change((tx) => putGrant(tx, viewer))
  const after = await why()
  assert.equal(after.allowed, true)
  assert.deepEqual(after.turns, ['role viewer at /a taken away', 'deny model.read at /a'])
  assert.deepEqual(
    after.rules.map(({ id }) => id),
    ['role-viewer'],
  )
  await change((tx) => removeGrant(tx, 'grant_v'))
  assert.equal((await why()).allowed, false)
})

test('a condition that is not met is told as what to do: sign in otherwise, come from elsewhere, at another hour, label it', async (t) => {
  const { change, why, viewer } = await world(t)
  const give = (condition: NonNullable<Parameters<typeof putGrant>[1]['condition']>) =>
    change((tx) => putGrant(tx, { ...viewer, condition }))

  await give({ factor: 'passkey' })
  assert.equal((await why()).turns[0], 'use passkey')
  assert.equal((await why({}, { factors: ['passkey'] })).allowed, true)
  assert.ok((await why({}, { factors: ['passkey'] })).turns.includes('sign in without passkey'))

  await give({ networks: ['192.168.0.0/16'] })
  assert.equal((await why()).turns[0], 'from 192.168.0.0/16')
  assert.equal((await why({}, { address: '192.168.7.7' })).allowed, true)

  const [hour, next] = [2, 3].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16)) as [
    string,
    string,
  ]
  await give({ time: { from: hour, to: next, zone: 'UTC' } })
  assert.equal((await why()).turns[0], `within ${hour}–${next} UTC`)

  await give({
    any: [{ all: [{ label: { name: 'env', in: ['test'] } }, { factor: 'passkey' }] }, { not: { factor: 'password' } }],
  })
  assert.deepEqual(
    (await why()).turns.filter((text) => !text.startsWith('assign')),
    ['sign in without password', 'label env in test and use passkey'],
  )
  assert.deepEqual((await why({ labels: { env: 'test' } })).turns.slice(0, 2), ['use passkey', 'sign in without password'])
})

test('a denial is told with where it is, and every hindrance must fall at once', async (t) => {
  const { change, root, why, viewer } = await world(t)
  await change(async (tx) => {
    await putGrant(tx, viewer)
    await putGrant(tx, {
      id: 'grant_d',
      principalId: ann,
      effect: 'deny',
      actions: ['model.*'],
      scopeId: root,
      condition: { not: { factor: 'passkey' } },
    })
  })
  const denied = await why()
  assert.match(denied.summary, /^No: model\.\* is denied at \//)
  assert.deepEqual(
    denied.rules.map(({ id }) => id),
    ['denial'],
  )
  assert.deepEqual(denied.turns, ['deny of model.* at / removed', 'use passkey'])
  assert.equal((await why({}, { factors: ['passkey'] })).allowed, true)

  await change((tx) => labelScope(tx, 'folder_a', { rank: 150, caveats: [] }))
  const both = await why()
  assert.deepEqual(both.turns, [
    'deny of model.* at / removed and clearance raised to confidential',
    'use passkey and clearance raised to confidential',
  ])
  await change(async (tx) => {
    await removeGrant(tx, 'grant_d')
    await putClearance(tx, { id: 'clearance_ann', principalId: ann, label: { rank: 200, caveats: [] } })
  })
  assert.equal((await why()).allowed, true)
})

test('what one is eligible for is to be activated, what starts later is to be waited for, and what has ended is no way', async (t) => {
  const { site, change, why, viewer } = await world(t)
  await change((tx) => putGrant(tx, { ...viewer, eligible: { maxSeconds: 60 } }))
  const { flip, grants } = await why()
  assert.deepEqual(flip[0]!.changes, [
    { kind: 'activate', text: 'activate the role viewer at /a', assignment: 'grant_v', path: '/a', role: 'viewer' },
  ])
  assert.deepEqual(
    grants
      .filter(({ id }) => id === 'grant_v')
      .map(({ eligible, inForce, applies, gives }) => [eligible, inForce, applies, gives]),
    [[true, false, true, true]],
  )

  const startsAt = new Date(site.clock.now().getTime() + 60_000)
  await change((tx) => putGrant(tx, { ...viewer, startsAt }))
  assert.equal((await why()).turns[0], `from ${startsAt.toISOString()} on`)
  await change((tx) => putGrant(tx, { ...viewer, expiresAt: site.clock.now() }))
  assert.match((await why()).turns[0]!, /^assign role viewer/)
})

test('of others it is not known how they sign in: what hangs on it does not hold, until the question says it', async (t) => {
  const { app, site, change, viewer } = await world(t)
  const owner = await app.as('owner')
  const { userId: other } = await app.as('nobody')
  await change((tx) => putGrant(tx, { ...viewer, principalId: other, condition: { factor: 'passkey' } }))
  const ctx = createContext(site, { actor: { kind: 'user', id: owner.userId, factors: ['passkey'] } })
  const why = (over: object) => explain(ctx, { principal: other, action: 'model.read', scope: '/a', ...over })

  const unknown = await why({})
  assert.equal(unknown.allowed, false)
  assert.equal(unknown.grants.find(({ id }) => id === 'grant_v')?.met, 'unknown')
  assert.equal((await why({ factors: ['passkey'] })).allowed, true)
  assert.equal((await why({ factors: ['totp'] })).allowed, false)
})
