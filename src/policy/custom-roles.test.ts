import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atomically, systemContext, type Context } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { findRole, findRoles, putRole, removeRole } from './custom-roles.ts'
import { rootScope } from './facts.ts'
import { putGrant, removeGrant } from './grants.ts'
import { allActions, roleNames } from './roles.ts'

const viewer = { name: 'viewer', title: 'Viewer', description: 'Looks.', actions: ['model.*', 'deployment.read'] }

const site = async (t: Parameters<typeof testApp>[0]) => {
  const app = await testApp(t)
  const ctx = systemContext(app.app.site, 'test')
  const change = (run: (tx: Context) => Promise<void>) => atomically(ctx, run)
  return { app, ctx, change, root: (await rootScope(ctx))!.id }
}

test('a role made here stands beside the built-in ones, with the actions its patterns name', async (t) => {
  const { ctx, change } = await site(t)

  await change((tx) => putRole(tx, viewer))

  const found = await findRole(ctx, 'viewer')
  assert.deepEqual(
    found.actions,
    [...allActions.filter((action) => action.startsWith('model.')), 'deployment.read'].sort(
      (a, b) => allActions.indexOf(a) - allActions.indexOf(b),
    ),
  )
  assert.deepEqual(
    (await findRoles(ctx)).map(({ name, builtIn }) => [name, builtIn]),
    [...roleNames.map((name) => [name, true]), ['viewer', false]],
  )
})

test('a role takes no built-in name, no unknown action, and nothing that is one’s own only', async (t) => {
  const { change } = await site(t)
  const put = (over: Partial<typeof viewer>) => change((tx) => putRole(tx, { ...viewer, ...over }))

  await assert.rejects(put({ name: 'owner' }), { code: 'name-taken' })
  for (const name of ['', 'Viewer', '1st', 'a b', `a${'b'.repeat(63)}`, '__proto__'])
    await assert.rejects(put({ name }), { code: 'invalid-request' })
  for (const action of ['model.explode', 'models.*', '*', '*.read', 'conversation.read', 'conversation.*', 'model.', ''])
    await assert.rejects(put({ actions: ['model.read', action] }), { code: 'invalid-request' }, action)
  await assert.rejects(put({ actions: [] }), { code: 'invalid-request' })
})

test('a role is removed when nobody holds it, and not before', async (t) => {
  const { ctx, change, root } = await site(t)
  await change((tx) => putRole(tx, viewer))
  await assert.rejects(
    change((tx) => putGrant(tx, { principalId: 'user_x', role: 'viewers', scopeId: root })),
    { code: 'unknown-role' },
  )
  await change((tx) =>
    putGrant(tx, {
      id: 'grant_1',
      principalId: 'user_x',
      role: 'viewer',
      scopeId: root,
      eligible: { maxSeconds: 60, approverRole: 'viewer' },
    }),
  )

  await assert.rejects(
    change((tx) => removeRole(tx, 'viewer')),
    { code: 'role-in-use' },
  )
  await change((tx) => removeGrant(tx, 'grant_1'))
  await change((tx) => removeRole(tx, 'viewer'))

  await assert.rejects(findRole(ctx, 'viewer'), { code: 'unknown-role' })
})
