import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clear } from '../../test/clearance.ts'
import { governed } from '../../test/compliance-state.ts'

test('each sees the compliance of what they may see: by place, by kind and by clearance', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.folder('lab')
  await site.project('inside', {}, '/lab')
  await site.project('outside')
  await site.judge()
  const engineer = await site.app.as('ai-engineer', { scope: '/lab' })
  const member = await site.app.as('member')

  assert.deepEqual(await site.states(), { inside: 'non-compliant', outside: 'non-compliant' })
  assert.deepEqual(await site.states(engineer), { inside: 'non-compliant' })
  assert.equal((await engineer.get('/api/v1/compliance')).body.resources['non-compliant'], 1)
  assert.deepEqual(await site.states(member), {})

  await clear(site.app, site.owner, { rank: 300 })
  const secret = { scope: '/lab', name: 'inside', classification: { level: 'secret' }, spec: {} }
  assert.equal((await site.owner.put('/api/v1/projects', secret)).status, 200)
  assert.deepEqual(await site.states(engineer), {}, 'also before it is judged again')
  await site.judge()
  assert.deepEqual(await site.states(engineer), {})
  assert.deepEqual(await site.states(site.owner, '&scope=/lab'), { inside: 'non-compliant' })
})

test('a place sums up what is below it, and an unknown place is not there', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.folder('lab')
  for (const name of ['one', 'two']) await site.project(name, {}, '/lab')
  await site.project('three', { purpose: 'x' })
  await site.judge()

  const { scopes, scope } = (await site.owner.get('/api/v1/compliance')).body

  assert.equal(scope, '/')
  // A project governs itself, so it is a place of its own.
  assert.deepEqual(
    scopes.map((one: any) => [one.scope, one.resources['non-compliant'], one.resources.compliant]),
    [
      ['/lab', 2, 0],
      ['/three', 0, 1],
    ],
  )
  assert.equal((await site.owner.get('/api/v1/compliance?scope=/nowhere')).body.type, '/problems/scope-missing')
})

test('verdicts come a page at a time, every one once, whatever is asked for', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.assign({}, { id: 'assigned_2' })
  for (const i of [1, 2, 3]) await site.project(`p${i}`, i === 2 ? { purpose: 'x' } : {})
  await site.judge()
  const seen: string[] = []
  let after = ''
  do {
    const { body } = await site.owner.get(`/api/v1/compliance/verdicts?limit=2${after}`)
    seen.push(...body.items.map((item: any) => `${item.resource.name} ${item.assignment} ${item.state}`))
    after = body.next === undefined ? '' : `&after=${body.next}`
  } while (after !== '')

  assert.deepEqual(
    seen.toSorted(),
    [1, 2, 3].flatMap((i) => [1, 2].map((n) => `p${i} assigned_${n} ${i === 2 ? 'compliant' : 'non-compliant'}`)),
  )
  assert.deepEqual(await site.states(site.owner, '&state=compliant&assignment=assigned_2'), { p2: 'compliant' })
  assert.equal((await site.owner.get('/api/v1/compliance/verdicts?after=odd')).body.type, '/problems/invalid-request')
})

test('points over time are kept by place, and days later one a day', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.folder('lab')
  await site.project('one', {}, '/lab')
  await site.judge()
  const key = site.app.bearer((await site.owner.post('/api/v1/keys', { name: 'reader' })).body.secret)
  const points = async (query = '') => (await key.get(`/api/v1/compliance/history${query}`)).body.items

  assert.deepEqual(
    (await points()).map((point: any) => point['non-compliant']),
    [1],
  )
  for (let i = 0; i < 3; i++) {
    site.app.clock.advance(3_600_000)
    await site.judge()
  }
  assert.equal((await points('?assignment=assigned_1&scope=/lab')).length, 4)
  assert.equal((await points('?assignment=other')).length, 0)

  site.app.clock.advance(9 * 86_400_000)
  await site.judge()
  const days = (await points()).map((point: any) => point.at.slice(0, 10))
  assert.ok(days.length <= 3 && new Set(days).size === days.length, days.join(' '))
})

test('only who may asks for a sweep, and it is recorded', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.project('one')
  await site.judge()
  const officer = await site.app.as('security-officer')
  const operator = await site.app.as('operator')

  assert.equal((await operator.post('/api/v1/compliance/sweep', {})).status, 403)
  site.app.clock.advance(1_000)
  assert.equal((await officer.post('/api/v1/compliance/sweep', {})).status, 202)
  const before = (await officer.get('/api/v1/compliance')).body.sweep.finishedAt
  await site.judge()

  assert.notEqual((await officer.get('/api/v1/compliance')).body.sweep.finishedAt, before)
  assert.ok((await site.app.audit()).some(({ action, outcome }) => action === 'compliance.sweep' && outcome === 'done'))
})
