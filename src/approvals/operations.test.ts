// What can be asked for: any change the API can make, tried without a trace, shown exactly, and done exactly so.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sql } from 'kysely'
import { approve, approver, ask, changeSets, putRule } from '../../test/approvals.ts'
import { testApp, type Reply, type TestApp } from '../../test/app.ts'

const type = ({ status, body }: Reply) => [status, body.type]

/** Every change here needs another person. */
const governed = async (app: TestApp) => {
  const owner = await app.as('owner')
  const officer = await approver(app, 'officer')
  await putRule(owner, 'everything', { actions: ['*'] })
  return { owner, officer }
}
const shown = (body: { document: string }) => JSON.parse(body.document).difference

test('anything that changes something for others can be asked for: resources, many at once, deletion, moves, people, groups, keys and sessions', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await approver(app, 'officer')
  const member = await app.as('member')
  for (const name of ['north', 'south']) await owner.put('/api/v1/folders', { name, spec: {} })
  await owner.put('/api/v1/projects', { scope: '/north', name: 'moving', spec: {} })
  await owner.put('/api/v1/projects', { name: 'going', spec: {} })
  const { body: group } = await owner.post('/api/v1/groups', { name: 'Old name' })
  const { body: key } = await member.post('/api/v1/keys', { name: 'theirs' })
  const { body: sessions } = await owner.get(`/api/v1/sessions?user=${member.userId}`)
  await putRule(owner, 'everything', { actions: ['*'] })
  const requests = [
    { operationId: 'folderApply', body: { scope: '/north', name: 'inner', spec: { title: 'Äußeres' } } },
    {
      operationId: 'resourceApply',
      body: {
        resources: [
          { kind: 'folder', name: 'new' },
          { kind: 'project', scope: '/new', name: 'p' },
        ],
      },
    },
    { operationId: 'projectMove', path: { id: 'moving' }, body: { scope: '/south' } },
    { operationId: 'projectDelete', path: { id: 'going' } },
    { operationId: 'roleAssignmentApply', body: { name: 'more', spec: { principal: member.userId, role: 'auditor' } } },
    {
      operationId: 'approvalRuleApply',
      body: { name: 'everything', spec: { actions: ['*'], quorum: 1, approverRole: 'security-officer' } },
    },
    { operationId: 'groupCreate', body: { name: 'Crew' } },
    { operationId: 'groupUpdate', path: { id: group.id }, body: { name: 'New name' } },
    { operationId: 'groupMemberAdd', path: { id: group.id, memberId: member.userId } },
    { operationId: 'groupMemberRemove', path: { id: group.id, memberId: member.userId } },
    { operationId: 'groupDelete', path: { id: group.id } },
    { operationId: 'keyRevoke', path: { id: key.key.id } },
    { operationId: 'sessionRevoke', path: { id: sessions.items[0].id } },
    { operationId: 'userCreate', body: { username: 'newcomer', displayName: 'New Comer' } },
    { operationId: 'userUpdate', path: { id: member.userId }, body: { displayName: 'Renamed' } },
    { operationId: 'userInvite', path: { id: member.userId } },
    { operationId: 'userDisable', path: { id: member.userId } },
    { operationId: 'userEnable', path: { id: member.userId } },
    { operationId: 'userDelete', path: { id: member.userId } },
  ]

  for (const request of requests) {
    const id = await ask(owner, request)
    const { body, text } = await approve(officer, id)
    assert.equal(body.state, 'done', `${request.operationId}: ${text}`)
  }
  assert.equal((await owner.get('/api/v1/projects?scope=/new')).body.items[0].name, 'p')
  assert.equal((await owner.get('/api/v1/folders?q=inner')).body.items[0].spec.title, 'Äußeres')
  assert.equal((await app.bearer(key.secret).get('/api/v1/session')).status, 401)
})

