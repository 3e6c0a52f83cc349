import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approve, approver, ask, changeSets, device, onDevice, putRule, signature, withPasskey } from '../../test/approvals.ts'
import { testApp, type Caller, type Reply, type TestApp } from '../../test/app.ts'

const project = (name: string, title = name) => ({ operationId: 'projectApply', body: { scope: '/', name, spec: { title } } })
const type = ({ status, body }: Reply) => [status, body.type]

/** A site where projects need another person's approval. */
const governed = async (app: TestApp, rule: object = {}) => {
  const owner = await app.as('owner')
  const put = await putRule(owner, 'projects', { actions: ['project.*'], ...rule })
  assert.equal(put.status, 201, put.text)
  return { owner, officer: await approver(app, 'officer') }
}
const stateOf = async (by: Caller, id: string): Promise<string> => (await by.get(`${changeSets}/${id}`)).body.state
const exists = async (by: Caller, name: string): Promise<boolean> => (await by.get(`/api/v1/projects/${name}`)).status === 200

test('what a rule covers is not done alone: it is asked for, shown, signed by another, and then done', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  assert.deepEqual(type(await owner.put('/api/v1/projects', project('apollo').body)), [403, '/problems/approval-needed'])

  const id = await ask(owner, project('apollo'))
  assert.equal(await exists(owner, 'apollo'), false)
  const { body: waiting } = await officer.get(`${changeSets}?mine=approvable`)
  assert.deepEqual([waiting.items[0].id, waiting.items.length], [id, 1])
  const { status, body, text } = await approve(officer, id)

  assert.deepEqual([status, body.state, body.endedBy], [200, 'done', officer.userId], text)
  const { body: made } = await owner.get('/api/v1/projects/apollo')
  assert.equal(made.owner, owner.userId)
  const acts = (await app.audit()).slice(-5).map(({ action, outcome, actor }) => [action, outcome, actor])
  assert.deepEqual(acts, [
    ['project.apply', 'denied', owner.userId],
    ['change-set.open', 'done', owner.userId],
    ['change-set.approve', 'done', officer.userId],
    ['project.apply', 'done', owner.userId],
    ['change-set.execute', 'done', officer.userId],
  ])
})

test('nobody approves their own change: not signed in, not by a key of theirs; and the attempt is recorded', async (t) => {
  const app = await testApp(t)
  await governed(app)
  const owner = await withPasskey(await app.as('owner'))
  const { body: made } = await owner.post('/api/v1/keys', { name: 'mine' })
  const id = await ask(app.bearer(made.secret), project('apollo'))

  const itself = await owner.post(`${changeSets}/${id}/approve`, { signature: await signature(owner, id) })
  const byKey = await app.bearer(made.secret).post(`${changeSets}/${id}/approve`, { signature: await signature(owner, id) })

  assert.deepEqual([type(itself), type(byKey)], Array(2).fill([403, '/problems/self-approval']))
  assert.equal(await stateOf(owner, id), 'open')
  const { action, outcome, facts } = (await app.audit()).at(-1)!
  assert.deepEqual([action, outcome, facts.why], ['change-set.approve', 'denied', 'self-approval'])
})

test('two accounts on one browser are one pair of eyes, also through a key that was made there', async (t) => {
  const app = await testApp(t)
  await governed(app)
  const [first, second] = ['a', 'b'].map(device)
  const asker = await onDevice(app, await app.as('owner'), first!)
  const officer = await approver(app, 'second-account')
  const sameBrowser = { ...(await onDevice(app, officer, first!)), key: officer.key }
  const { body: made } = await sameBrowser.post('/api/v1/keys', { name: 'made there' })
  const id = await ask(asker, project('apollo'))

  assert.deepEqual(type(await approve(sameBrowser, id)), [403, '/problems/shared-device'])
  const throughKey = await app
    .bearer(made.secret)
    .post(`${changeSets}/${id}/approve`, { signature: { certificate: 'x', signature: 'eA==' } })
  assert.deepEqual(type(throughKey), [403, '/problems/shared-device'])
  assert.match((await sameBrowser.get(`${changeSets}/${id}`)).body.hindrance, /same browser/)
  const elsewhere = { ...(await onDevice(app, officer, second!)), key: officer.key }
  assert.equal((await approve(elsewhere, id)).body.state, 'done')
})

