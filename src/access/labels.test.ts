import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller, type Reply } from '../../test/app.ts'

const schemes = '/api/v1/classification-schemes'
const clearances = '/api/v1/clearances'
const type = ({ status, body }: Reply) => [status, body?.type]
const level = (rank: number, name: string) => ({ rank, name, title: name.toUpperCase() })
const base = [level(0, 'open'), level(100, 'internal'), level(200, 'confidential'), level(300, 'secret')]

const scheme = (by: Caller, spec: object, name = 'levels', scope = '/') => by.put(schemes, { scope, name, spec })
const clear = (by: Caller, to: Caller, spec: object, scope = '/') =>
  by.put(clearances, { scope, name: `for-${to.username}`, spec: { principal: to.userId, ...spec } })
const everything = { level: '*', caveats: ['*'] }

test('a site begins with four levels and an owner cleared for everything, both in the inventory', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')

  const { body: levels } = await owner.get(schemes)
  const { body: cleared } = await owner.get(clearances)

  assert.deepEqual(
    levels.items.map(({ name, spec }: any) => [name, spec.levels.map((one: any) => one.name)]),
    [['levels', ['open', 'internal', 'confidential', 'secret']]],
  )
  assert.deepEqual(
    cleared.items.map(({ spec }: any) => spec),
    [{ principal: owner.userId, ...everything }],
  )
  const made = await owner.put('/api/v1/projects', { name: 'p', classification: { level: 'secret' }, spec: {} })
  assert.equal(made.status, 201, made.text)
})

test('a site says its own levels and caveats, once, for the whole organisation; the history keeps what it said', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'north', spec: {} })
  const wanted = { levels: [level(400, 'cosmic'), ...base], caveats: [{ name: 'nato', title: 'NATO' }] }
  assert.equal((await scheme(owner, wanted)).status, 200)

  const labelled = await owner.put('/api/v1/projects', {
    name: 'p',
    classification: { level: 'cosmic', caveats: ['nato'] },
    spec: {},
  })
  assert.deepEqual(labelled.body.resource?.classification, { level: 'cosmic', caveats: ['nato'] }, labelled.text)
  const { body } = await owner.get(schemes)
  const { body: past } = await owner.get(`${schemes}/${body.items[0].id}/history`)
  assert.deepEqual(
    past.items.map(({ spec }: any) => spec.levels.length),
    [5, 4],
  )
  assert.deepEqual(type(await scheme(owner, wanted, 'second')), [409, '/problems/conflict'])
  assert.deepEqual(type(await owner.delete(`${schemes}/${body.items[0].id}`)), [409, '/problems/level-in-use'])
  await owner.delete('/api/v1/projects/p')
  assert.equal((await owner.delete(`${schemes}/${body.items[0].id}`)).status, 204)
  assert.deepEqual(type(await scheme(owner, wanted, 'levels', '/north')), [400, '/problems/invalid-request'])
  assert.equal((await scheme(owner, wanted, 'again')).status, 201)
})

test('a scheme that says a level or a rank twice, has no lowest level, or names what is no name, is refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const wrong = [
    { levels: [] },
    { levels: [level(1, 'open')] },
    { levels: [level(0, 'open'), level(0, 'other')] },
    { levels: [level(0, 'open'), level(1, 'open')] },
    { levels: [level(0, 'open'), level(1000, 'top')] },
    { levels: [level(0, 'open'), level(1.5, 'half')] },
    { levels: [level(0, 'open'), level(1, '*')] },
    { levels: [level(0, 'open'), level(Number.MAX_SAFE_INTEGER, 'far')] },
    { levels: [level(0, 'open')], caveats: [{ name: '*', title: 'All' }] },
    { levels: [level(0, 'open')], caveats: [1, 2].map(() => ({ name: 'nato', title: 'NATO' })) },
    { levels: [level(0, 'open')], more: 1 },
    { levels: Array.from({ length: 33 }, (_, i) => level(i, `l${i}`)) },
  ]
  for (const spec of wrong)
    assert.deepEqual(type(await scheme(owner, spec)), [400, '/problems/invalid-request'], JSON.stringify(spec))
  const { body } = await owner.get(schemes)
  assert.equal(body.items[0].generation, 1)
})