test('what is shown is what is done: before and after of every resource, and every entry that goes into the log', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await approver(app, 'officer')
  const { body: first } = await owner.put('/api/v1/projects', { name: 'p', labels: { env: 'test' }, spec: { title: 'before' } })
  await putRule(owner, 'everything', { actions: ['*'] })
  const id = await ask(owner, {
    operationId: 'resourceApply',
    body: {
      resources: [
        { kind: 'project', name: 'p', labels: { env: 'prod' }, spec: { title: 'after' } },
        { kind: 'folder', name: 'f', spec: {} },
      ],
    },
    reason: 'The reason is kept: naïve ∀ 日本',
  })
  const { body: open } = await owner.get(`${changeSets}/${id}`)
  await approve(officer, id)

  const { changes, records } = shown(open)
  const [folder, changed] = changes
  assert.deepEqual(
    [changed.id, changed.change, changed.before.spec, changed.before.labels, changed.after.spec, changed.after.labels],
    [first.resource.id, 'changed', { title: 'before' }, { env: 'test' }, { title: 'after' }, { env: 'prod' }],
  )
  assert.deepEqual([folder.change, folder.kind, folder.scope, folder.name], ['created', 'folder', '/', 'f'])
  const { body: history } = await owner.get(`/api/v1/projects/${first.resource.id}/history`)
  const [now, before] = history.items
  assert.deepEqual(
    [now.spec, now.labels, before.spec, before.labels],
    [changed.after.spec, changed.after.labels, changed.before.spec, changed.before.labels],
  )
  assert.deepEqual([now.actor, now.reason], [owner.userId, 'The reason is kept: naïve ∀ 日本'])
  const acts = (await app.audit()).slice(-3, -1).map(({ action, facts }) => [action, facts.change, facts.fields])
  assert.deepEqual(
    acts,
    records.map(({ record, facts }: any) => [record, facts.change, facts.fields]),
  )
})

test('a trial leaves nothing behind: no row, no entry, no job, no news, no denial', async (t) => {
  const app = await testApp(t)
  const member = await app.as('operator')
  const { owner } = await governed(app)
  const state = async () => {
    const { rows } = await sql<{ state: unknown }>`select jsonb_build_object(
      'resources', (select count(*) from resource), 'revisions', (select count(*) from resource_revision), 'news', (select count(*) from resource_change),
      'users', (select count(*) from identity_user), 'links', (select count(*) from identity_link), 'sessions', (select count(*) from identity_session),
      'keys', (select count(*) from identity_key where revoked_at is not null), 'grants', (select count(*) from policy_grant), 'scopes', (select count(*) from policy_scope),
      'rules', (select count(*) from policy_approval_rule), 'jobs', (select count(*) from graphile_worker._private_jobs), 'sets', (select count(*) from change_set)) as state`.execute(
      app.app.site.db,
    )
    return { ...(rows[0]!.state as object), entries: (await app.audit()).length }
  }
  const before = await state()
  const idle = [
    { operationId: 'projectApply', body: { scope: '/nowhere', name: 'p', spec: {} } },
    { operationId: 'userDisable', path: { id: owner.userId } },
    { operationId: 'policyExplain', body: {} },
  ]
  for (const request of idle) assert.ok((await owner.post(changeSets, { ...request, reason: 'x' })).status >= 400)
  assert.deepEqual(await state(), before)

  const refused = await member.post(changeSets, { operationId: 'userDisable', path: { id: owner.userId }, reason: 'x' })
  assert.equal(refused.status, 403)
  assert.deepEqual(
    (await app.audit()).slice(before.entries).map(({ action, outcome }) => [action, outcome]),
    [['change-set.open', 'denied']],
    'that it was asked for is told; that it was tried is not told as an attempt',
  )
  const untouched = { ...(await state()), entries: before.entries }
  assert.deepEqual(untouched, before)
  await ask(owner, { operationId: 'userDisable', path: { id: member.userId } })
  assert.deepEqual(await state(), {
    ...before,
    sets: Number((before as unknown as { sets: number }).sets) + 1,
    entries: before.entries + 2,
  })
})

test('what would change nothing, needs nobody, or is malformed is not asked of people', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const open = (request: object) => owner.post(changeSets, { reason: 'x', ...request })
  const nothing = [409, '/problems/nothing-to-approve']
  await owner.put('/api/v1/projects', { name: 'p', spec: {} })
  assert.deepEqual(type(await open({ operationId: 'projectDelete', path: { id: 'p' } })), nothing, 'no rule asks')
  await putRule(owner, 'everything', { actions: ['*'] })

  assert.deepEqual(type(await open({ operationId: 'projectApply', body: { name: 'p', spec: {} } })), nothing, 'it is so already')
  const wrong = [
    { operationId: 'nothingOfTheKind' },
    { operationId: 'projectGet', path: { id: 'p' } },
    { operationId: 'projectDelete' },
    { operationId: 'projectDelete', path: { id: 'p', more: 'x' } },
    { operationId: 'projectApply', body: { name: 'p', spec: { unknown: 1 } } },
    { operationId: 'projectApply' },
    { operationId: 'projectApply', body: { name: 'q', spec: {} }, expiresAt: '2001-01-01T00:00:00Z' },
    { operationId: 'projectApply', body: { name: 'q', spec: {} }, expiresAt: '2999-01-01T00:00:00Z' },
    { operationId: 'projectApply', body: { name: 'q', spec: {} }, reason: '' },
    { operationId: 'projectApply', body: { name: 'q', spec: {} }, more: 'x' },
  ]
  for (const request of wrong)
    assert.deepEqual(type(await open(request)), [400, '/problems/invalid-request'], JSON.stringify(request))
  assert.deepEqual(type(await open({ operationId: 'projectDelete', path: { id: '../p' } })), [404, '/problems/not-found'])
  assert.deepEqual((await owner.get(changeSets)).body.items, [])
})

