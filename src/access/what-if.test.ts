import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testApp, type Caller, type Reply, type TestApp } from '../../test/app.ts'

const type = ({ status, body }: Reply) => [status, body?.type]
const whatIf = (by: Caller, proposed: object) => by.post('/api/v1/what-if', proposed)
const given = (to: string, spec: object, name = 'x', scope = '/') => ({
  kind: 'role-assignment',
  name,
  scope,
  spec: { principal: to, ...spec },
})
type Told = { principal: string; action: string; scope: string }
const of = (told: Told[], principal: string) => told.filter((one) => one.principal === principal)

const state = async (app: TestApp) => {
  const { rows } =
    await sql`select (select count(*) from resource) as resources, (select count(*) from resource_revision) as revisions,
    (select count(*) from policy_grant) as grants, (select count(*) from policy_role) as roles, (select count(*) from resource_change) as news`.execute(
      app.app.site.db,
    )
  return { ...(rows[0] as object), entries: (await app.audit()).length }
}

test('a proposed assignment, role and denial tell who would gain and lose what where, and leave nothing behind', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const [someone, member] = [await app.as('nobody'), await app.as('member')]
  await owner.put('/api/v1/folders', { name: 'lab', spec: {} })
  const before = await state(app)

  const { status, body, text } = await whatIf(owner, {
    documents: [
      given(someone.userId, { role: 'maker' }, 'a', '/lab'),
      given(member.userId, { effect: 'deny', actions: ['model.*'] }, 'b'),
      { kind: 'role', name: 'maker', spec: { title: 'Maker', actions: ['project.apply'] } },
    ],
  })

  assert.equal(status, 200, text)
  assert.deepEqual(of(body.gains, someone.userId), [
    { principal: someone.userId, action: 'project.apply', scope: '/lab', conditional: false },
  ])
  assert.deepEqual(
    of(body.loses, member.userId).map(({ action, scope }) => [action, scope]),
    [['model.read', '/']],
  )
  assert.deepEqual(await state(app), before)
  assert.equal((await someone.put('/api/v1/projects', { name: 'p', scope: '/lab', spec: {} })).status >= 400, true)
})

test('a proposed deletion tells who would lose by it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')
  const { body: held } = await owner.get('/api/v1/role-assignments?q=member')

  const { body } = await whatIf(owner, { deletions: [held.items[0].id] })

  assert.deepEqual(body.gains, [])
  assert.ok(of(body.loses, member.userId).some(({ action }) => action === 'deployment.invoke'))
  assert.equal((await member.get('/api/v1/models')).status, 200)
  assert.equal((await owner.get('/api/v1/role-assignments?q=member')).body.items.length, 1)
})

test('a trial refuses what its asker may not do, says what a change would be refused for, and tells of nothing hidden', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const auditor = await app.as('auditor')
  const member = await app.as('member')
  const someone = await app.as('nobody')
  const entries = (await app.audit()).length

  assert.deepEqual(type(await whatIf(member, {})), [403, '/problems/forbidden'])
  assert.deepEqual(type(await whatIf(auditor, { documents: [given(someone.userId, { role: 'member' })] })), [
    403,
    '/problems/forbidden',
  ])
  assert.deepEqual(type(await whatIf(officer, { documents: [given(someone.userId, { role: 'owner' })] })), [
    403,
    '/problems/escalation',
  ])
  assert.deepEqual(type(await whatIf(officer, { documents: [given(officer.userId, { role: 'auditor' })] })), [
    403,
    '/problems/self-grant',
  ])
  const { body: owners } = await owner.get('/api/v1/role-assignments?q=owner')
  assert.deepEqual(type(await whatIf(owner, { deletions: [owners.items[0].id] })), [409, '/problems/last-owner'])
  const { body: folder } = await owner.put('/api/v1/folders', { name: 'secret', classification: { level: 'secret' }, spec: {} })
  const hidden = await whatIf(officer, { deletions: [folder.resource.id] })
  const absent = await whatIf(officer, { deletions: ['folder_absent'] })
  assert.deepEqual([type(hidden), type(absent)], [absent, absent].map(type))
  assert.equal(absent.status, 404)
  assert.equal(hidden.body.detail.replace(folder.resource.id, 'X'), absent.body.detail.replace('folder_absent', 'X'))
  for (const wrong of [
    { documents: [{ kind: 'role' }] },
    { documents: 'x' },
    { more: 1 },
    { deletions: Array.from({ length: 501 }, String) },
  ])
    assert.deepEqual(type(await whatIf(owner, wrong)), [400, '/problems/invalid-request'], JSON.stringify(wrong).slice(0, 80))
  const told = (await app.audit()).slice(entries).filter(({ outcome }) => outcome === 'denied')
  assert.deepEqual(
    told.map(({ action, actor }) => [action, actor]),
    [['policy.explain', member.userId]],
    'what is only tried is not recorded as an attempt',
  )
})

test('a rule that asks for approval does not keep one from asking what would be', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  await owner.put('/api/v1/approval-rules', { name: 'all', spec: { actions: ['role-assignment.*'], quorum: 1 } })

  const { status, body } = await whatIf(owner, { documents: [given(someone.userId, { role: 'member' })] })

  assert.equal(status, 200)
  assert.ok(of(body.gains, someone.userId).some(({ action }) => action === 'deployment.invoke'))
})
