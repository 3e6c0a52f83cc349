import assert from 'node:assert/strict'
import { test } from 'node:test'
import { putGuardrailAssignment } from '#guardrails'
import { atomically, systemContext } from '#platform/context.ts'
import { approve, approver, ask, changeSets, putRule } from '../../test/approvals.ts'
import { clear } from '../../test/clearance.ts'
import { testApp, type Caller, type TestApp } from '../../test/app.ts'

const plant = async (owner: Caller): Promise<Record<string, string>> => {
  const { body } = await owner.post('/api/v1/apply', {
    resources: [
      { kind: 'folder', name: 'from', spec: {} },
      { kind: 'folder', name: 'to', spec: {} },
      { kind: 'folder', scope: '/from', name: 'lab', spec: {} },
      { kind: 'project', scope: '/from/lab', name: 'llm', spec: {} },
    ],
  })
  return Object.fromEntries(
    body.changes.map(({ resource }: { resource: { name: string; id: string } }) => [resource.name, resource.id]),
  )
}

const assign = (app: TestApp, id: string, scopeId: string, guardrail: string, effect: 'audit' | 'deny') =>
  atomically(systemContext(app.app.site, 'test'), (tx) =>
    putGuardrailAssignment(tx, { id, scopeId, assignment: { guardrail: `builtin/${guardrail}`, effect } }),
  )

const names = (items: { name: string }[]) => items.map(({ name }) => name).sort()

test('a move is tried first: who gains and loses what, which locks and guardrails reach it, and nothing is moved', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { from, to, lab } = await plant(owner)
  const [ann, cem] = [
    await app.as('member', { scope: '/from', name: 'ann' }),
    await app.as('operator', { scope: '/to', name: 'cem' }),
  ]
  await owner.put('/api/v1/locks', { scope: '/to', name: 'stays', spec: { effect: 'cannot-delete' } })
  await assign(app, 'assignment_left', from!, 'contact-stated', 'audit')
  await assign(app, 'assignment_new', to!, 'contact-stated', 'audit')

  const { status, body, text } = await owner.post(`/api/v1/folders/${lab}/move`, { scope: '/to', dryRun: true })

  assert.equal(status, 200, text)
  assert.equal(body.scope, '/to')
  const { preview } = body
  assert.deepEqual([preview.from, preview.to, preview.inside], ['/from', '/to', { scopes: 1, resources: 1 }])
  assert.deepEqual(names(preview.governing.gained), [`${cem.username}-operator`, 'stays'])
  assert.deepEqual(names(preview.governing.lost), [`${ann.username}-member`])
  assert.equal(preview.governing.lost[0].spec.principal, ann.userId)
  const who = (some: { principal: string; action: string }[]) =>
    new Set(some.map(({ principal, action }) => `${principal} ${action}`))
  assert.ok(
    who(body.rights.loses).has(`${ann.userId} deployment.invoke`) && who(body.rights.gains).has(`${cem.userId} project.apply`),
  )
  const keeper = await (await app.as('operator')).post(`/api/v1/folders/${lab}/move`, { scope: '/to', dryRun: true })
  assert.deepEqual([keeper.status, keeper.body.rights], [200, undefined])
  assert.deepEqual(
    [preview.guardrails.gained, preview.guardrails.lost].map((some) => some.map((one: { assignment: string }) => one.assignment)),
    [['assignment_new'], ['assignment_left']],
  )
  assert.deepEqual(names(preview.failing), ['lab', 'llm'])
  assert.equal((await owner.get(`/api/v1/folders/${lab}`)).body.scope, '/from')
  assert.deepEqual((await owner.get('/api/v1/projects?scope=/from')).body.items.length, 1)
})

test('of what is gained and lost only what one may see is shown; the rest is counted', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { lab } = await plant(owner)
  await app.as('member', { scope: '/from', name: 'ann' })
  await putRule(owner, 'four-eyes', { actions: ['model.apply'] }, '/to')
  const engineer = await app.as('ai-engineer', { scope: '/from', name: 'eda' })
  assert.equal((await engineer.post(`/api/v1/folders/${lab}/move`, { scope: '/to', dryRun: true })).status, 403)

  const keeper = await app.as('operator', { name: 'olga' })
  await clear(app, owner, { rank: 300 })
  const secret = await owner.put('/api/v1/role-assignments', {
    scope: '/to',
    name: 'quiet',
    classification: { level: 'secret' },
    spec: { principal: engineer.userId, role: 'member' },
  })
  assert.equal(secret.status, 201, secret.text)
  const { body } = await keeper.post(`/api/v1/folders/${lab}/move`, { scope: '/to', dryRun: true })

  assert.deepEqual(names(body.preview.governing.gained), ['four-eyes'])
  assert.equal(body.preview.governing.lost.length, 2)
  assert.equal(body.preview.hidden, 1)
})

