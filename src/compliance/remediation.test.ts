import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { definition, governed, type Governed } from '../../test/compliance-state.ts'
import { remediateNext } from './remediation-loop.ts'
import { rewritesMax } from './remediation-rewrite.ts'

const started = { assignment: 'assigned_1', perMinute: 600 }

/** Projects without a purpose, and an assignment that would give them one. */
const broken = async (
  t: TestContext,
  names: string[] = ['one'],
): Promise<Governed & { ids: string[]; settle(): Promise<void> }> => {
  const site = await governed(t)
  await site.define(definition({ effect: 'remediate' }))
  await site.assign({})
  const ids: string[] = []
  for (const name of names) ids.push(await site.project(name))
  await site.judge()
  return { ...site, ids, settle: () => settle(site) }
}

/** Until nothing moves, though time passes. */
const settle = async (site: Governed): Promise<void> => {
  for (let quiet = 0; quiet < 2;) {
    await site.judge()
    quiet = (await remediateNext(site.ctx)) ? 0 : quiet + 1
    site.app.clock.advance(1_001)
  }
}

const start = async ({ owner }: Governed, body: object = started): Promise<string> => {
  const { status, body: made, text } = await owner.post('/api/v1/remediations', body)
  if (status !== 201) throw new Error(text)
  return made.id
}
const read = async ({ owner }: Governed, id: string) => (await owner.get(`/api/v1/remediations/${id}`)).body
const labelsOf = async ({ owner }: Governed, id: string) => (await owner.get(`/api/v1/projects/${id}`)).body.labels

test('a preview says exactly what would be changed, and changes nothing', async (t) => {
  const site = await broken(t, ['one', 'two'])
  await site.owner.put('/api/v1/locks', { name: 'hold', spec: { effect: 'read-only', resource: site.ids[1] } })

  const { status, body } = await site.owner.post('/api/v1/remediations', { ...started, dryRun: true })

  assert.equal(status, 200)
  assert.equal(body.total, 2)
  assert.deepEqual(
    body.items.map(({ resource, outcome, changes }: any) => [resource.name, outcome, changes]),
    [
      ['one', 'rewrite', [{ path: 'labels.purpose', after: 'unsaid' }]],
      ['two', 'locked', []],
    ],
  )
  assert.match(body.items[1].explanation, /The lock hold/)
  assert.deepEqual(await labelsOf(site, site.ids[0]!), {})
  assert.deepEqual((await site.owner.get('/api/v1/remediations')).body.items, [])
})

test('what is wrong is put right and recorded for whom; what goes wrong later, too; what is locked is told', async (t) => {
  const site = await broken(t, ['one', 'two', 'three'])
  await site.owner.put('/api/v1/locks', { name: 'hold', spec: { effect: 'read-only', resource: site.ids[1] } })
  const id = await start(site)
  await site.settle()

  assert.deepEqual(await site.states(), { one: 'compliant', two: 'non-compliant', three: 'compliant' })
  const later = await site.project('four')
  await site.settle()
  assert.deepEqual(await labelsOf(site, later), { purpose: 'unsaid' })
  const { state, progress, outcomes: items } = await read(site, id)
  assert.deepEqual([state, progress], ['running', { waiting: 0, rewritten: 3, locked: 1, refused: 0, setAside: 0 }])
  assert.match(items.find((item: any) => item.resource.name === 'two').explanation, /The lock hold/)
  const rewrites = (await site.app.audit()).filter(({ action }) => action === 'remediation.rewrite')
  assert.deepEqual(
    rewrites.map(({ actor, facts }) => [actor, facts.onBehalfOf, facts.fields]),
    Array.from({ length: 3 }, () => ['system', site.owner.userId, ['labels.purpose']]),
  )
})

test('it goes no faster than it was told', async (t) => {
  const site = await broken(t, ['one', 'two', 'three'])
  await start(site, { ...started, perMinute: 2 })
  const done = async () => {
    await site.judge()
    return Object.values(await site.states()).filter((state) => state === 'compliant').length
  }

  await remediateNext(site.ctx)
  assert.equal(await remediateNext(site.ctx), false, 'not two in one second')
  assert.equal(await done(), 1)
  site.app.clock.advance(1_001)
  await remediateNext(site.ctx)
  site.app.clock.advance(1_001)
  assert.equal(await remediateNext(site.ctx), false, 'not three in one minute')
  assert.equal(await done(), 2)
  site.app.clock.advance(60_000)
  await remediateNext(site.ctx)
  assert.equal(await done(), 3)
})

test('once it is stopped it changes nothing more', async (t) => {
  const site = await broken(t, ['one', 'two'])
  const id = await start(site)
  await remediateNext(site.ctx)

  const { body } = await site.owner.post(`/api/v1/remediations/${id}/stop`)
  await site.settle()

  assert.deepEqual([body.state, body.stoppedBy], ['stopped', site.owner.userId])
  assert.deepEqual(Object.values(await site.states()).toSorted(), ['compliant', 'non-compliant'])
  assert.equal((await site.owner.post(`/api/v1/remediations/${id}/stop`)).status, 200, 'stopping twice is stopping once')
})

