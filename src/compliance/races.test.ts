import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approver, ask, changeSets, signature } from '../../test/approvals.ts'
import { testApp, type Reply } from '../../test/app.ts'
import { assign, assigned, putGuardrail } from '../../test/compliance.ts'

const rounds = 12
const done = ({ status }: Reply): boolean => status < 300

test('a guardrail is not removed while someone puts it to work: one of the two is refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')

  for (let i = 0; i < rounds; i++) {
    const guardrail = await putGuardrail(owner, `g-${i}`)
    const both = await Promise.all([
      assign(owner, `a-${i}`, { guardrail, enforced: false }),
      owner.delete(`/api/v1/guardrails/${guardrail}`),
    ])
    assert.equal(both.filter(done).length, 1, both.map(({ text }) => text).join('\n'))
    assert.ok(both.every(({ status }) => status < 500))
  }
})

test('an exemption is not left behind by an assignment that goes at the same moment', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await approver(app, 'officer')
  const guardrail = await putGuardrail(owner, 'g')
  const expiresAt = new Date(app.app.site.clock.now().getTime() + 86_400_000).toISOString()

  for (let i = 0; i < rounds; i++) {
    const assignment = await assigned(owner, 'a', { guardrail, enforced: false })
    const spec = { assignment, category: 'waived', reason: 'Needed', expiresAt }
    const id = await ask(owner, { operationId: 'exemptionApply', body: { name: 'e', spec } })
    const signed = await signature(officer, id)
    const both = await Promise.all([
      officer.post(`${changeSets}/${id}/approve`, { signature: signed }),
      owner.delete(`/api/v1/guardrail-assignments/${assignment}`),
    ])
    assert.deepEqual(
      both.map(({ status }) => status < 500),
      [true, true],
      both.map(({ text }) => text).join('\n'),
    )
    assert.deepEqual((await owner.get('/api/v1/exemptions')).body.items, [])
    assert.deepEqual((await owner.get('/api/v1/guardrail-assignments')).body.items, [])
  }
})
