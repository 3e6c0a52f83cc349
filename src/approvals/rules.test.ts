import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { approve, approver, ask, changeSets, putRule } from '../../test/approvals.ts'
import { testApp, type Reply } from '../../test/app.ts'

const type = ({ status, body }: Reply) => [status, body.type]
const needed = [403, '/problems/approval-needed']
const rules = '/api/v1/approval-rules'

test('nobody removes four eyes alone: a rule guards itself, against removal, against weakening, and against a way around', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['held', 'free']) await owner.put('/api/v1/folders', { name, spec: {} })
  await putRule(owner, 'models', { actions: ['model.apply'] }, '/held')
  await owner.put('/api/v1/projects', { scope: '/held', name: 'p', spec: {} })

  assert.deepEqual(type(await owner.delete(`${rules}/models`)), needed)
  assert.deepEqual(type(await putRule(owner, 'models', { actions: ['model.delete'] }, '/held')), needed)
  assert.deepEqual(type(await putRule(owner, 'more', { actions: ['model.delete'] }, '/held')), needed)
  assert.deepEqual(type(await owner.post('/api/v1/projects/p/move', { scope: '/free' })), needed)
  assert.equal((await owner.delete('/api/v1/folders/held')).status, 409)
  assert.equal((await putRule(owner, 'elsewhere', { actions: ['model.apply'] }, '/free')).status, 201)

  const officer = await approver(app, 'officer')
  const { body } = await approve(officer, await ask(owner, { operationId: 'approvalRuleDelete', path: { id: 'models' } }))
  assert.equal(body.state, 'done')
  assert.equal((await owner.post('/api/v1/projects/p/move', { scope: '/free' })).status, 200, 'with the rule its guard is gone')
})

test('what is so already is applied again without asking anyone, by those who may, and told to no one else', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const spec = { actions: ['folder.apply', 'approval-rule.apply'] }
  await owner.put('/api/v1/folders', { name: 'held', spec: { title: 'Held' } })
  await putRule(owner, 'folders', spec)

  const again = await owner.put('/api/v1/folders', { name: 'held', spec: { title: 'Held' } })
  assert.deepEqual([again.status, again.body.outcome], [200, 'unchanged'])
  assert.equal((await putRule(owner, 'folders', spec)).body.outcome, 'unchanged')
  assert.deepEqual(type(await owner.put('/api/v1/folders', { name: 'held', spec: { title: 'Other' } })), needed)
  const member = await app.as('member')
  assert.equal((await member.put('/api/v1/folders', { name: 'held', spec: { title: 'Held' } })).status, 403)
})

test('removing a rule takes as many as the rule asks for, and of the same role', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await putRule(owner, 'strict', { actions: ['project.apply'], quorum: 2, approverRole: 'owner' })
  const [second, third] = await Promise.all([approver(app, 'second', 'owner'), approver(app, 'third', 'owner')])
  const officer = await approver(app, 'officer')
  const id = await ask(owner, { operationId: 'approvalRuleDelete', path: { id: 'strict' } })

  const states = []
  for (const who of [officer, second, third]) states.push((await approve(who, id)).body.state)

  assert.deepEqual(states, ['open', 'open', 'done'], 'an officer’s approval is kept, and does not count here')
})

test('a rule about every deletion covers them all, below its scope and nowhere else', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'held', spec: {} })
  for (const scope of ['/', '/held']) await owner.put('/api/v1/projects', { scope, name: `p${scope.length}`, spec: {} })
  await putRule(owner, 'deletions', { actions: ['*.delete'] }, '/held')

  assert.deepEqual(type(await owner.delete('/api/v1/projects/p5')), needed)
  assert.deepEqual(type(await owner.delete('/api/v1/folders/held')), needed)
  assert.equal((await owner.delete('/api/v1/projects/p1')).status, 204)
  const { body } = await approve(
    await approver(app, 'officer'),
    await ask(owner, { operationId: 'projectDelete', path: { id: 'p5' } }),
  )
  assert.equal(body.state, 'done')
})