test('a level or caveat in use is neither removed, renamed nor ranked anew, whatever uses it; its title changes', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')
  const caveats = ['crypto', 'nato', 'eu'].map((name) => ({ name, title: name }))
  await scheme(owner, { levels: [...base, level(400, 'cosmic'), level(450, 'topmost'), level(500, 'spare')], caveats })
  await owner.put('/api/v1/folders', { name: 'f', classification: { level: 'confidential', caveats: ['crypto'] }, spec: {} })
  await owner.put('/api/v1/models', { name: 'm', spec: {} })
  await owner.put('/api/v1/views', { name: 'v', classification: { level: 'internal' }, spec: { query: 'kind = project' } })
  const given = await clear(owner, member, { level: 'secret', caveats: ['nato'] })
  assert.equal(given.status, 201, given.text)
  const bound = {
    principal: member.userId,
    role: 'member',
    condition: { not: { any: [{ classification: { atMost: 'topmost' } }] } },
  }
  assert.equal((await owner.put('/api/v1/role-assignments', { name: 'bound', spec: bound })).status, 201)
  const rule = { actions: ['project.apply'], quorum: 1, condition: { classificationMin: 'cosmic' } }
  assert.equal((await owner.put('/api/v1/approval-rules', { name: 'r', spec: rule })).status, 201)

  const all = [...base, level(400, 'cosmic'), level(450, 'topmost')]
  for (const gone of ['confidential', 'secret', 'cosmic', 'topmost']) {
    const refused = await scheme(owner, { levels: all.filter(({ name }) => name !== gone), caveats })
    assert.deepEqual([gone, ...type(refused)], [gone, 409, '/problems/level-in-use'])
    assert.match(refused.body.detail, new RegExp(gone))
  }
  const moved = all.map((one) => (one.name === 'secret' ? { ...one, rank: 350 } : one))
  const renamed = all.map((one) => (one.name === 'confidential' ? { ...one, name: 'vertraulich' } : one))
  for (const levels of [moved, renamed])
    assert.deepEqual(type(await scheme(owner, { levels, caveats })), [409, '/problems/level-in-use'])
  for (const gone of ['crypto', 'nato'])
    assert.deepEqual(type(await scheme(owner, { levels: all, caveats: caveats.filter(({ name }) => name !== gone) })), [
      409,
      '/problems/level-in-use',
    ])

  const titled = all.map((one) => (one.name === 'secret' ? { ...one, title: 'Geheim' } : one))
  const lowest = titled.map((one) => (one.rank === 0 ? { ...one, name: 'offen' } : one))
  const changed = await scheme(owner, { levels: lowest, caveats: caveats.filter(({ name }) => name !== 'eu') })
  assert.equal(changed.status, 200, 'the spare level and caveat go, the lowest level is renamed')
})

test('a clearance opens what roles alone do not, at the next request, and closes it again', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')
  await owner.put('/api/v1/projects', { name: 'p', classification: { level: 'confidential' }, spec: {} })
  const look = async () => (await member.get('/api/v1/projects/p')).status
  assert.equal(await look(), 404)

  const { body } = await clear(owner, member, { level: 'confidential' })
  assert.equal(await look(), 200)
  await clear(owner, member, { level: 'internal' })
  assert.equal(await look(), 404)
  await clear(owner, member, { level: 'secret' })
  assert.equal(await look(), 200)
  assert.equal((await owner.delete(`${clearances}/${body.resource.id}`)).status, 204)
  assert.equal(await look(), 404)
  const told = (await app.audit()).filter(({ action }) => action.startsWith('clearance.'))
  assert.deepEqual(
    told.map(({ action, outcome }) => [action, outcome]),
    [...[1, 2, 3].map(() => ['clearance.apply', 'done']), ['clearance.delete', 'done']],
  )
})

