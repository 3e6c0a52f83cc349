import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Caller } from '../../test/app.ts'

const project = (name: string, more: object = {}) => ({ kind: 'project', name, spec: {}, ...more })
const apply = (who: Caller, ...resources: object[]) => who.post('/api/v1/apply', { resources })
const effective = async (who: Caller): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await who.get('/api/v1/projects')).body.items.map((item: { name: string; effectiveCriticality: string }) => [
      item.name,
      item.effectiveCriticality,
    ]),
  )

test('what something vital needs is as vital, near and far, and no longer when that changes or goes', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await apply(
    owner,
    project('ward', { criticality: 'mission', dependsOn: ['project:/speech'] }),
    project('lunch', { criticality: 'medium', dependsOn: ['project:/speech'] }),
    project('speech', { dependsOn: ['project:/disk'] }),
    project('disk', { criticality: 'low' }),
  )
  assert.deepEqual(await effective(owner), { ward: 'mission', lunch: 'medium', speech: 'mission', disk: 'mission' })

  const lowered = await owner.put('/api/v1/projects', { name: 'ward', criticality: 'high', spec: {} })
  assert.equal(lowered.body.resource.effectiveCriticality, 'high')
  assert.deepEqual(await effective(owner), { ward: 'high', lunch: 'medium', speech: 'high', disk: 'high' })

  await owner.delete(`/api/v1/projects/${lowered.body.resource.id}`)
  assert.deepEqual(await effective(owner), { lunch: 'medium', speech: 'medium', disk: 'medium' })

  await owner.put('/api/v1/projects', { name: 'lunch', dependsOn: [], spec: {} })
  assert.deepEqual(await effective(owner), { lunch: 'medium', speech: 'low', disk: 'low' })
})

test('nothing needs itself, by any way round, in one step or in many documents at once', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await apply(owner, project('a'), project('b', { dependsOn: ['project:/a'] }), project('c', { dependsOn: ['project:/b'] }))

  for (const needed of ['a', 'b', 'c']) {
    const reply = await owner.put('/api/v1/projects', { name: 'a', dependsOn: [`project:/${needed}`], spec: {} })
    assert.deepEqual([reply.status, reply.body.type], [409, '/problems/dependency-cycle'], needed)
  }
  const many = await apply(owner, project('x', { dependsOn: ['project:/y'] }), project('y', { dependsOn: ['project:/x'] }))
  assert.equal(many.body.type, '/problems/dependency-cycle')
  assert.equal((await owner.get('/api/v1/projects')).body.items.length, 3)
})

test('two who close a circle from both ends at one moment: one of them is told', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await apply(owner, project('a'), project('b'))
  const needs = (name: string, other: string) =>
    owner.put('/api/v1/projects', { name, dependsOn: [`project:/${other}`], spec: {} })

  const replies = await Promise.all([needs('a', 'b'), needs('b', 'a')])

  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409])
})

test('what is needed stays, and the refusal names of those who need it only what one may see', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await apply(
    owner,
    { kind: 'folder', name: 'f', spec: {} },
    { kind: 'project', scope: '/f', name: 'base', spec: {} },
    project('top', { dependsOn: ['project:/f/base'] }),
  )
  const operator = await app.as('operator', { scope: '/f', name: 'ann' })
  const base = (await owner.get('/api/v1/projects/base')).body.id

  const [all, some] = [await owner.delete(`/api/v1/projects/${base}`), await operator.delete(`/api/v1/projects/${base}`)]

  assert.deepEqual([all.status, all.body.type, all.body.neededBy.length], [409, '/problems/needed', 1])
  assert.match(all.body.detail, /The project top at \//)
  assert.deepEqual([some.status, some.body.neededBy], [409, []])
  assert.doesNotMatch(some.text, /top/)
})

test('one cannot depend on what one may not see, and is not told that it is there', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await apply(owner, { kind: 'folder', name: 'f', spec: {} }, project('hidden'))
  const operator = await app.as('operator', { scope: '/f', name: 'ann' })
  const ask = (reference: string) =>
    operator.put('/api/v1/projects', { name: 'p', scope: '/f', dependsOn: [reference], spec: {} })

  const [hidden, absent] = [await ask('project:/hidden'), await ask('project:/absent')]

  assert.deepEqual([hidden.status, absent.status], [400, 400])
  assert.equal(hidden.body.detail.replace('hidden', 'absent'), absent.body.detail)
})

test('the graph shows what a thing needs and what needs it, of what one may see', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await apply(
    owner,
    { kind: 'folder', name: 'f', spec: {} },
    { kind: 'project', scope: '/f', name: 'mid', dependsOn: ['project:/low'], spec: {} },
    project('top', { criticality: 'high', dependsOn: ['project:/f/mid'] }),
    project('low'),
  )
  const mid = (await owner.get('/api/v1/projects/mid')).body.id
  const names = async (who: Caller, more = '') =>
    (await who.get(`/api/v1/graph?resource=${mid}${more}`)).body.nodes.map(({ name }: { name: string }) => name).sort()
  const member = await app.as('member', { scope: '/f', name: 'mia' })

  assert.deepEqual(await names(owner), ['low', 'mid', 'top'])
  assert.deepEqual(await names(member), ['mid'])
  const { body } = await owner.get(`/api/v1/graph?resource=${mid}&depth=0`)
  assert.deepEqual([body.nodes.length, body.truncated], [1, true])
  assert.equal((await member.get(`/api/v1/graph?resource=${(await owner.get('/api/v1/projects/top')).body.id}`)).status, 404)
})