test('what someone changes back is rewritten a few times, then set aside, saying who wants it otherwise', async (t) => {
  const site = await broken(t)
  const id = await start(site)
  for (let i = 0; i <= rewritesMax; i++) {
    await site.settle()
    await site.project('one', {})
  }
  await site.settle()

  assert.deepEqual(await labelsOf(site, site.ids[0]!), {}, 'it is left as people want it')
  const { outcomes: items, progress } = await read(site, id)
  assert.deepEqual([progress.setAside, items[0].state], [1, 'set-aside'])
  assert.match(
    items[0].explanation,
    new RegExp(`rewritten ${rewritesMax} times within an hour by ${id}.*last by ${site.owner.userId}`),
  )
})

test('two remediations that want different things do not rewrite each other for ever', async (t) => {
  const site = await broken(t)
  const other = `guardrail_${'1'.repeat(26)}`
  await site.define(
    definition({
      effect: 'remediate',
      require: { field: 'labels.purpose', equals: 'research' },
      remediate: [{ path: 'labels.purpose', value: 'research' }],
    }),
    other,
  )
  await site.define(definition({ effect: 'remediate', require: { field: 'labels.purpose', equals: 'unsaid' } }))
  await site.assign({ guardrail: other }, { id: 'assigned_2' })
  await site.judge()
  const ids = [await start(site), await start(site, { ...started, assignment: 'assigned_2' })]
  await site.settle()

  const { generation } = (await site.owner.get(`/api/v1/projects/${site.ids[0]}`)).body
  assert.equal(generation, 1 + rewritesMax)
  const setAside = []
  for (const id of ids) setAside.push(...(await read(site, id)).outcomes.filter(({ state }: any) => state === 'set-aside'))
  assert.ok(setAside.length > 0)
  for (const { explanation } of setAside) for (const id of ids) assert.match(explanation, new RegExp(id))
})

test('nothing that gives rights is ever rewritten by a guardrail', async (t) => {
  const site = await broken(t)
  await site.define(
    definition({
      kinds: ['role-assignment'],
      effect: 'remediate',
      require: { field: 'spec.role', equals: 'owner' },
      remediate: [{ path: 'spec.role', value: 'owner' }],
    }),
  )
  const member = await site.app.as('member')
  await site.judge()
  const id = await start(site)
  await site.settle()

  const { outcomes: items, progress } = await read(site, id)
  assert.equal(progress.rewritten, 0)
  assert.ok(items.length > 0)
  for (const item of items) assert.deepEqual([item.resource.kind, item.state], ['role-assignment', 'refused'])
  const { body } = await site.owner.get('/api/v1/role-assignments')
  assert.deepEqual(
    body.items.filter(({ spec }: any) => spec.principal === member.userId).map(({ spec }: any) => spec.role),
    ['member'],
  )
})

test('what needs approval is not changed by a remediation that nobody approved', async (t) => {
  const site = await broken(t)
  await site.owner.put('/api/v1/approval-rules', { name: 'two', spec: { actions: ['project.apply'], quorum: 1 } })
  const id = await start(site)
  await site.settle()

  const { outcomes: items } = await read(site, id)
  assert.deepEqual([items[0].state, await labelsOf(site, site.ids[0]!)], ['refused', {}])
  assert.match(items[0].explanation, /needs approval/)
})

test('a remediation ends with what it was for, and never begins without', async (t) => {
  const site = await broken(t)
  const post = async (body: object) => {
    const reply = await site.owner.post('/api/v1/remediations', { ...started, ...body })
    return [reply.status, reply.body.type]
  }
  const id = await start(site)
  assert.deepEqual(await post({}), [409, '/problems/remediation-running'])
  assert.deepEqual(await post({ assignment: 'assigned_9' }), [409, '/problems/remediation-impossible'])

  await site.assign({ enforced: false })
  await remediateNext(site.ctx)

  const { state, stoppedBy, stoppedBecause } = await read(site, id)
  assert.deepEqual([state, stoppedBy], ['stopped', 'system'])
  assert.match(stoppedBecause, /dry run/)
  assert.deepEqual(await post({}), [409, '/problems/remediation-impossible'])
  assert.deepEqual(await labelsOf(site, site.ids[0]!), {})
})

test('who may see what is remediated may not start or stop it; who may do neither knows of none', async (t) => {
  const site = await broken(t)
  const id = await start(site)
  const operator = await site.app.as('operator')
  const member = await site.app.as('member')

  assert.equal((await operator.get(`/api/v1/remediations/${id}`)).status, 200)
  assert.equal((await operator.post(`/api/v1/remediations/${id}/stop`)).status, 403)
  assert.equal((await operator.post('/api/v1/remediations', { ...started, dryRun: true })).status, 403)
  assert.equal((await member.get(`/api/v1/remediations/${id}`)).status, 404)
  assert.deepEqual((await member.get('/api/v1/remediations')).body.items, [])
})
