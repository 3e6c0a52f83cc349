import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setStatus } from '#resources'
import { clear } from '../../test/clearance.ts'
import { definition, governed } from '../../test/compliance-state.ts'
import { freshHoursMax } from './state-judge.ts'
import { judgeNext } from './sweep.ts'

const hourMs = 3_600_000

test('what is there is judged against what is assigned, and the worst of it counts', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.project('good', { purpose: 'payroll' })
  const bad = await site.project('bad')
  await site.judge()

  assert.deepEqual(await site.states(), { good: 'compliant', bad: 'non-compliant' })
  const { body } = await site.owner.get('/api/v1/compliance')
  assert.deepEqual(body.resources, { compliant: 1, 'non-compliant': 1, exempt: 0, stale: 0, unknown: 0 })
  assert.deepEqual(body.verdicts, body.resources)
  const [one] = (await site.owner.get(`/api/v1/compliance/verdicts?resource=${bad}`)).body.items
  assert.deepEqual(
    [one.assignment, one.message, one.generation, one.guardrailsVersion, one.remediable],
    ['assigned_1', 'bad does not say what it is for.', 1, body.guardrailsVersion, false],
  )
})

test('nothing is green that changed since it was judged, not even for a moment', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.project('good', { purpose: 'payroll' })
  await site.judge()

  await site.project('good', {}) // takes the label away

  const [stale] = (await site.owner.get('/api/v1/compliance/verdicts')).body.items
  assert.deepEqual([stale.state, stale.stale, stale.was], ['stale', 'changed', 'compliant'])
  assert.deepEqual((await site.owner.get('/api/v1/compliance')).body.resources.stale, 1)
  await judgeNext(site.ctx)
  assert.deepEqual(await site.states(), { good: 'non-compliant' })
})

test('nothing is green under guardrails that are no longer those it was judged by', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.project('good', { purpose: 'payroll' })
  await site.judge()

  await site.define(definition({ require: { field: 'labels.owner', exists: true } }))

  const [stale] = (await site.owner.get('/api/v1/compliance/verdicts')).body.items
  assert.deepEqual([stale.state, stale.stale], ['stale', 'guardrails-changed'])
  await site.judge()
  assert.deepEqual(await site.states(), { good: 'non-compliant' })
})

test('nothing is green that was judged too long ago', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.project('good', { purpose: 'payroll' })
  await site.judge()
  const key = site.app.bearer((await site.owner.post('/api/v1/keys', { name: 'reader' })).body.secret) // outlives a session

  site.app.clock.advance(freshHoursMax * hourMs)

  const [stale] = (await key.get('/api/v1/compliance/verdicts')).body.items
  assert.deepEqual([stale.state, stale.stale], ['stale', 'too-old'])
  await site.judge()
  assert.deepEqual(await site.states(key), { good: 'compliant' })
})

test('what is observed of a thing makes its verdict stale as its own change does', async (t) => {
  const site = await governed(t)
  await site.define(definition({ require: { field: 'status.state', equals: 'ready' } }))
  await site.assign({})
  const id = await site.project('one')
  await setStatus(site.ctx, id, { state: 'ready' })
  await site.judge()
  assert.deepEqual(await site.states(), { one: 'compliant' })

  await setStatus(site.ctx, id, { state: 'failed' })

  assert.deepEqual(await site.states(), { one: 'stale' })
  await site.judge()
  assert.deepEqual(await site.states(), { one: 'non-compliant' })
})

test('a folder that is labelled higher makes stale what lies in it, which is then judged again', async (t) => {
  const site = await governed(t)
  await site.define(definition({ require: { field: 'classification.rank', lt: 200 } }))
  await site.assign({})
  await site.folder('lab')
  await site.project('in-lab', {}, '/lab')
  await site.project('beside')
  await site.judge()

  await clear(site.app, site.owner, { rank: 300 })
  const labelled = await site.owner.put('/api/v1/folders', { name: 'lab', classification: { level: 'confidential' }, spec: {} })
  assert.equal(labelled.status, 200, labelled.text)

  assert.deepEqual(await site.states(), { 'in-lab': 'stale', beside: 'compliant' })
  await site.judge()
  assert.deepEqual(await site.states(), { 'in-lab': 'non-compliant', beside: 'compliant' })
})

test('an exemption that ended a second ago exempts nothing, before anyone has judged again', async (t) => {
  const site = await governed(t)
  await site.assign({})
  const id = await site.project('bad')
  const expiresAt = new Date(site.ctx.now().getTime() + hourMs).toISOString()
  await site.exempt({ resource: id, expiresAt })
  await site.judge()
  assert.deepEqual(await site.states(), { bad: 'exempt' })

  site.app.clock.advance(hourMs + 1_000)

  assert.deepEqual(await site.states(), { bad: 'non-compliant' })
  assert.equal((await site.owner.get('/api/v1/compliance')).body.resources['non-compliant'], 1)
  assert.equal((await site.owner.get('/api/v1/compliance?assignment=assigned_1')).body.resources['non-compliant'], 1)
})

test('who made it so is kept, and what is judged the first time is no change', async (t) => {
  const site = await governed(t)
  await site.assign({})
  const id = await site.project('one')
  await site.judge()
  await site.project('one', { purpose: 'payroll' })
  await site.judge()
  await site.define(definition({ require: { field: 'labels.owner', exists: true } }))
  await site.judge()

  const { body } = await site.owner.get(`/api/v1/compliance/transitions?resource=${id}`)

  assert.deepEqual(
    body.items.map(({ was, became, cause, actor, generation }: any) => [was, became, cause, actor, generation]),
    [
      ['compliant', 'non-compliant', 'guardrails', undefined, 2],
      ['non-compliant', 'compliant', 'change', site.owner.userId, 2],
    ],
  )
})

test('what is deleted, and what is no longer assigned, has no verdict', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.assign({}, { id: 'assigned_2' })
  const id = await site.project('one')
  await site.project('two')
  await site.judge()
  await site.unassign('assigned_2')
  await site.owner.delete(`/api/v1/projects/${id}`)
  await site.judge()

  const { body } = await site.owner.get('/api/v1/compliance/verdicts')
  assert.deepEqual(
    body.items.map(({ resource, assignment }: any) => [resource.name, assignment]),
    [['two', 'assigned_1']],
  )
  const { assignments } = (await site.owner.get('/api/v1/compliance')).body
  assert.deepEqual(
    assignments.map(({ assignment }: any) => assignment),
    ['assigned_1'],
  )
})
