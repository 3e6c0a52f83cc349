// Elevations that others approve.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approve, approver, changeSets, putRule } from '../../test/approvals.ts'
import { testApp } from '../../test/app.ts'
import { elevations, type, minuteMs, reason, eligible, activate } from '../../test/elevations.ts'

test('where the assignment says so others approve each time: not oneself, and of the role it names', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await approver(app, 'officer')
  const someone = await app.as('operator', { name: 'someone' })
  const spec = { role: 'security-officer' }
  await eligible(owner, someone.userId, { approvals: 1, approverRole: 'security-officer' }, spec)
  const refused = await activate(someone, 'on-call')
  assert.deepEqual(type(refused), [403, '/problems/approval-needed'])
  assert.deepEqual([refused.body.action, refused.body.approvals], ['elevation.activate', 1])

  const request = { operationId: 'elevationActivate', body: { assignment: 'on-call', seconds: 600, reason } }
  const asked = await someone.post(changeSets, { ...request, reason })
  assert.equal(asked.status, 201, asked.text)
  const obligations = JSON.parse(asked.body.document).obligations
  assert.deepEqual([obligations[0].quorum, obligations[0].approverRole], [1, 'security-officer'])
  assert.deepEqual((await owner.get(elevations)).body.items, [])
  app.clock.advance(5 * minuteMs)
  const { body: approved, text } = await approve(officer, asked.body.id)
  assert.equal(approved.state, 'done', text)

  const { body } = await owner.get(elevations)
  const [{ principal, startsAt, expiresAt }] = body.items
  assert.deepEqual(
    [principal, Date.parse(expiresAt) - Date.parse(startsAt)],
    [someone.userId, 600_000],
    'counted from when it was approved',
  )
  assert.equal((await someone.get('/api/v1/audit')).status, 200)
  const second = await someone.post(changeSets, { ...request, reason })
  assert.deepEqual(type(second), [409, '/problems/elevation-active'])
})

test('an approval rule about activations holds although one activates what is one’s own', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const someone = await app.as('nobody')
  await eligible(owner, someone.userId)
  await putRule(owner, 'elevations', { actions: ['elevation.activate'] })

  assert.deepEqual(type(await activate(someone, 'on-call')), [403, '/problems/approval-needed'])
})