/** Concerns oneself alone, or has effects that no rollback takes back. Whoever adds a door that changes something decides whether it belongs here. */
const direct = [
  'aptDelete',
  'aptPost',
  'aptPut',
  'artifactSign',
  'artifactUpload',
  'artifactVerify',
  'auditRebuild',
  'certificateChallenge',
  'certificateCreate',
  'certificateDelete',
  'changeSetApprove',
  'changeSetCreate',
  'changeSetRefuse',
  'changeSetWithdraw',
  'conversationCreate',
  'conversationDelete',
  'conversationRename',
  'conversationSay',
  'filesDelete',
  'filesPut',
  'gatewayChat',
  'guardrailTry',
  'hfPost',
  'hfPut',
  'inventoryDrift',
  'invitationAccept',
  'invitationPasskeyOptions',
  'keyCreate',
  'npmDelete',
  'npmPut',
  'ociDelete',
  'ociPatch',
  'ociPost',
  'ociPut',
  'passkeyCreate',
  'passkeyDelete',
  'passkeyOptions',
  'passwordSet',
  'policyExplain',
  'policyWhatIf',
  'profileUpdate',
  'pypiDelete',
  'pypiUpload',
  'pypiYank',
  'recoveryCodesCreate',
  'sessionCreate',
  'sessionEnd',
  'sessionPasskeyCreate',
  'sessionPasskeyOptions',
  'setupPasskeyOptions',
  'setupRun',
  'storageCollect',
  'storageRetentionPreview',
  'storageScrub',
  'totpConfirm',
  'totpDelete',
  'totpOffer',
]

test('what concerns oneself alone or cannot be taken back is only done directly, and every other change can be asked for', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { operations } = app.app.site.wiring
  const found = [...operations].filter(([, operation]) => operation().direct !== undefined).map(([id]) => id)
  assert.deepEqual(found.sort(), direct)
  for (const operationId of direct)
    assert.deepEqual(
      type(await owner.post(changeSets, { operationId, reason: 'x' })),
      [400, '/problems/not-proposable'],
      operationId,
    )
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { operationId: string }>>
  }
  const changing = Object.values(paths).flatMap((methods) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'get')
      .map(([, { operationId }]) => operationId),
  )
  assert.deepEqual([...operations.keys()].sort(), changing.sort())
})

test('a one-time link that comes of an approved request goes to whoever asked, and to nobody who approved', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  const id = await ask(owner, { operationId: 'userCreate', body: { username: 'newcomer', displayName: 'New Comer' } })
  const { body: approved, text, headers } = await approve(officer, id)

  assert.deepEqual([approved.state, approved.reply, /join/.test(text)], ['done', undefined, false])
  const { body } = await owner.get(`${changeSets}/${id}`)
  assert.equal(body.reply.status, 201)
  const token = new URL(body.reply.body.invitation.url).searchParams.get('token')
  assert.equal((await app.anyone().get(`/api/v1/invitation?token=${token}`)).status, 200)
  assert.equal(headers['cache-control'], 'no-store')
  const { rows } = await sql<{
    all: string
  }>`select row_to_json(change_set)::text as all from change_set where id = ${id}`.execute(app.app.site.db)
  assert.ok(!rows[0]!.all.includes(token!), 'and lies sealed in the database')
})

test('people have so many open changes and no more', async (t) => {
  const app = await testApp(t)
  const { owner } = await governed(app)
  const { rows } = await sql<{ id: string }>`
    insert into change_set (id, requester, principal, operation_id, reason, obligations, document, digest, state, created_at, expires_at)
    select 'change_' || lpad(n::text, 26, '0'), ${owner.userId}, '{}', 'x', 'x', '[]', '{}', n::text, 'open', now(), now() + interval '1 day'
    from generate_series(1, 100) n returning id`.execute(app.app.site.db)
  assert.equal(rows.length, 100)
  const { status, body } = await owner.post(changeSets, {
    operationId: 'projectApply',
    body: { name: 'p', spec: {} },
    reason: 'x',
  })
  assert.deepEqual([status, body.max], [409, 100])
})
