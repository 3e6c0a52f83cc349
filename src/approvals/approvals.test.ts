import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approve, approver, ask, changeSets, putRule } from '../../test/approvals.ts'
import { testApp } from '../../test/app.ts'

const project = (name: string) => ({ operationId: 'projectApply', body: { scope: '/', name, spec: { title: name } } })

test('what a rule covers is not done alone: it is asked for, shown, signed by another, and then done', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const officer = await approver(app, 'officer')
  assert.equal((await putRule(owner, 'projects', { actions: ['project.apply'] })).status, 201)

  const alone = await owner.put('/api/v1/projects', project('apollo').body)
  assert.deepEqual([alone.status, alone.body.type], [403, '/problems/approval-needed'])
  const id = await ask(owner, project('apollo'))
  assert.equal((await owner.get('/api/v1/projects/apollo')).status, 404)
  const { body: waiting } = await officer.get(`${changeSets}?mine=approvable`)
  assert.deepEqual(
    waiting.items.map((item: { id: string }) => item.id),
    [id],
  )

  const { status, body, text } = await approve(officer, id)
  assert.deepEqual([status, body.state], [200, 'done'], text)
  const { body: made } = await owner.get('/api/v1/projects/apollo')
  assert.equal(made.owner, owner.userId)
})
