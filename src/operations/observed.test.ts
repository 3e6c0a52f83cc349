import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemContext } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { withPasskey } from '../../test/approvals.ts'
import { assigned } from '../../test/compliance.ts'
import { judged } from '../../test/compliance-state.ts'

test('who is privileged, by themselves or through a group, is asked for a passkey; and the site for more than one owner', async (t) => {
  const app = await testApp(t)
  const owner = await withPasskey(await app.as('owner'))
  const [member, grouped] = [await app.as('member'), await app.as('nobody', { name: 'grouped' })]
  const { body: group } = await owner.post('/api/v1/groups', { name: 'owners' })
  assert.ok((await owner.put(`/api/v1/groups/${group.id}/members/${grouped.userId}`)).status < 300)
  for (const name of ['privileged-passkey', 'owners-enough']) await assigned(owner, name, { guardrail: `builtin/${name}` })
  const states = async (): Promise<Record<string, string>> => {
    app.clock.advance(600_000) // past the time after which everything is looked at again
    await judged(systemContext(app.app.site, 'test'))
    const { body } = await owner.get('/api/v1/compliance/verdicts?limit=200')
    return Object.fromEntries(body.items.map(({ resource, state }: any) => [resource.id, state]))
  }
  const site = app.app.site.id
  const before = await states()
  assert.deepEqual([before[owner.userId], before[grouped.userId], before[site]], ['compliant', undefined, 'non-compliant'])

  const given = { name: 'owners', spec: { principal: group.id, role: 'owner' } }
  assert.equal((await owner.put('/api/v1/role-assignments', given)).status, 201)

  const after = await states()
  assert.deepEqual([after[grouped.userId], after[member.userId], after[site]], ['non-compliant', undefined, 'compliant'])
})
