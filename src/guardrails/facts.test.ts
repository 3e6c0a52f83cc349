import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { atomically } from '#platform/context.ts'
import {
  admit,
  judge,
  lockOuts,
  putGuardrail,
  putGuardrailAssignment,
  putInitiative,
  removeGuardrail,
  removeGuardrailAssignment,
} from './index.ts'
import { local, initiative, definition, document, open, site, assign, code } from '../../test/guardrail-site.ts'

test('a guardrail put to work in one process refuses in another soon after, without a restart', async (t) => {
  const { ctx, connection } = await site(t)
  const there = await open(t, connection, ctx.site.secrets)
  assert.deepEqual((await admit(there, document())).verdicts, [])

  await assign(ctx, { guardrail: local })

  await assert.rejects(admit(ctx, document()), code('guardrail-denied'))
  const giveUpAt = performance.now() + 30_000
  while ((await judge(there, [document()]))[0]!.length === 0) {
    assert.ok(performance.now() < giveUpAt, 'never seen')
    await setImmediate()
  }
})

test('what a transaction assigns binds it at once, and nobody when it is undone', async (t) => {
  const { ctx } = await site(t)
  const undone = atomically(ctx, async (tx) => {
    await putGuardrailAssignment(tx, { id: 'assignment_1', scopeId: 'folder_a', assignment: { guardrail: local } })
    await assert.rejects(admit(tx, document()), code('guardrail-denied'))
    throw new Error('changed my mind')
  })
  await assert.rejects(undone, /changed my mind/)

  assert.deepEqual((await admit(ctx, document())).verdicts, [])
})

test('a guardrail that is in use stays, and cannot be changed away from under its assignments', async (t) => {
  const { ctx } = await site(t)
  await assign(ctx, { guardrail: local, parameters: { engine: 'vllm' } })

  await assert.rejects(
    atomically(ctx, (tx) => removeGuardrail(tx, local)),
    code('guardrail-in-use'),
  )
  const other = definition({ parameters: {}, require: { field: 'spec.engine', exists: true } })
  await assert.rejects(
    atomically(ctx, (tx) => putGuardrail(tx, { id: local, definition: other })),
    code('guardrail-misfit'),
  )

  await atomically(ctx, (tx) => removeGuardrailAssignment(tx, 'assignment_1'))
  await atomically(ctx, (tx) => removeGuardrail(tx, local))
  assert.deepEqual((await admit(ctx, document())).verdicts, [])
})

test('a guardrail that an initiative names stays too', async (t) => {
  const { ctx } = await site(t)
  await atomically(ctx, (tx) =>
    putInitiative(tx, {
      id: initiative,
      initiative: { title: 'Group', description: '', category: 'test', version: '1.0.0', guardrails: [{ guardrail: local }] },
    }),
  )
  await assert.rejects(
    atomically(ctx, (tx) => removeGuardrail(tx, local)),
    code('guardrail-in-use'),
  )
})

test('an assignment of what is not there, or with values that do not fit, is not kept', async (t) => {
  const { ctx } = await site(t)
  await assert.rejects(assign(ctx, { guardrail: 'builtin/nothing' }), code('guardrail-misfit'))
  await assert.rejects(assign(ctx, { guardrail: local, parameters: { engine: 7 } }), code('guardrail-misfit'))
  await assert.rejects(
    assign(ctx, { initiative: 'builtin/baseline', effects: { 'builtin/passkey': 'audit' } }),
    code('guardrail-misfit'),
  )
  assert.deepEqual((await admit(ctx, document())).verdicts, [])
})

test('what did not fit before is no reason to refuse mending something else', async (t) => {
  const { ctx } = await site(t)
  await assign(ctx, { guardrail: local })
  // As after an update of the product whose library has not this guardrail any more.
  await ctx.site.db.withTables<any>().updateTable('guardrail_assignment').set({ body: '{"guardrail": "builtin/gone"}' }).execute()
  await assign(ctx, { guardrail: local }, { id: 'assignment_2' })

  await assert.rejects(assign(ctx, { guardrail: 'builtin/gone' }), code('guardrail-misfit'))
  const [verdicts] = await judge(ctx, [document()])
  assert.deepEqual(
    verdicts!.map(({ assignment, effect, state }) => [assignment, effect, state]),
    [
      ['assignment_1', 'audit', 'unknown'],
      ['assignment_2', 'deny', 'non-compliant'],
    ],
  )
})

test('what was just assigned is asked whether it locks everyone out, each guardrail of an initiative by itself', async (t) => {
  const { ctx } = await site(t)
  const docs = [1, 2, 3].map((n) => document({ id: `deployment_${n}` }))
  await atomically(ctx, async (tx) => {
    await putGuardrailAssignment(tx, { id: 'assignment_1', scopeId: 'folder_a', assignment: { initiative: 'builtin/baseline' } })
    const found = await lockOuts(tx, { assignment: 'assignment_1' }, docs)
    assert.deepEqual(
      found.map(({ guardrail, reason }) => [guardrail, reason]),
      [['builtin/engine-local', 'refuses-everything']],
    )
    assert.deepEqual(
      await lockOuts(
        tx,
        { assignment: 'assignment_1' },
        docs.map((doc) => ({ ...doc, scopeId: 'folder_c' })),
      ),
      [],
    )
    assert.equal((await lockOuts(tx, { initiative: 'builtin/baseline' }, docs)).length, 1)
  })
})
