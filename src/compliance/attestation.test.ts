import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { definition, governed, type Governed } from '../../test/compliance-state.ts'

const hourMs = 3_600_000

const manual = async (t: TestContext): Promise<Governed & { id: string; inHours(hours: number): string }> => {
  const site = await governed(t)
  await site.define(definition({ effect: 'manual' }))
  await site.assign({})
  const id = await site.project('room')
  await site.judge()
  return { ...site, id, inHours: (hours) => new Date(site.ctx.now().getTime() + hours * hourMs).toISOString() }
}
const statement = 'I walked through it and counted the badges.'

test('what a person attests is compliant by their word, recorded, and unknown again when that ends', async (t) => {
  const { owner, id, inHours, states, app } = await manual(t)
  assert.deepEqual(await states(), { room: 'unknown' })

  const body = { assignment: 'assigned_1', resource: id, statement, expiresAt: inHours(1) }
  const { status, text } = await owner.post('/api/v1/compliance/attestations', body)

  assert.equal(status, 201, text)
  const [verdict] = (await owner.get('/api/v1/compliance/verdicts')).body.items
  assert.deepEqual(
    [verdict.state, verdict.attestation.actor, verdict.attestation.statement],
    ['compliant', owner.userId, statement],
  )
  const entry = (await app.audit()).find(({ action }) => action === 'compliance.attest')
  assert.deepEqual([entry?.actor, entry?.facts.resource], [owner.userId, id])
  assert.equal(JSON.stringify(entry).includes('badges'), false)
  const [transition] = (await owner.get(`/api/v1/compliance/transitions?resource=${id}`)).body.items
  assert.deepEqual([transition.became, transition.cause, transition.actor], ['compliant', 'attestation', owner.userId])

  app.clock.advance(hourMs + 1)
  assert.deepEqual(await states(), { room: 'unknown' })
})

test('a place can be attested as a whole, and what is beside it is not', async (t) => {
  const site = await manual(t)
  await site.folder('cellar')
  await site.project('rack', {}, '/cellar')
  await site.judge()

  const body = { assignment: 'assigned_1', scope: '/cellar', statement, expiresAt: site.inHours(1) }
  assert.equal((await site.owner.post('/api/v1/compliance/attestations', body)).status, 201)
  await site.judge()

  assert.deepEqual(await site.states(), { room: 'unknown', rack: 'compliant' })
})

test('nobody attests what is judged, nor for ever, nor what has passed, nor nothing at all', async (t) => {
  const site = await manual(t)
  const post = async (body: object) => {
    const reply = await site.owner.post('/api/v1/compliance/attestations', { assignment: 'assigned_1', statement, ...body })
    return [reply.status, reply.body.type]
  }
  const invalid = [400, '/problems/invalid-request']

  assert.deepEqual(await post({ resource: site.id, expiresAt: site.inHours(367 * 24) }), invalid)
  assert.deepEqual(await post({ resource: site.id, expiresAt: site.inHours(-1) }), invalid)
  assert.deepEqual(await post({ expiresAt: site.inHours(1) }), invalid)
  assert.deepEqual(await post({ resource: 'project_gone', expiresAt: site.inHours(1) }), [404, '/problems/not-found'])
  await site.define(definition())
  assert.deepEqual(await post({ resource: site.id, expiresAt: site.inHours(1) }), [409, '/problems/attestation-not-manual'])
})

test('who may not attest there does not', async (t) => {
  const site = await manual(t)
  const auditor = await site.app.as('auditor')

  const refused = await auditor.post('/api/v1/compliance/attestations', {
    assignment: 'assigned_1',
    resource: site.id,
    statement,
    expiresAt: site.inHours(1),
  })

  assert.equal(refused.status, 403, refused.text)
  assert.deepEqual(await site.states(), { room: 'unknown' })
})

test('what was attested is listed with who, when, why and until when, and whether it still counts', async (t) => {
  const site = await manual(t)
  await site.folder('cellar')
  const rack = await site.project('rack', {}, '/cellar')
  const attest = (body: object) =>
    site.owner.post('/api/v1/compliance/attestations', { assignment: 'assigned_1', statement, ...body })
  const anHour = site.inHours(1)
  await attest({ resource: site.id, expiresAt: anHour })
  await attest({ scope: '/cellar', expiresAt: site.inHours(3) })
  const list = async (query = '') =>
    (await site.owner.get(`/api/v1/compliance/attestations?limit=50${query}`)).body.items as any[]

  const [place, thing] = await list()
  assert.deepEqual([place.scope, place.resource, place.state], ['/cellar', undefined, 'valid'])
  assert.deepEqual(thing.resource, { id: site.id, kind: 'project', name: 'room', gone: false })
  assert.deepEqual(
    [thing.actor, thing.statement, thing.expiresAt, thing.title],
    [site.owner.userId, statement, anHour, 'A project says what it is for'],
  )
  const ids = async (query: string) => (await list(query)).map(({ id }) => id)
  assert.deepEqual(await ids(`&resource=${rack}`), [place.id], 'what is said of a place reaches what lies in it')
  assert.deepEqual(await ids(`&resource=${site.id}`), [thing.id])
  assert.deepEqual(await ids('&scope=/cellar'), [place.id])
  assert.deepEqual(await ids('&guardrail=builtin/none'), [])

  const first = (await site.owner.get('/api/v1/compliance/attestations?limit=1')).body
  const second = (await site.owner.get(`/api/v1/compliance/attestations?limit=1&after=${first.next}`)).body
  assert.deepEqual([first.items[0].id, second.items[0].id, second.next], [place.id, thing.id, undefined])

  site.app.clock.advance(2 * hourMs)
  assert.deepEqual(await ids('&state=ended'), [thing.id])
  await site.unassign()
  assert.deepEqual(await ids('&state=moot'), [place.id])
})

