import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createOrganisation, moveScope, putScope } from '#policy'
import { parseConfig } from '#platform/config.ts'
import { atomically, systemContext, type Context } from '#platform/context.ts'
import { createPool, type Connection } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import type { Secrets } from '#platform/secrets.ts'
import { createApp } from '../app.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import {
  admit,
  amend,
  applicableTo,
  guardrailsVersion,
  judge,
  lockOuts,
  putExemption,
  putGuardrail,
  putGuardrailAssignment,
  putInitiative,
  removeGuardrail,
  removeGuardrailAssignment,
  startGuardrails,
  type Assignment,
  type Definition,
  type GuardrailDocument,
} from './index.ts'

const organisation = 'org_0'
const local = `guardrail_${'0'.repeat(26)}`
const initiative = `initiative_${'0'.repeat(26)}`

const definition = (given: Partial<Definition> = {}): Definition => ({
  title: 'No remote engine',
  description: '',
  category: 'test',
  version: '1.0.0',
  kinds: ['deployment'],
  parameters: { engine: { type: 'string', title: 'Engine', default: 'llama' } },
  require: { field: 'spec.engine', equals: { param: 'engine' } },
  effects: ['deny', 'audit'],
  effect: 'deny',
  message: '{name} runs {spec.engine}.',
  ...given,
})

const document = (given: Partial<GuardrailDocument> = {}): GuardrailDocument => ({
  kind: 'deployment',
  id: 'deployment_1',
  scope: '/a/b',
  scopeId: 'folder_b',
  name: 'chat',
  labels: {},
  classification: { rank: 0, caveats: [] },
  owner: 'user_ann',
  spec: { engine: 'openai' },
  facts: {},
  ...given,
})

/** Two processes of one site hold the same keys. */
const open = async (t: TestContext, connection: Connection, secrets?: Secrets): Promise<Context> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const pool = createPool(connection, 4)
  const app = await createApp({
    config: parseConfig({ HOLDFAST_HOME: home }),
    pool,
    log: silentLog,
    ...(secrets ? { secrets } : {}),
  })
  const listening = await startGuardrails(app.site, pool)
  t.after(async () => {
    await listening.stop()
    await app.http.close()
    await pool.end()
    rmSync(home, { recursive: true, force: true })
  })
  return systemContext(app.site, 'test')
}

/** An organisation with /a, /a/b and /c, and one guardrail of its own. */
const site = async (t: TestContext): Promise<{ ctx: Context; connection: Connection }> => {
  const connection = await createTestDatabase()
  const ctx = await open(t, connection)
  await atomically(ctx, async (tx) => {
    await createOrganisation(tx, { id: organisation, name: 'Test' })
    await putScope(tx, { id: 'folder_a', parentId: organisation, kind: 'folder', name: 'a' })
    await putScope(tx, { id: 'folder_b', parentId: 'folder_a', kind: 'folder', name: 'b' })
    await putScope(tx, { id: 'folder_c', parentId: organisation, kind: 'folder', name: 'c' })
    await putGuardrail(tx, { id: local, definition: definition() })
  })
  return { ctx, connection }
}

const assign = (ctx: Context, assignment: Assignment, { id = 'assignment_1', scopeId = 'folder_a' } = {}): Promise<void> =>
  atomically(ctx, (tx) => putGuardrailAssignment(tx, { id, scopeId, assignment }))
const code = (expected: string) => (problem: any) => {
  assert.equal(problem.code, expected, problem.stack)
  return true
}

test('what an enforced deny does not allow is refused, naming guardrail, assignment, message and values', async (t) => {
  const { ctx } = await site(t)
  await assign(ctx, { guardrail: local })

  await assert.rejects(admit(ctx, document()), (problem: any) => {
    assert.equal(problem.status, 403)
    assert.equal(problem.message, 'No remote engine: chat runs openai.')
    const { guardrail, assignment, message, parameters, denied } = problem.facts
    assert.deepEqual(
      [guardrail, assignment, message, parameters],
      [local, 'assignment_1', 'chat runs openai.', { engine: 'llama' }],
    )
    assert.equal(denied.length, 1)
    return code('guardrail-denied')(problem)
  })
  const { verdicts } = await admit(ctx, document({ spec: { engine: 'llama' } }))
  assert.deepEqual(
    verdicts.map(({ state }) => state),
    ['compliant'],
  )
})

test('what cannot be judged is not let in either', async (t) => {
  const { ctx } = await site(t)
  await assign(ctx, { guardrail: local })

  await assert.rejects(admit(ctx, document({ spec: {} })), (problem: any) => {
    assert.match(problem.message, /cannot be judged: spec\.engine not known/)
    return code('guardrail-denied')(problem)
  })
})

