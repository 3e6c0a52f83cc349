import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approve, approver, ask, changeSets, putRule, signature } from '../../test/approvals.ts'
import { testApp } from '../../test/app.ts'

const project = (name: string) => ({ operationId: 'projectApply', body: { name, spec: {} } })
const rounds = 5

test('two who approve at the same moment carry it out once, and the log says once', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await putRule(owner, 'projects', { actions: ['project.apply'] })
  const [a, b] = await Promise.all([approver(app, 'a'), approver(app, 'b')])
  for (let round = 0; round < rounds; round++) {
    const id = await ask(owner, project(`p-${round}`))
    const signed = [await signature(a, id), await signature(b, id)]

    const replies = await Promise.all([a, b].map((who, i) => who.post(`${changeSets}/${id}/approve`, { signature: signed[i] })))

    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409])
    assert.equal((await owner.get(`${changeSets}/${id}`)).body.approvals.length, 1)
  }
  const acts = (await app.audit()).map(({ action, outcome }) => `${action} ${outcome}`)
  for (const act of ['change-set.execute done', 'change-set.approve done', 'project.apply done'])
    assert.equal(acts.filter((found) => found === act).length, rounds, act)
})

test('where two are needed and come at the same moment, both count and it is done once', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await putRule(owner, 'projects', { actions: ['project.apply'], quorum: 2 })
  const [a, b] = await Promise.all([approver(app, 'a'), approver(app, 'b')])
  for (let round = 0; round < rounds; round++) {
    const id = await ask(owner, project(`p-${round}`))
    const signed = [await signature(a, id), await signature(b, id)]
    const replies = await Promise.all([a, b].map((who, i) => who.post(`${changeSets}/${id}/approve`, { signature: signed[i] })))
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 200],
    )
    assert.equal((await owner.get(`${changeSets}/${id}`)).body.state, 'done')
  }
  const done = (await app.audit()).filter(({ action }) => action === 'change-set.execute')
  assert.deepEqual(
    done.map(({ outcome }) => outcome),
    Array(rounds).fill('done'),
  )
})

test('the same approval sent twice at once counts once', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await putRule(owner, 'projects', { actions: ['project.apply'], quorum: 2 })
  const officer = await approver(app, 'officer')
  const id = await ask(owner, project('apollo'))
  const signed = await signature(officer, id)

  const replies = await Promise.all([1, 2].map(() => officer.post(`${changeSets}/${id}/approve`, { signature: signed })))

  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409])
  assert.equal((await owner.get(`${changeSets}/${id}`)).body.state, 'open')
})

test('approved and withdrawn at the same moment, it is one or the other', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await putRule(owner, 'projects', { actions: ['project.apply'] })
  const officer = await approver(app, 'officer')
  for (let round = 0; round < rounds; round++) {
    const name = `p-${round}`
    const id = await ask(owner, project(name))
    const [approved, withdrawn] = await Promise.all([approve(officer, id), owner.post(`${changeSets}/${id}/withdraw`)])
    const { body } = await owner.get(`${changeSets}/${id}`)
    const made = (await owner.get(`/api/v1/projects/${name}`)).status === 200
    assert.deepEqual([approved.status, withdrawn.status].sort(), [200, 409])
    assert.deepEqual([body.state, made], approved.status === 200 ? ['done', true] : ['withdrawn', false])
  }
})

test('two changes that cannot both be as shown are not both done', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/projects', { name: 'p', spec: { title: 'first' } })
  await putRule(owner, 'projects', { actions: ['project.*'] })
  const [a, b] = await Promise.all([approver(app, 'a'), approver(app, 'b')])
  const titled = (title: string) => ask(owner, { operationId: 'projectApply', body: { name: 'p', spec: { title } } })
  const [one, other] = [await titled('one'), await titled('other')]

  const replies = await Promise.all([approve(a, one), approve(b, other)])

  assert.deepEqual(replies.map(({ body }) => body.state).sort(), ['done', 'outdated'])
})
