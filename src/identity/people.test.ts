import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemContext } from '#platform/context.ts'
import { password, signedIn, testApp, type Caller, type Reply, type TestApp } from '../../test/app.ts'
import { clear } from '../../test/clearance.ts'
import { issueRecoveryToken } from './invitations.ts'
import { linkAgeMs } from './links.ts'

const session = '/api/v1/session'
const tokenOf = (reply: Reply) => new URL((reply.body.invitation ?? reply.body).url).searchParams.get('token')
const add = (by: Caller, username: string) => by.post('/api/v1/users', { username, displayName: `Name of ${username}` })
const newPassword = 'some other long phrase'

const grant = async (by: Caller, principal: string, role: string) => {
  const reply = await by.put('/api/v1/role-assignments', {
    scope: '/',
    name: `${role}-${principal.slice(-6)}`,
    spec: { principal, role },
  })
  assert.ok(reply.status < 300, reply.text)
}
const join = async (app: TestApp, made: Reply, username: string) =>
  signedIn(app.app, await app.anyone().post('/api/v1/invitation', { token: tokenOf(made), password: newPassword }), username)

test('an invited person sees who they are to be, joins once, and is signed in', async (t) => {
  const app = await testApp(t)
  const made = await add(await app.as('owner'), 'grace')
  const token = tokenOf(made)

  const shown = await app.anyone().get(`/api/v1/invitation?token=${token}`)
  const joined = await app.anyone().post('/api/v1/invitation', { token, displayName: 'Grace', password: newPassword })
  const again = await app.anyone().post('/api/v1/invitation', { token, password: newPassword })

  assert.deepEqual(
    [made.status, made.body.user.state, shown.body.username, shown.body.purpose],
    [201, 'invited', 'grace', 'invitation'],
  )
  assert.deepEqual([joined.status, joined.body.user.displayName], [200, 'Grace'])
  assert.deepEqual([again.status, again.body.type], [410, '/problems/link-used'])
})

test('an invitation that was replaced or has expired opens nothing', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const first = await add(owner, 'grace')
  const second = await owner.post(`/api/v1/users/${first.body.user.id}/invite`)

  const replaced = await app.anyone().post('/api/v1/invitation', { token: tokenOf(first), password })
  app.clock.advance(linkAgeMs.invitation + 1000)
  const late = await app.anyone().post('/api/v1/invitation', { token: tokenOf(second), password })

  assert.deepEqual([replaced.body.type, late.body.type], ['/problems/link-unknown', '/problems/link-expired'])
})

test('a user name can be taken once, even by two requests at the same moment', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')

  const replies = await Promise.all([add(owner, 'Müller'), add(owner, 'MÜLLER'.normalize('NFD'))])

  assert.deepEqual(replies.map((reply) => reply.status).sort(), [201, 409])
  assert.equal(replies.find((reply) => reply.status === 409)!.body.type, '/problems/username-taken')
  const renamed = await owner.patch(`/api/v1/users/${owner.userId}`, { username: 'müller' })
  assert.equal(renamed.status, 409)
})

test('names with control characters, path separators or nothing in them are refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const username of [
    '',
    ' ',
    'a/b',
    'a\\b',
    '../x',
    'a..b',
    'a\u0000b',
    'a\u001b[31m',
    'a\nb',
    'a\u200bb',
    '\u202eabc',
    '.hidden',
    'x'.repeat(65),
  ])
    assert.equal((await add(owner, username)).status, 400, JSON.stringify(username))
  for (const displayName of ['', '   ', 'a\u0007b', 'a\u202eb', 'x'.repeat(121)])
    assert.equal((await owner.post('/api/v1/users', { username: 'fine', displayName })).status, 400, JSON.stringify(displayName))
})

test('what is shown of a person is never told to the log in clear', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.post('/api/v1/users', { username: 'very-secret-name', displayName: 'Very Secret', email: 'secret@harbour.example' })

  assert.doesNotMatch(JSON.stringify(await app.audit()), /secret/i)
})

test('a disabled person is out on the next request, by session and by key, and cannot come back by an old link', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')
  const key = await member.post('/api/v1/keys', { name: 'Script' })
  const link = await owner.post(`/api/v1/users/${member.userId}/invite`)
  assert.equal((await app.bearer(key.body.secret).get(session)).status, 200)
  assert.equal((await member.get(session)).status, 200)

  const disabled = await owner.post(`/api/v1/users/${member.userId}/disable`)

  assert.equal(disabled.body.state, 'disabled')
  assert.equal((await member.get(session)).status, 401)
  assert.equal((await app.bearer(key.body.secret).get(session)).body.type, '/problems/key-refused')
  assert.equal((await app.anyone().post(session, { username: member.username, password })).status, 401)
  assert.equal(
    (await app.anyone().post('/api/v1/invitation', { token: tokenOf(link), password: newPassword })).body.type,
    '/problems/link-unknown',
  )
  await owner.post(`/api/v1/users/${member.userId}/enable`)
  assert.equal((await app.anyone().post(session, { username: member.username, password })).status, 200)
})