test('two approvers on one browser are one approver', async (t) => {
  const app = await testApp(t)
  const { owner } = await governed(app, { quorum: 2 })
  const id = await ask(owner, project('apollo'))
  const two = await Promise.all(['x', 'y'].map((name) => approver(app, name)))
  const [x, y] = await Promise.all(two.map(async (who) => ({ ...(await onDevice(app, who, device('d'))), key: who.key })))

  assert.equal((await approve(x!, id)).body.state, 'open')
  assert.deepEqual(type(await approve(y!, id)), [403, '/problems/shared-device'])
})

test('who may not approve there is refused, and who may not look learns nothing', async (t) => {
  const app = await testApp(t)
  const { owner } = await governed(app)
  const id = await ask(owner, project('apollo'))
  const operator = await approver(app, 'operator', 'operator')
  const stranger = await approver(app, 'stranger', 'member')

  assert.deepEqual(type(await approve(operator, id)), [403, '/problems/forbidden'])
  const absent = await stranger.get(`${changeSets}/change_${'0'.repeat(26)}`)
  const hidden = await stranger.get(`${changeSets}/${id}`)
  assert.deepEqual([hidden.status, absent.status], [404, 404])
  assert.equal(hidden.body.detail.replace(id, ''), absent.body.detail.replace(/change_0+/, ''))
  assert.deepEqual((await stranger.get(changeSets)).body.items, [])
  const { body } = await operator.get(changeSets)
  assert.equal(body.items.length, 1, 'who may read sees it in the list')
})

test('an officer of one folder approves there and nowhere else', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['north', 'south']) await owner.put('/api/v1/folders', { name, spec: {} })
  await putRule(owner, 'projects', { actions: ['project.apply'] })
  const officer = await withPasskey(await app.as('security-officer', { scope: '/north', name: 'northerner' }))
  const asking = (scope: string) => ask(owner, { operationId: 'projectApply', body: { scope, name: 'p', spec: {} } })
  const [north, south] = [await asking('/north'), await asking('/south')]

  assert.equal((await approve(officer, north)).body.state, 'done')
  assert.equal((await officer.get(`${changeSets}/${south}`)).status, 404)
  const { body } = await officer.get(changeSets)
  assert.deepEqual(
    body.items.map((item: { id: string }) => item.id),
    [north],
  )

  const both = await ask(owner, {
    operationId: 'resourceApply',
    body: { resources: ['/north', '/south'].map((scope) => ({ kind: 'project', scope, name: 'q' })) },
  })
  assert.equal((await officer.get(`${changeSets}/${both}`)).status, 404, 'half of a change is no one’s to approve')
})

test('a change that would now do something else than was shown is not done: it is outdated', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/projects', project('apollo', 'first').body)
  const { officer } = await governed(app, { actions: ['project.delete'] })
  const id = await ask(owner, { operationId: 'projectDelete', path: { id: 'apollo' } })
  await owner.put('/api/v1/projects', project('apollo', 'second').body)

  const { status, body } = await approve(officer, id)

  assert.deepEqual([status, body.state, body.endedBecause.type], [200, 'outdated', '/problems/changed-since'])
  assert.equal(await exists(owner, 'apollo'), true)
  const { action, outcome, facts } = (await app.audit()).at(-1)!
  assert.deepEqual([action, outcome, facts.why], ['change-set.execute', 'failed', 'changed-since'])
  assert.deepEqual(type(await approve(await approver(app, 'later'), id)), [409, '/problems/change-set-closed'])
})

test('a change asked for on a state that was read (If-Match) is refused when that state is gone already', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.put('/api/v1/projects', project('apollo', 'first').body)
  await owner.put('/api/v1/projects', project('apollo', 'second').body)
  await governed(app)

  const asked = await owner.post(changeSets, { ...project('apollo', 'third'), ifMatch: body.resource.etag, reason: 'x' })

  assert.deepEqual(type(asked), [412, '/problems/stale'])
})

test('an approval a second too late is too late', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  const expiresAt = new Date(app.app.site.clock.now().getTime() + 3_600_000).toISOString()
  const id = await ask(owner, { ...project('apollo'), expiresAt })
  const signed = await signature(officer, id)
  app.clock.advance(3_601_000)

  const late = await officer.post(`${changeSets}/${id}/approve`, { signature: signed })

  assert.deepEqual([...type(late), late.body.state], [409, '/problems/change-set-closed', 'expired'])
  assert.equal(await stateOf(owner, id), 'expired')
  assert.equal((await owner.get(`${changeSets}?state=expired`)).body.items[0].id, id)
  assert.deepEqual((await officer.get(`${changeSets}?mine=approvable`)).body.items, [])
  assert.equal(await exists(owner, 'apollo'), false)
})

