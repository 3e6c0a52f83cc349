// From the command line: what people vouch for and take back, and how compliance came to be what it is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atomically } from '#platform/context.ts'
import { keepPoint } from '../src/compliance/history.ts'
import { governed, definition } from './compliance-state.ts'
import { shell } from './shell.ts'

test('what a person vouches for is said, listed, narrowed and taken back', async (t) => {
  const site = await governed(t)
  await site.define(definition({ effect: 'manual' }))
  await site.assign({})
  await site.folder('lab')
  const id = await site.project('room', {}, '/lab')
  await site.judge()
  const { run, login } = shell(t, await site.app.listen())
  await login()
  const said = ['--resource', id, '--statement', 'I counted\nthe badges.']
  assert.match((await run(['compliance', 'attestations'])).out, /Nobody vouched.*--state unknown/)

  assert.equal((await run(['compliance', 'attest', 'assigned_1', ...said, '--for', 'ever'])).code, 2)
  const attested = JSON.parse((await run(['compliance', 'attest', 'assigned_1', ...said, '--for', '90d', '--json'])).out)
  const listed = await run(['compliance', 'attestations', '--scope', '/lab'])

  assert.match(
    listed.out,
    new RegExp(`${attested.id} +valid +project/room +guardrail_0+ +${site.owner.userId} .* in 90 days +I counted the badges\\.`),
  )
  assert.match((await run(['compliance', 'attestations', '--state', 'withdrawn'])).out, /Nobody vouched/)
  assert.equal((await run(['compliance', 'attestations', 'withdraw', attested.id])).code, 2, 'not without a reason')
  const taken = await run(['compliance', 'attestations', 'withdraw', attested.id, '--reason', 'They were old.'])
  assert.match(taken.out, /Withdrawn.*is unknown again/)
  assert.deepEqual(await site.states(), { room: 'unknown' })
  const { items } = JSON.parse((await run(['compliance', 'attestations', '--resource', id, '--json'])).out)
  assert.deepEqual([items[0].state, items[0].withdrawn.reason], ['withdrawn', 'They were old.'])
  const again = await run(['compliance', 'attestations', 'withdraw', attested.id, '--reason', 'Again.'])
  assert.deepEqual([again.code, /withdrawn at .* already/.test(again.err)], [1, true])
})

test('counts over time and what became what are told, page by page, also of what is gone', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.folder('lab')
  const id = await site.project('one', {}, '/lab')
  await site.judge()
  await site.project('one', { purpose: 'payroll' }, '/lab')
  await site.judge()
  await site.project('one', {}, '/lab')
  await site.judge()
  await atomically(site.ctx, keepPoint)
  const { run, login } = shell(t, await site.app.listen())
  await login()
  const out = async (...args: string[]) => (await run(['compliance', ...args])).out

  assert.match(await out('history'), /AT +COMPLIANT[^]*Z +\d/)
  const { items } = (await site.owner.get('/api/v1/compliance/history?scope=/lab')).body
  assert.deepEqual(JSON.parse(await out('history', '--scope', '/lab', '--json')), { items }, 'exactly what the site says')
  assert.match(await out('history', '--since', '2999-01-01'), /Nothing was counted/)
  assert.equal((await run(['compliance', 'history', '--since', 'yesterday'])).code, 2)

  await site.owner.delete(`/api/v1/projects/${id}`)
  const [newest, older] = (await out('transitions')).split('\n').slice(1)
  assert.match(newest!, /project\/one \(gone\) +\/lab +guardrail_0+ +compliant +non-compliant +change of user_/)
  assert.match(older!, /non-compliant +compliant +change of/)
  const first = JSON.parse(await out('transitions', '-n', '1', '--json'))
  assert.match(await out('transitions', '-n', '1'), new RegExp(`--after ${first.next}`))
  const second = JSON.parse(await out('transitions', '--after', String(first.next), '--resource', id, '--json'))
  assert.deepEqual([first.items.length, second.items.length, second.items[0].became], [1, 1, 'compliant'])
  assert.match(await out('transitions', '--initiative', 'builtin/none'), /Nothing became different/)
})