test('a deleted person is forgotten, and the name is free again', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const member = await app.as('member')

  assert.equal((await owner.delete(`/api/v1/users/${member.userId}`)).status, 204)

  assert.equal((await member.get(session)).status, 401)
  assert.equal((await owner.get(`/api/v1/users/${member.userId}`)).status, 404)
  assert.equal((await add(owner, member.username)).status, 201)
  const actions = (await app.audit()).map((entry) => entry.action)
  assert.ok(actions.includes('user.delete') && actions.includes('audit.erase'))
})

test('the last owner can be neither disabled nor deleted, by anyone', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const second = await join(app, await add(owner, 'second'), 'second')
  await grant(owner, second.userId, 'owner')

  assert.equal((await owner.post(`/api/v1/users/${second.userId}/disable`)).status, 200)
  for (const reply of [
    await owner.post(`/api/v1/users/${owner.userId}/disable`),
    await owner.delete(`/api/v1/users/${owner.userId}`),
  ])
    assert.deepEqual([reply.status, reply.body.type], [409, '/problems/last-owner'])
})

test('who looks after people cannot become someone who is cleared for more', async (t) => {
  const app = await testApp(t)
  const [officer, colleague] = [await app.as('security-officer'), await app.as('security-officer', { name: 'colleague' })]
  await clear(app, colleague, { rank: 200 })
  const link = () => officer.post(`/api/v1/users/${colleague.userId}/invite`)

  const refused = await link()
  assert.deepEqual([refused.status, refused.body.type], [403, '/problems/above-you'])

  await clear(app, officer, { rank: 200 })
  assert.equal((await link()).status, 200)
})

test('who looks after people cannot become, shut out or remove an owner', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')

  for (const reply of [
    await officer.post(`/api/v1/users/${owner.userId}/invite`),
    await officer.post(`/api/v1/users/${owner.userId}/disable`),
    await officer.delete(`/api/v1/users/${owner.userId}`),
  ])
    assert.deepEqual([reply.status, reply.body.type], [403, '/problems/above-you'])
  const operator = await app.as('operator')
  assert.equal((await officer.post(`/api/v1/users/${operator.userId}/invite`)).body.type, '/problems/above-you')
  assert.equal((await officer.post(`/api/v1/users/${operator.userId}/disable`)).status, 200)
  assert.equal((await officer.post(`/api/v1/users/${(await app.as('member')).userId}/invite`)).status, 200)
})

test('people without the right neither see people nor add them, and the denial is recorded', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')

  const replies = [
    await member.get('/api/v1/users'),
    await add(member, 'eve'),
    await member.post(`/api/v1/users/${member.userId}/disable`),
  ]

  assert.deepEqual(
    replies.map((reply) => reply.status),
    [404, 403, 403],
  )
  assert.equal((await app.audit()).filter((entry) => entry.outcome === 'denied' && entry.actor === member.userId).length, 3)
})

test('a recovery link sets a new password, drops second factors and ends all sessions', async (t) => {
  const app = await testApp(t)
  const member = await app.as('nobody')
  const codes = await member.post('/api/v1/me/recovery-codes')
  const token = await issueRecoveryToken(systemContext(app.app.site, 'test'), member.username)

  const shown = await app.anyone().get(`/api/v1/invitation?token=${token}`)
  const recovered = await app.anyone().post('/api/v1/invitation', { token, password: newPassword })

  assert.equal(codes.body.codes.length, 10)
  assert.deepEqual([shown.body.purpose, recovered.status], ['recovery', 200])
  assert.equal((await member.get(session)).status, 401)
  assert.equal((await app.anyone().post(session, { username: member.username, password })).status, 401)
  const detail = await (await app.as('owner')).get(`/api/v1/users/${member.userId}`)
  assert.deepEqual([detail.body.recoveryCodesLeft, detail.body.hasTotp], [0, false])
  assert.ok((await app.audit()).some((entry) => entry.action === 'user.recover' && entry.actor === member.userId))
})

test('people are found by part of their name, a page at a time', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['anna', 'hanna', 'susanna', 'bob']) await add(owner, name)

  const first = await owner.get('/api/v1/users?q=ANNA&limit=2')
  const rest = await owner.get(`/api/v1/users?q=ANNA&limit=2&after=${first.body.next}`)
  const none = await owner.get('/api/v1/users?q=%25')

  const names = [...first.body.items, ...rest.body.items].map((user: { username: string }) => user.username)
  assert.deepEqual(names.sort(), ['anna', 'hanna', 'susanna'])
  assert.deepEqual([rest.body.next, none.body.items], [undefined, []])
})