test('what was attested can be taken back: it counts for nothing at once, and who did it and why stays', async (t) => {
  const site = await manual(t)
  const body = { assignment: 'assigned_1', resource: site.id, statement, expiresAt: site.inHours(1) }
  const { id } = (await site.owner.post('/api/v1/compliance/attestations', body)).body
  assert.deepEqual(await site.states(), { room: 'compliant' })
  const officer = await site.app.as('security-officer')
  const reason = 'The badges were from last year.'

  const reply = await officer.post(`/api/v1/compliance/attestations/${id}/withdraw`, { reason })

  assert.equal(reply.status, 200, reply.text)
  assert.deepEqual(
    [reply.body.state, reply.body.withdrawn.actor, reply.body.withdrawn.reason],
    ['withdrawn', officer.userId, reason],
  )
  assert.deepEqual(await site.states(), { room: 'unknown' })
  const [transition] = (await site.owner.get(`/api/v1/compliance/transitions?resource=${site.id}`)).body.items
  assert.deepEqual(
    [transition.was, transition.became, transition.cause, transition.actor],
    ['compliant', 'unknown', 'attestation', officer.userId],
  )
  const entry = (await site.app.audit()).find(({ action }) => action === 'compliance.withdraw')
  assert.deepEqual([entry?.actor, entry?.facts.resource, entry?.facts.attestedBy], [officer.userId, site.id, site.owner.userId])
  assert.equal(JSON.stringify(entry).includes('badges'), false, 'the words are sealed')
  const again = await site.owner.post(`/api/v1/compliance/attestations/${id}/withdraw`, { reason })
  assert.deepEqual([again.status, again.body.type], [409, '/problems/attestation-over'])
})

test('what is taken back of a whole place is not green for a moment, and another word for it still counts', async (t) => {
  const site = await manual(t)
  const attest = async (body: object) =>
    (
      await site.owner.post('/api/v1/compliance/attestations', {
        assignment: 'assigned_1',
        statement,
        expiresAt: site.inHours(1),
        ...body,
      })
    ).body.id as string
  await site.project('hall')
  await attest({ resource: site.id })
  const whole = await attest({ scope: '/' })
  await site.judge()
  assert.deepEqual(await site.states(), { room: 'compliant', hall: 'compliant' })

  await site.owner.post(`/api/v1/compliance/attestations/${whole}/withdraw`, { reason: 'Nobody looked.' })

  assert.deepEqual(await site.states(), { room: 'stale', hall: 'stale' })
  await site.judge()
  assert.deepEqual(await site.states(), { room: 'compliant', hall: 'unknown' })
})

test('two who take it back at once do so once', async (t) => {
  const site = await manual(t)
  const body = { assignment: 'assigned_1', resource: site.id, statement, expiresAt: site.inHours(1) }
  const { id } = (await site.owner.post('/api/v1/compliance/attestations', body)).body
  const take = () => site.owner.post(`/api/v1/compliance/attestations/${id}/withdraw`, { reason: 'No.' })

  const replies = await Promise.all([take(), take()])

  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409])
  assert.equal((await site.app.audit()).filter(({ action }) => action === 'compliance.withdraw').length, 1)
})

test('who may not attest there takes nothing back, and who may not look there finds nothing', async (t) => {
  const site = await manual(t)
  const body = { assignment: 'assigned_1', resource: site.id, statement, expiresAt: site.inHours(1) }
  const { id } = (await site.owner.post('/api/v1/compliance/attestations', body)).body
  const [auditor, member] = [await site.app.as('auditor'), await site.app.as('member')]
  const take = async (caller: typeof auditor) =>
    (await caller.post(`/api/v1/compliance/attestations/${id}/withdraw`, { reason: 'No.' })).status

  assert.deepEqual([await take(auditor), await take(member)], [403, 404])
  assert.equal((await auditor.get('/api/v1/compliance/attestations')).body.items.length, 1)
  assert.deepEqual((await member.get('/api/v1/compliance/attestations')).body.items, [])
  assert.deepEqual(await site.states(), { room: 'compliant' })
})

test('what was attested of a thing that is gone is told to whoever may read its history, and cannot be taken back', async (t) => {
  const site = await manual(t)
  const body = { assignment: 'assigned_1', resource: site.id, statement, expiresAt: site.inHours(1) }
  const { id } = (await site.owner.post('/api/v1/compliance/attestations', body)).body
  await site.owner.delete(`/api/v1/projects/${site.id}`)
  await site.judge()

  const [gone] = (await site.owner.get('/api/v1/compliance/attestations')).body.items

  assert.deepEqual([gone.state, gone.resource.name, gone.resource.gone], ['moot', 'room', true])
  const refused = await site.owner.post(`/api/v1/compliance/attestations/${id}/withdraw`, { reason: 'No.' })
  assert.deepEqual([refused.status, refused.body.type], [409, '/problems/attestation-over'])
  assert.deepEqual((await (await site.app.as('member')).get('/api/v1/compliance/attestations')).body.items, [])
})