test('approval adds eyes, not rights: what its asker may not do is not even asked for, and is not done once the right is gone', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  const member = await app.as('member')
  const asked = await member.post(changeSets, { ...project('mine'), reason: 'please' })
  assert.deepEqual(type(asked), [403, '/problems/forbidden'])
  assert.deepEqual(
    (await app.audit()).slice(-1).map(({ action, outcome, actor }) => [action, outcome, actor]),
    [['change-set.open', 'denied', member.userId]],
  )

  const operator = await app.as('operator', { name: 'op' })
  await owner.put('/api/v1/role-assignments', { name: 'also', spec: { principal: operator.userId, role: 'member' } })
  const id = await ask(operator, project('apollo'))
  const { body } = await owner.get('/api/v1/role-assignments?q=op-')
  const assignment = body.items.find((item: { spec: { role: string } }) => item.spec.role === 'operator')
  assert.equal((await owner.delete(`/api/v1/role-assignments/${assignment.id}`)).status, 204)
  const { body: ended } = await approve(officer, id)

  assert.deepEqual([ended.state, ended.endedBecause.type], ['failed', '/problems/forbidden'])
  assert.equal(await exists(owner, 'apollo'), false)
})

test('nothing is done for someone who was disabled, or through a key that was revoked, after they asked', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  const operator = await app.as('operator')
  const { body: made } = await operator.post('/api/v1/keys', { name: 'robot' })
  const [byKey, byThem] = [await ask(app.bearer(made.secret), project('one')), await ask(operator, project('two'))]
  await operator.delete(`/api/v1/keys/${made.key.id}`)
  const { body: first } = await approve(officer, byKey)
  await owner.post(`/api/v1/users/${operator.userId}/disable`)
  const { body: second } = await approve(officer, byThem)

  for (const ended of [first, second])
    assert.deepEqual([ended.state, ended.endedBecause.type], ['failed', '/problems/requester-gone'])
  assert.deepEqual([await exists(owner, 'one'), await exists(owner, 'two')], [false, false])
})

test('where two must approve, one does not suffice, and only those count who still may when it is done', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app, { quorum: 2 })
  const [leaver, demoted, last] = await Promise.all(['leaver', 'demoted', 'last'].map((name) => approver(app, name)))
  const id = await ask(owner, project('apollo'))
  for (const who of [leaver!, demoted!]) {
    const other = await ask(owner, project(who.username))
    assert.equal((await approve(who, other)).body.state, 'open')
    await owner.post(changeSets + `/${other}/withdraw`)
  }
  assert.equal((await approve(leaver!, id)).body.state, 'open')
  await owner.post(`/api/v1/users/${leaver!.userId}/disable`)
  assert.equal((await approve(demoted!, id)).body.state, 'open', 'the first left: it is one again')
  const { body } = await owner.get('/api/v1/role-assignments?q=demoted')
  await owner.delete(`/api/v1/role-assignments/${body.items[0].id}`)
  assert.equal((await approve(officer, id)).body.state, 'open', 'the second lost the right: it is one again')
  assert.deepEqual(type(await approve(officer, id)), [409, '/problems/conflict'])

  assert.equal((await approve(last!, id)).body.state, 'done')
  const { facts } = (await app.audit()).at(-1)!
  assert.equal(facts.approvals, 2)
})

test('whoever could approve can also refuse, and whoever asked can withdraw; both end it', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  const [refused, withdrawn] = [await ask(owner, project('a')), await ask(owner, project('b'))]

  assert.equal((await owner.post(`${changeSets}/${refused}/refuse`, { reason: 'mine' })).status, 409)
  const { body } = await officer.post(`${changeSets}/${refused}/refuse`, { reason: 'Not before the audit' })
  assert.deepEqual([body.state, body.endedBecause], ['refused', { reason: 'Not before the audit' }])
  assert.deepEqual(type(await officer.post(`${changeSets}/${withdrawn}/withdraw`)), [403, '/problems/forbidden'])
  assert.equal((await owner.post(`${changeSets}/${withdrawn}/withdraw`)).body.state, 'withdrawn')
  for (const id of [refused, withdrawn]) assert.deepEqual(type(await approve(officer, id)), [409, '/problems/change-set-closed'])
})