test('a dry run says what it would refuse, and refuses nothing', async (t) => {
  const { ctx } = await site(t)
  await assign(ctx, { guardrail: local, enforced: false })

  const { doc, verdicts } = await admit(ctx, document())

  assert.deepEqual(doc, document())
  assert.deepEqual(
    verdicts.map(({ state, enforced }) => [state, enforced]),
    [['non-compliant', false]],
  )
})

test('an assignment holds at its scope and below, and moves with the tree', async (t) => {
  const { ctx } = await site(t)
  await assign(ctx, { guardrail: local })
  const elsewhere = document({ scope: '/c', scopeId: 'folder_c' })
  assert.deepEqual((await admit(ctx, elsewhere)).verdicts, [])
  assert.equal((await applicableTo(ctx, ['folder_b', 'folder_a', organisation], 'deployment')).length, 1)
  assert.equal((await applicableTo(ctx, ['folder_c', organisation])).length, 0)

  await atomically(ctx, (tx) => moveScope(tx, { id: 'folder_c', parentId: 'folder_a' }))

  await assert.rejects(admit(ctx, elsewhere), code('guardrail-denied'))
})

test('modify comes before deny: what was made right is let in, and it is said what was changed', async (t) => {
  const { ctx } = await site(t)
  const fixing = definition({
    effects: ['modify'],
    effect: 'modify',
    modify: [{ path: 'spec.engine', value: { param: 'engine' } }],
  })
  const id = local.replace(/0$/, '1')
  await atomically(ctx, (tx) => putGuardrail(tx, { id, definition: fixing }))
  await assign(ctx, { guardrail: local })
  await assign(ctx, { guardrail: id }, { id: 'assignment_2' })

  const { doc, verdicts } = await admit(ctx, document())

  assert.deepEqual(doc.spec, { engine: 'llama' })
  assert.deepEqual(await amend(ctx, document()), doc)
  assert.deepEqual(
    verdicts.map(({ effect, state, changes }) => [effect, state, changes]),
    [
      ['deny', 'compliant', undefined],
      ['modify', 'compliant', [{ path: 'spec.engine', value: 'llama' }]],
    ],
  )
})

test('an exemption lets in what would be refused, until its day', async (t) => {
  const { ctx } = await site(t)
  await assign(ctx, { guardrail: local })
  const soon = (ms: number) => new Date(ctx.now().getTime() + ms).toISOString()
  const exempt = (expiresAt: string) =>
    atomically(ctx, (tx) =>
      putExemption(tx, {
        id: 'exemption_1',
        exemption: { assignment: 'assignment_1', resource: 'deployment_1', category: 'waived', expiresAt },
      }),
    )
  await exempt(soon(60_000))
  assert.deepEqual(
    (await admit(ctx, document())).verdicts.map(({ state, exemption }) => [state, exemption]),
    [['exempt', 'exemption_1']],
  )

  await exempt(soon(-1_000))

  await assert.rejects(admit(ctx, document()), code('guardrail-denied'))
})

test('judging many says of each what admitting one would, and nothing of what lies where nothing is any more', async (t) => {
  const { ctx } = await site(t)
  await assign(ctx, { guardrail: local, enforced: false })
  const docs = [
    document(),
    document({ spec: { engine: 'llama' } }),
    document({ scopeId: 'folder_c' }),
    document({ scopeId: 'folder_gone' }),
  ]

  const verdicts = await judge(ctx, docs)

  assert.deepEqual(
    verdicts.map((list) => list.map(({ state }) => state)),
    [['non-compliant'], ['compliant'], [], []],
  )
  assert.deepEqual(verdicts[0], (await admit(ctx, docs[0]!)).verdicts)
  await assert.rejects(admit(ctx, docs[3]!), code('scope-missing'))
})

test('a version stands for everything that is judged by', async (t) => {
  const { ctx } = await site(t)
  const versions = [await guardrailsVersion(ctx)]
  await assign(ctx, { guardrail: local })
  versions.push(await guardrailsVersion(ctx))
  await atomically(ctx, (tx) => putGuardrail(tx, { id: local, definition: definition({ message: 'no' }) }))
  versions.push(await guardrailsVersion(ctx))
  assert.equal(new Set(versions).size, 3)

  await atomically(ctx, (tx) => putGuardrail(tx, { id: local, definition: definition() }))

  assert.equal(await guardrailsVersion(ctx), versions[1])
})

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
