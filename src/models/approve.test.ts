import assert from 'node:assert/strict'
import { test } from 'node:test'
import { putGuardrailAssignment } from '#guardrails'
import { rootScope } from '#policy'
import { atomically, systemContext } from '#platform/context.ts'
import { smallModel } from '../../test/gguf.ts'
import { testApp, type Caller, type TestApp } from '../../test/app.ts'

const bring = async (by: Caller, name = 'm', numbers = 1024): Promise<{ id: string; digest: string }> => {
  const uploaded = await by.post('/api/v1/uploads', smallModel(numbers), { 'content-type': 'application/octet-stream' })
  const { digest } = uploaded.body
  const made = await by.put('/api/v1/models', { name, spec: { digest, licence: 'Apache-2.0' } })
  assert.ok(made.status < 300, made.text)
  return { id: made.body.resource.id, digest }
}
const approve = (by: Caller, id: string, digest: string, reason = 'Looked at') =>
  by.put(`/api/v1/models/${id}/approval`, { digest, reason })
const approvalOf = async (by: Caller, id: string) => (await by.get(`/api/v1/models/${id}`)).body.status.approval

const assign = (app: TestApp, guardrail: string, effect: 'audit' | 'deny') =>
  atomically(systemContext(app.app.site, 'test'), async (tx) =>
    putGuardrailAssignment(tx, {
      id: `assignment_${guardrail.replaceAll('-', '')}`,
      scopeId: (await rootScope(tx))!.id,
      assignment: { guardrail: `builtin/${guardrail}`, effect },
    }),
  )

test('a model is approved by someone other than who brought it, for exactly these weights, and that is on record', async (t) => {
  const app = await testApp(t)
  const [owner, officer, engineer] = [await app.as('owner'), await app.as('security-officer'), await app.as('ai-engineer')]
  const { id, digest } = await bring(engineer)

  assert.equal((await approve(engineer, id, digest)).status, 403)
  assert.equal((await approve(officer, id, `sha256:${'0'.repeat(64)}`)).body.type, '/problems/stale')
  const done = await approve(officer, id, digest)
  assert.equal(done.status, 200, done.text)
  assert.deepEqual([(await approvalOf(owner, id)).by, (await approvalOf(owner, id)).digest], [officer.userId, digest])

  const mine = await bring(owner, 'mine')
  assert.equal((await approve(owner, mine.id, mine.digest)).body.type, '/problems/own-model')
  const records = (await app.audit()).filter(({ action, outcome }) => action === 'model.approve' && outcome === 'done')
  assert.deepEqual(
    records.map(({ actor, resource, facts }) => [actor, resource.id, facts.digest, facts.change]),
    [[officer.userId, id, digest, 'approved']],
  )
})

test('other weights are approved anew, and not by who gave them; a description changes nothing', async (t) => {
  const app = await testApp(t)
  const [owner, officer, engineer] = [await app.as('owner'), await app.as('security-officer'), await app.as('ai-engineer')]
  const { id, digest } = await bring(engineer)
  await approve(officer, id, digest)
  await engineer.put('/api/v1/models', { name: 'm', spec: { digest, description: 'Small' } })
  assert.equal((await approvalOf(officer, id)).by, officer.userId)

  const next = await bring(owner, 'm', 2048)

  assert.notEqual(next.digest, digest)
  assert.equal(await approvalOf(officer, id), undefined)
  assert.equal((await approve(owner, id, next.digest)).body.type, '/problems/own-model')
  assert.equal((await approve(officer, id, next.digest)).status, 200)
  const withdrawn = await officer.delete(`/api/v1/models/${id}/approval`)
  assert.equal(withdrawn.status, 200, withdrawn.text)
  assert.equal(await approvalOf(officer, id), undefined)
})

test('an approval cannot be given with a document, nor kept by one', async (t) => {
  const app = await testApp(t)
  const [engineer, officer] = [await app.as('ai-engineer'), await app.as('security-officer')]
  const { id, digest } = await bring(engineer)
  const forged = await engineer.put('/api/v1/models', { name: 'm', status: { approval: {} }, spec: { digest } })
  assert.equal(forged.status, 400)
  assert.equal((await engineer.put('/api/v1/models', { name: 'm', spec: { digest, approved: true } })).status, 400)
  await approve(officer, id, digest)
  await engineer.delete(`/api/v1/models/${id}`)
  const again = await bring(engineer)
  assert.equal(await approvalOf(officer, again.id), undefined)
})

test('a guardrail lets only approved models answer, from the moment of their approval', async (t) => {
  const app = await testApp(t)
  const [officer, engineer] = [await app.as('security-officer'), await app.as('ai-engineer')]
  const { id, digest } = await bring(engineer)
  await assign(app, 'deployment-model-approved', 'deny')
  const deploy = () => engineer.put('/api/v1/deployments', { name: 'd', spec: { model: 'm' } })

  const before = await deploy()
  assert.deepEqual([before.status, before.body.type, before.body.state], [403, '/problems/guardrail-denied', 'non-compliant'])
  await approve(officer, id, digest)
  const after = await deploy()
  assert.equal(after.status, 201, after.text)
})

test('what guardrails ask of models and deployments is known while they are made, and not only later', async (t) => {
  const app = await testApp(t)
  const engineer = await app.as('ai-engineer')
  for (const guardrail of [
    'model-licence-allowed',
    'model-format-allowed',
    'model-size-limited',
    'deployment-licence-allowed',
    'deployment-format-allowed',
    'deployment-quantisation-allowed',
  ])
    await assign(app, guardrail, 'deny')

  const { id } = await bring(engineer)
  const deployed = await engineer.put('/api/v1/deployments', { name: 'd', spec: { model: 'm' } })

  const states = deployed.body.verdicts?.map(
    ({ guardrail, state }: { guardrail: string; state: string }) => `${guardrail} ${state}`,
  )
  assert.equal(deployed.status, 201, deployed.text)
  assert.ok(
    states.every((state: string) => state.endsWith(' compliant')),
    states.join(', '),
  )
  assert.equal(states.length, 3)
  const bad = await engineer.put('/api/v1/models', {
    name: 'n',
    spec: { digest: (await engineer.get(`/api/v1/models/${id}`)).body.spec.digest, licence: 'own terms' },
  })
  assert.deepEqual([bad.status, bad.body.state], [403, 'non-compliant'])
})