test('what could not be made at a place does not come there by moving', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { to, lab, llm } = await plant(owner)
  await assign(app, 'assignment_strict', to!, 'contact-stated', 'deny')
  await owner.put('/api/v1/folders', { scope: '/from', name: 'lab', labels: { contact: 'ann@ministry.example' }, spec: {} })

  const refused = await owner.post(`/api/v1/folders/${lab}/move`, { scope: '/to' })
  assert.equal(refused.status, 403, refused.text)
  assert.equal(refused.body.type, '/problems/guardrail-denied')
  assert.equal((await owner.get(`/api/v1/projects/${llm}`)).body.scope, '/from/lab')

  await owner.put('/api/v1/projects', { scope: '/from/lab', name: 'llm', labels: { contact: 'ann@ministry.example' }, spec: {} })
  const moved = await owner.post(`/api/v1/folders/${lab}/move`, { scope: '/to' })
  assert.equal(moved.status, 200, moved.text)
})

test('to leave a classified folder is to lower what lies in it, and takes the right to', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { lab } = await plant(owner)
  const operator = await app.as('operator')
  for (const who of [owner, operator]) await clear(app, who, { rank: 300 })
  const labelled = await owner.put('/api/v1/folders', { name: 'from', classification: { level: 'secret' }, spec: {} })
  assert.equal(labelled.status, 200, labelled.text)

  const out = await operator.post(`/api/v1/folders/${lab}/move`, { scope: '/to' })
  assert.equal(out.status, 403, out.text)
  assert.match(out.body.detail, /label\.lower/)

  const tried = await owner.post(`/api/v1/folders/${lab}/move`, { scope: '/to', dryRun: true })
  assert.deepEqual(tried.body.preview.classification, {
    before: { level: 'secret', caveats: [] },
    after: { level: 'open', caveats: [] },
  })
  assert.equal((await owner.post(`/api/v1/folders/${lab}/move`, { scope: '/to' })).body.effectiveClassification.level, 'open')
})

test('where a rule asks for it a move is approved by others, who are shown what is gained and lost', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { lab } = await plant(owner)
  const ann = await app.as('member', { scope: '/from', name: 'ann' })
  const officer = await approver(app, 'sofia')
  await putRule(owner, 'moves', { actions: ['folder.delete'] })
  const operator = await app.as('operator')

  const tried = await operator.post(`/api/v1/folders/${lab}/move`, { scope: '/to', dryRun: true })
  assert.deepEqual(
    tried.body.approvals.map(({ action }: { action: string }) => action),
    ['folder.delete'],
  )
  assert.equal((await operator.post(`/api/v1/folders/${lab}/move`, { scope: '/to' })).body.type, '/problems/approval-needed')
  const id = await ask(operator, { operationId: 'folderMove', path: { id: lab }, body: { scope: '/to' } })

  const { document } = (await officer.get(`${changeSets}/${id}`)).body
  const [change] = JSON.parse(document).difference.changes
  assert.deepEqual(names(change.move.governing.lost), [`${ann.username}-member`])
  assert.deepEqual([change.before.scope, change.after.scope], ['/from', '/to'])

  const done = await approve(officer, id)
  assert.equal(done.status, 200, done.text)
  assert.equal((await owner.get(`/api/v1/folders/${lab}`)).body.scope, '/to')
})

