import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveScope } from '#policy'
import { atomically } from '#platform/context.ts'
import { admit, amend, applicableTo, guardrailsVersion, judge, putExemption, putGuardrail } from './index.ts'
import { organisation, local, definition, document, site, assign, code } from '../../test/guardrail-site.ts'

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
