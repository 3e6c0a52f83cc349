import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { atomically, createContext, systemContext, type Context } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { putScope, rootScope } from './facts.ts'
import { putGrant } from './grants.ts'
import { putMember, removeMember } from './members.ts'
import { moveScope } from './move.ts'
import { whatIf } from './what-if.ts'

const size = 100_000

test('a group of 100,000 is like any other: its roles reach each member, and leave with each', async (t) => {
  const { app } = await testApp(t)
  const system = systemContext(app.site, 'test')
  const root = (await rootScope(system))!.id
  const change = (run: (tx: Context) => Promise<void>) => atomically(system, run)
  await sql`insert into policy_member (group_id, member_id) select 'group_all', 'user_' || n from generate_series(1, ${size}::int) n`.execute(
    system.db,
  )
  await change(async (tx) => {
    await putMember(tx, { groupId: 'group_above', memberId: 'group_all' })
    await putGrant(tx, { principalId: 'group_above', role: 'member', scopeId: root })
  })
  const may = (n: number) =>
    createContext(app.site, { actor: { kind: 'user', id: `user_${n}`, factors: [] } }).permits('deployment.invoke', {
      kind: 'deployment',
    })

  assert.deepEqual([await may(1), await may(size), await may(size + 1)], [true, true, false])
  await change((tx) => removeMember(tx, { groupId: 'group_all', memberId: `user_${size}` }))
  await change((tx) => putMember(tx, { groupId: 'group_all', memberId: `user_${size + 1}` }))
  assert.deepEqual([await may(1), await may(size), await may(size + 1)], [true, false, true])

  await assert.rejects(
    change((tx) => putMember(tx, { groupId: 'group_all', memberId: 'group_above' })),
    { code: 'group-cycle' },
  )
  await change((tx) => putGrant(tx, { principalId: 'group_all', effect: 'deny', actions: ['deployment.invoke'], scopeId: root }))
  assert.equal(await may(1), false)
  const { gains, truncated } = await whatIf(system, (tx) =>
    putGrant(tx, { principalId: 'group_all', role: 'auditor', scopeId: root }),
  )
  assert.deepEqual([gains.length, truncated], [1_000, true])
})

test('neither groups nor folders close a circle, however far around, not even by two changes at once', async (t) => {
  const { app } = await testApp(t)
  const system = systemContext(app.site, 'test')
  const root = (await rootScope(system))!.id
  const change = (run: (tx: Context) => Promise<void>) => atomically(system, run)
  await change(async (tx) => {
    for (const name of ['a', 'b']) await putScope(tx, { id: `folder_${name}`, parentId: root, kind: 'folder', name })
  })
  const codes = async (...acts: ((tx: Context) => Promise<void>)[]) =>
    (
      await Promise.all(
        acts.map((act) =>
          change(act).then(
            () => 'done',
            ({ code }: { code: string }) => code,
          ),
        ),
      )
    ).sort()

  const nest = (groupId: string, memberId: string) => (tx: Context) => putMember(tx, { groupId, memberId })
  assert.deepEqual(await codes(nest('group_a', 'group_a')), ['group-cycle'])
  assert.deepEqual(await codes(nest('group_a', 'group_b'), nest('group_b', 'group_a')), ['done', 'group-cycle'])
  const move = (id: string, parentId: string) => (tx: Context) => moveScope(tx, { id, parentId })
  assert.deepEqual(await codes(move('folder_a', 'folder_a')), ['scope-cycle'])
  assert.deepEqual(await codes(move('folder_a', 'folder_b'), move('folder_b', 'folder_a')), ['done', 'scope-cycle'])
})
