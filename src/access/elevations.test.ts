// Rights for a time: activated with a reason, held until they end, and gone to the second.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from '../../test/app.ts'
import { elevations, assignments, type, minuteMs, reason, eligible, activate, may, told } from '../../test/elevations.ts'

test('what one is eligible for gives nothing until it is activated, and then until its time is over', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const assignment = await eligible(owner, someone.userId)
  const roles = async () => (await someone.get('/api/v1/session')).body.roles.map(({ role }: { role: string }) => role)
  assert.deepEqual([await may(someone), await roles()], [false, []])

  const { status, body, text } = await activate(someone, assignment)

  assert.equal(status, 201, text)
  assert.deepEqual(
    [body.principal, body.assignment, body.role, body.scope, body.reason],
    [someone.userId, assignment, 'operator', '/', reason],
  )
  assert.equal(Date.parse(body.expiresAt) - Date.parse(body.startsAt), 600_000)
  assert.equal(await may(someone), true)
  app.clock.advance(9 * minuteMs)
  assert.deepEqual([await may(someone), await roles()], [true, ['operator']])
  app.clock.advance(1 * minuteMs)
  assert.deepEqual([await may(someone), await roles()], [false, []])
  assert.deepEqual((await owner.get(elevations)).body.items, [])
  const entry = (await app.audit()).find(({ action }) => action === 'elevation.activate')
  assert.deepEqual([entry?.actor, entry?.facts.role, entry?.facts.assignment], [someone.userId, 'operator', assignment])
})

test('the list says who holds what until when, of one’s own and to who may see others’, and what one could activate', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const auditor = await app.as('auditor')
  const [someone, other] = [await app.as('nobody'), await app.as('member')]
  const { body: group } = await owner.post('/api/v1/groups', { name: 'On call' })
  await owner.put(`/api/v1/groups/${group.id}/members/${someone.userId}`)
  const assignment = await eligible(owner, group.id, { approvals: 0 })
  const { body: active } = await activate(someone, 'on-call', { seconds: 60 })
  assert.ok(active.id, JSON.stringify(active))

  for (const who of [someone, owner, auditor]) assert.deepEqual((await who.get(elevations)).body.items, [active], who.username)
  assert.deepEqual((await other.get(elevations)).body, { items: [], eligible: [] })
  assert.deepEqual((await someone.get(elevations)).body.eligible, [
    { assignment, name: 'on-call', role: 'operator', scope: '/', maxSeconds: 3600, approvals: 0, via: group.id },
  ])
  assert.deepEqual((await owner.get(`${assignments}?q=operator`)).body.items, [], 'an elevation is not listed as an assignment')
})

test('an API key that may not read elevations is told of none, and one that may not activate does not', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  await eligible(owner, someone.userId)
  const key = async (actions: string[]) => app.bearer((await someone.post('/api/v1/keys', { name: 'k', actions })).body.secret)
  const [reader, other] = [await key(['elevation.read']), await key(['key.read'])]

  assert.equal((await reader.get(elevations)).body.eligible.length, 1)
  assert.deepEqual((await other.get(elevations)).body, { items: [], eligible: [] })
  assert.equal((await activate(reader, 'on-call')).status, 403)
  assert.equal((await activate(someone, 'on-call')).status, 201)
  assert.deepEqual((await other.get(elevations)).body.items, [])
})

test('pages of elevations join without gap or repetition', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const names = ['one', 'two', 'three']
  for (const name of names) {
    await eligible(owner, someone.userId, {}, {}, name)
    assert.equal((await activate(someone, name)).status, 201)
  }
  const { body: all } = await owner.get(elevations)
  const seen: string[] = []
  let after = ''
  do {
    const { body } = await owner.get(`${elevations}?limit=1${after && `&after=${after}`}`)
    seen.push(...body.items.map(({ id }: { id: string }) => id))
    after = body.next
  } while (after)
  assert.deepEqual(
    seen,
    all.items.map(({ id }: { id: string }) => id),
  )
  assert.equal(seen.length, 3)
})

test('an activation without reason, too long, of what is not one’s own or not eligible, or out of its time, is refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const other = await app.as('member')
  const now = app.app.site.clock.now().getTime()
  const at = (minutes: number) => new Date(now + minutes * minuteMs).toISOString()
  const assignment = await eligible(owner, someone.userId)
  const later = await eligible(owner, someone.userId, {}, { startsAt: at(10) }, 'later')
  const soon = await eligible(owner, someone.userId, {}, { expiresAt: at(2) }, 'soon')
  const { body: plain } = await owner.get(`${assignments}?q=member`)

  for (const wrong of [
    { reason: '' },
    { reason: undefined },
    { seconds: 59 },
    { seconds: 3601 },
    { seconds: 60.5 },
    { seconds: '600' },
    { seconds: 10 ** 12 },
    { more: 1 },
  ])
    assert.deepEqual(type(await activate(someone, assignment, wrong)), [400, '/problems/invalid-request'], JSON.stringify(wrong))
  for (const who of [other, owner]) assert.ok([403, 404].includes((await activate(who, assignment)).status), who.username)
  assert.ok([403, 404].includes((await activate(other, plain.items[0].id)).status), 'what one holds is not activated')
  assert.ok([403, 404].includes((await activate(someone, 'absent')).status))
  assert.deepEqual(type(await activate(someone, later)), [409, '/problems/not-eligible-now'])
  const capped = await activate(someone, soon)
  assert.equal(capped.body.expiresAt, at(2), 'no longer than one is eligible')
  app.clock.advance(3 * minuteMs)
  assert.deepEqual(type(await activate(someone, soon)), [409, '/problems/not-eligible-now'])
  assert.equal(await may(someone), false)
})

test('of two activations at once one is, and the other is told until when', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  const assignment = await eligible(owner, someone.userId)

  const replies = await Promise.all([1, 2, 3].map(() => activate(someone, assignment)))

  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 409, 409])
  const done = replies.find(({ status }) => status === 201)!.body
  for (const { body } of replies.filter(({ status }) => status === 409))
    assert.deepEqual([body.type, body.elevation, body.expiresAt], ['/problems/elevation-active', done.id, done.expiresAt])
  assert.equal((await owner.get(elevations)).body.items.length, 1)
  app.clock.advance(10 * minuteMs)
  assert.equal((await activate(someone, assignment)).status, 201, 'once it is over it can be activated anew')
})

test('an elevation ends at once by who holds it or who may end those of others, and by nobody else', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await app.as('security-officer')
  const auditor = await app.as('auditor')
  const [someone, other] = [await app.as('nobody'), await app.as('member')]
  const assignment = await eligible(owner, someone.userId)
  const start = async () => (await activate(someone, assignment)).body.id as string
  const first = await start()

  assert.equal((await other.delete(`${elevations}/${first}`)).status, 404)
  assert.equal((await auditor.delete(`${elevations}/${first}`)).status, 403)
  assert.equal(await may(someone), true)
  assert.equal((await someone.delete(`${elevations}/${first}`)).status, 204)
  assert.equal(await may(someone), false)
  const second = await start()
  assert.equal((await officer.delete(`${elevations}/${second}`)).status, 204)
  assert.equal(await may(someone), false)
  assert.equal((await officer.delete(`${elevations}/${second}`)).status, 404)
  assert.deepEqual(
    (await told(app)).filter(([, outcome]) => outcome === 'done'),
    ['activate', 'end', 'activate', 'end'].map((verb) => [`elevation.${verb}`, 'done']),
  )
})