test('a move that makes no sense is refused, tried or done: into itself, into a project, to nowhere, onto a name that is taken', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { from, lab } = await plant(owner)
  await owner.put('/api/v1/projects', { scope: '/to', name: 'lab', spec: {} })

  for (const dryRun of [true, false]) {
    const move = (id: string | undefined, body: object) => owner.post(`/api/v1/folders/${id}/move`, { dryRun, ...body })
    const codes = [
      await move(from, { scope: '/from' }),
      await move(from, { scope: '/from/lab' }),
      await move(lab, { scope: '/from/lab/llm' }),
      await move(lab, { scope: '/nowhere' }),
      await move(lab, { scope: '/to' }),
      await move(lab, { scope: '' }),
      await move(lab, { scope: '../to' }),
      await move(lab, {}),
      await move(lab, { scope: '/to', name: 'new' }),
    ].map(({ status, body }) => `${status} ${body.type?.slice('/problems/'.length) ?? ''}`)
    assert.deepEqual(codes, [
      '409 scope-cycle',
      '409 scope-cycle',
      '409 scope-cycle',
      '404 scope-missing',
      '409 name-taken',
      '400 invalid-request',
      '404 scope-missing',
      '400 invalid-request',
      '400 invalid-request',
    ])
  }
  assert.equal((await owner.get(`/api/v1/folders/${lab}`)).body.scope, '/from')
})

test('nobody moves something to where they may do more with it, or with anything in it; one who may do that already moves it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { lab, from } = await plant(owner)
  const operator = await app.as('operator')
  const give = (scope: string, name: string, role: string) =>
    owner.put('/api/v1/role-assignments', { scope, name, spec: { principal: operator.userId, role } })
  assert.equal((await give('/to', 'owns-there', 'owner')).status, 201)

  for (const dryRun of [true, false]) {
    const refused = await operator.post(`/api/v1/folders/${lab}/move`, { scope: '/to', dryRun })
    assert.deepEqual([refused.status, refused.body.type], [403, '/problems/self-raise'])
    assert.ok(refused.body.gained.includes('role-assignment.apply'))
  }
  assert.equal((await operator.get(`/api/v1/folders/${lab}`)).body.scope, '/from')
  const { facts, resource } = (await app.audit()).findLast(({ outcome }) => outcome === 'denied')!
  assert.deepEqual([facts.why, resource.kind], ['self-raise', 'folder'])

  assert.equal((await give('/from', 'owns-here', 'owner')).status, 201)
  assert.equal((await operator.post(`/api/v1/folders/${lab}/move`, { scope: '/to' })).status, 200)
  assert.equal((await operator.post(`/api/v1/folders/${from}/move`, { scope: '/to/lab' })).status, 200)
})

test('what is in a scope that cannot be deleted for it is named to those alone who may read it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await clear(app, owner, { rank: 300 })
  const operator = await app.as('operator')
  const { body } = await owner.put('/api/v1/folders', { name: 'box', spec: {} })
  const inside = { scope: '/box', name: 'whisper', classification: { level: 'secret' }, spec: {} }
  assert.equal((await owner.put('/api/v1/projects', inside)).status, 201)

  const [uncleared, cleared] = [
    await operator.delete(`/api/v1/folders/${body.resource.id}`),
    await owner.delete(`/api/v1/folders/${body.resource.id}`),
  ]

  for (const { status, body: told } of [uncleared, cleared])
    assert.deepEqual([status, told.type], [409, '/problems/scope-not-empty'])
  assert.deepEqual(uncleared.body.inside, [])
  assert.doesNotMatch(uncleared.text, /whisper/)
  assert.deepEqual(cleared.body.inside, [{ kind: 'project', name: 'whisper' }])
})

test('nobody labels something so that a condition of their own role is met by it; what they make anew bears what it bears', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const engineer = await app.as('ai-engineer')
  const spec = { principal: engineer.userId, role: 'operator', condition: { label: { name: 'env', in: ['lab'] } } }
  assert.equal((await owner.put('/api/v1/role-assignments', { name: 'in-the-lab', spec })).status, 201)
  const view = { name: 'v', spec: { query: 'kind:folder' } }
  assert.equal((await engineer.put('/api/v1/views', view)).status, 201)

  const refused = await engineer.put('/api/v1/views', { ...view, labels: { env: 'lab' } })
  assert.deepEqual([refused.status, refused.body.type], [403, '/problems/self-raise'])
  assert.equal((await app.audit()).findLast(({ outcome }) => outcome === 'denied')?.facts.why, 'self-raise')

  assert.equal((await engineer.put('/api/v1/views', { ...view, labels: { env: 'office' } })).status, 200)
  assert.equal((await owner.put('/api/v1/views', { ...view, labels: { env: 'lab' } })).status, 200)
  assert.equal((await engineer.put('/api/v1/views', { ...view, labels: { env: 'office' } })).status, 200)
})
