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
