import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clear } from '../../test/clearance.ts'
import { governed } from '../../test/compliance-state.ts'

test('what became of a thing that is gone is told, under its name, to whoever may read its history', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.folder('lab')
  const id = await site.project('one', {}, '/lab')
  await site.judge()
  await site.project('one', { purpose: 'payroll' }, '/lab')
  await site.judge()
  await site.owner.delete(`/api/v1/projects/${id}`)
  const ask = async (caller = site.owner, query = '') => (await caller.get(`/api/v1/compliance/transitions?${query}`)).body.items
  const told = [{ id, kind: 'project', name: 'one', scope: '/lab', gone: true }]
  const things = (items: any[]) => items.map(({ resource }) => resource)

  assert.deepEqual(things(await ask()), told, 'before it is forgotten')
  await site.judge()
  assert.deepEqual(things(await ask()), told, 'and after')
  assert.deepEqual(things(await ask(site.owner, 'scope=/lab')), told)
  assert.deepEqual(things(await ask(site.owner, `resource=${id}`)), told)
  assert.deepEqual(await ask(await site.app.as('member')), [], 'who may not see compliance')
  assert.deepEqual(await ask(site.owner, 'assignment=other'), [])
})

test('where the place is gone too, so is what was told of it, as with its history', async (t) => {
  const site = await governed(t)
  await site.assign({})
  const lab = await site.folder('lab')
  const id = await site.project('one', {}, '/lab')
  await site.judge()
  await site.project('one', { purpose: 'payroll' }, '/lab')
  await site.judge()
  await site.owner.delete(`/api/v1/projects/${id}`)
  await site.owner.delete(`/api/v1/folders/${lab}`)

  assert.deepEqual((await site.owner.get('/api/v1/compliance/transitions')).body.items, [])
  assert.equal((await site.owner.get(`/api/v1/projects/${id}/history`)).status, 404)
})

test('what was labelled above one’s clearance when it was told stays untold when it is gone', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await clear(site.app, site.owner, { rank: 300 })
  const put = async (labels: object, level: string) => {
    const reply = await site.owner.put('/api/v1/projects', { name: 'one', labels, classification: { level }, spec: {} })
    assert.ok(reply.status < 300, reply.text)
    return reply.body.resource.id as string
  }
  const id = await put({}, 'confidential')
  await site.judge()
  await put({ purpose: 'payroll' }, 'confidential')
  await site.judge()
  const auditor = await site.app.as('auditor')
  await site.owner.delete(`/api/v1/projects/${id}`)
  await site.judge()

  const count = async (caller = site.owner) => (await caller.get('/api/v1/compliance/transitions')).body.items.length
  assert.deepEqual([await count(), await count(auditor)], [1, 0])
})

test('what became what can be asked for a place and for an initiative', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.folder('lab')
  for (const [name, scope] of [
    ['inside', '/lab'],
    ['outside', '/'],
  ] as const) {
    await site.project(name, {}, scope)
    await site.judge()
    await site.project(name, { purpose: 'payroll' }, scope)
    await site.judge()
  }
  const names = async (query: string) =>
    (await site.owner.get(`/api/v1/compliance/transitions?${query}`)).body.items.map(({ resource }: any) => resource.name)

  assert.deepEqual(await names(''), ['outside', 'inside'])
  assert.deepEqual(await names('scope=/lab'), ['inside'])
  assert.deepEqual(await names('initiative=builtin/none'), [])
  assert.equal((await site.owner.get('/api/v1/compliance/transitions?scope=/nowhere')).status, 404)
})