test('nobody raises their own clearance, nor gives, changes or takes away one above it; each refusal is recorded', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const member = await app.as('member')
  await scheme(owner, { levels: base, caveats: ['nato', 'eu'].map((name) => ({ name, title: name })) })
  await clear(owner, officer, { level: 'confidential', caveats: ['nato'] })
  const { body: above } = await clear(owner, member, { level: 'secret' })

  assert.deepEqual(
    type(
      await officer.put(clearances, {
        name: `for-${officer.username}`,
        spec: { principal: officer.userId, level: 'secret', caveats: ['nato'] },
      }),
    ),
    [403, '/problems/self-grant'],
  )
  const tooHigh = [403, '/problems/above-clearance']
  assert.deepEqual(type(await clear(officer, member, { level: 'internal' })), tooHigh, 'what is above is not lowered either')
  assert.deepEqual(type(await officer.delete(`${clearances}/${above.resource.id}`)), tooHigh)
  const other = await app.as('member', { name: 'other' })
  for (const spec of [{ level: 'secret' }, { level: 'open', caveats: ['eu'] }, { level: '*' }, { level: 'open', caveats: ['*'] }])
    assert.deepEqual(type(await clear(officer, other, spec)), tooHigh, JSON.stringify(spec))
  assert.equal((await clear(officer, other, { level: 'confidential', caveats: ['nato'] })).status, 201)
  const lower = await officer.put(clearances, {
    name: `for-${officer.username}`,
    spec: { principal: officer.userId, level: 'internal' },
  })
  assert.equal(lower.status, 200, 'down goes')

  const denied = (await app.audit()).filter(({ actor, outcome }) => actor === officer.userId && outcome === 'denied')
  assert.deepEqual(
    denied.map(({ action }) => action),
    ['clearance.apply', 'clearance.apply', 'clearance.delete', ...[1, 2, 3, 4].map(() => 'clearance.apply')],
  )
})

test('a clearance that is no one’s, someone’s second, not here, or of a level that is not, is refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')
  await owner.put('/api/v1/folders', { name: 'f', spec: {} })
  assert.equal((await clear(owner, member, { level: 'secret' })).status, 201)

  const invalid = [400, '/problems/invalid-request']
  const spec = { principal: member.userId, level: 'secret' }
  assert.deepEqual(type(await owner.put(clearances, { name: 'x', spec })), [409, '/problems/conflict'])
  for (const wrong of [
    { principal: `user_${'0'.repeat(26)}` },
    { principal: `group_${'0'.repeat(26)}` },
    { level: 'cosmic' },
    { level: 3 },
    { caveats: ['unknown'] },
    { level: undefined },
  ])
    assert.deepEqual(
      type(await owner.put(clearances, { name: 'x', spec: { ...spec, ...wrong } })),
      invalid,
      JSON.stringify(wrong),
    )
  assert.deepEqual(type(await clear(owner, member, { level: 'secret' }, '/f')), invalid)
  const asMember = await member.put(clearances, { name: 'x', spec })
  assert.deepEqual(type(asMember), [403, '/problems/forbidden'])
})

test('someone stays who can clear others for everything: neither lowering, deleting, nor two at once leave none', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const second = await app.as('owner', { name: 'second' })
  const name = (await owner.get(clearances)).body.items[0].name
  const lowerFirst = (by: Caller) => by.put(clearances, { name, spec: { principal: owner.userId, level: 'secret' } })
  const last = [409, '/problems/last-cleared']
  const { id } = (await owner.get(clearances)).body.items[0]
  assert.deepEqual(type(await lowerFirst(owner)), last)
  assert.deepEqual(type(await owner.delete(`${clearances}/${id}`)), last)
  assert.deepEqual(type(await second.delete(`/api/v1/users/${owner.userId}`)), last)
  await clear(owner, second, everything)

  const both = await Promise.all([lowerFirst(second), clear(owner, second, { level: 'secret' })])

  const statuses = both.map(({ status }) => status).sort()
  assert.equal(statuses[0], 200, both.map(({ text }) => text).join('\n'))
  assert.notEqual(statuses[1], 200)
  const left = (await owner.get(clearances)).body.items.filter(({ spec }: any) => spec.level === '*')
  assert.equal(left.length, 1)
})

test('a clearance goes with its person', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')
  await clear(owner, member, { level: 'secret' })

  assert.ok((await owner.delete(`/api/v1/users/${member.userId}`)).status < 300)

  const { body } = await owner.get(clearances)
  assert.deepEqual(
    body.items.map(({ spec }: any) => spec.principal),
    [owner.userId],
  )
})

test('what a level is in use by is named to those alone who may read it', async (t) => {
  const app = await testApp(t)
  const [owner, officer] = [await app.as('owner'), await app.as('security-officer')]
  await owner.put('/api/v1/folders', { name: 'whisper', classification: { level: 'secret' }, spec: {} })
  const levels = [{ rank: 0, name: 'open', title: 'Open' }]

  for (const [by, named] of [
    [owner, true],
    [officer, false],
  ] as const) {
    const refused = await by.put(schemes, { name: 'levels', spec: { levels } })
    assert.deepEqual([refused.status, refused.body.type], [409, '/problems/level-in-use'])
    assert.equal(/whisper/.test(refused.text), named, refused.text)
  }
})