test('a rule that asks for more by the time it is done is obeyed; one that asks for less needs no more', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officers = await Promise.all(['a', 'b', 'c'].map((name) => approver(app, name)))
  const [a, b, c] = officers as [(typeof officers)[0], (typeof officers)[0], (typeof officers)[0]]
  const change = (name: string) => ({ operationId: 'projectApply', body: { name, spec: {} } })
  await putRule(owner, 'projects', { actions: ['project.apply'] })
  const before = await ask(owner, change('one'))
  const stricter = {
    operationId: 'approvalRuleApply',
    body: { name: 'projects', spec: { actions: ['project.apply'], quorum: 2 } },
  }
  assert.equal((await approve(a, await ask(owner, stricter))).body.state, 'done')

  const { body: outdated } = await approve(a, before)
  assert.deepEqual([outdated.state, outdated.endedBecause.type], ['outdated', '/problems/approval-needed'])

  const asked = await ask(owner, change('two'))
  const milder = await ask(owner, { ...stricter, body: { ...stricter.body, spec: { ...stricter.body.spec, quorum: 1 } } })
  await approve(a, milder)
  assert.equal((await approve(b, milder)).body.state, 'done')
  assert.equal((await approve(c, asked)).body.state, 'open', 'people were told that two would sign')
  assert.equal((await approve(b, asked)).body.state, 'done')
})

test('a rule may ask only for what bears a label or a classification; what cannot be judged is asked for', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const put = (name: string, more: object) => owner.put('/api/v1/projects', { name, spec: {}, ...more })
  await putRule(owner, 'prod', { actions: ['project.apply', 'user.create'], condition: { labels: { env: ['prod', 'live'] } } })

  assert.equal((await put('a', {})).status, 201)
  assert.equal((await put('b', { labels: { env: 'test' } })).status, 201)
  assert.deepEqual(type(await put('c', { labels: { env: 'prod' } })), needed)
  assert.deepEqual(type(await put('b', { labels: { env: 'live' } })), needed, 'neither by becoming it')
  assert.deepEqual(type(await owner.post('/api/v1/users', { username: 'x', displayName: 'X' })), needed, 'people bear no labels')
})

test('a rule about what is secret asks for the secret alone, wherever its classification comes from', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const put = (name: string, classification?: object) =>
    owner.put('/api/v1/projects', { name, spec: {}, ...(classification ? { classification } : {}) })
  await sql`insert into policy_clearance (id, principal_id, rank, caveats) values ('clearance_x', ${owner.userId}, 1000, '{*}')
    on conflict do nothing`.execute(app.app.site.db)
  await putRule(owner, 'secret', { actions: ['project.apply'], condition: { classificationMin: 'secret' } })

  assert.equal((await put('open')).status, 201)
  assert.deepEqual(type(await put('hidden', { level: 'secret' })), needed)
  assert.deepEqual(type(await put('open', { level: 'secret' })), needed)
})

test('a rule that makes no sense is refused with what is wrong: nothing it covers, no such level, nobody to approve', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const faults = async (spec: object): Promise<string> => {
    const { status, body } = await putRule(owner, 'wrong', spec)
    assert.equal(status, 400)
    return body.faults[0].at
  }

  for (const actions of [['project.read'], ['*.read'], ['change-set.approve'], ['artifact.upload'], ['modle.apply'], ['']])
    assert.equal(await faults({ actions }), '/spec/actions', actions.join())
  const actions = ['project.apply']
  assert.equal(await faults({ actions, condition: { classificationMin: 'cosmic' } }), '/spec/condition/classificationMin')
  assert.equal(await faults({ actions, approverRole: 'member' }), '/spec/approverRole')
  for (const quorum of [0, 6, 1.5]) assert.equal(await faults({ actions, quorum }), '/spec/quorum')
  assert.deepEqual((await owner.get(rules)).body.items, [])
})

test('what is one’s own is ended without asking: no rule keeps a leaked key alive', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await putRule(owner, 'all', { actions: ['*'] })
  const { body: mine } = await owner.post('/api/v1/keys', { name: 'leaked' })
  assert.equal((await owner.delete(`/api/v1/keys/${mine.key.id}`)).status, 204)
  assert.deepEqual((await owner.get(changeSets)).body.items, [])
})
