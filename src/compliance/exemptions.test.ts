import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { approve, approver, ask, changeSets, signature, type Approver } from '../../test/approvals.ts'
import { systemContext } from '#platform/context.ts'
import { testApp, type Caller, type TestApp } from '../../test/app.ts'
import { assigned, putGuardrail, typeOf } from '../../test/compliance.ts'
import { observe } from './index.ts'
import { judged } from '../../test/compliance-state.ts'

const dayMs = 86_400_000
const denied = [403, '/problems/guardrail-denied']
const needed = [403, '/problems/approval-needed']

type Setting = {
  app: TestApp
  owner: Caller
  officer: Approver
  guardrail: string
  /** When it would be, so many milliseconds from now. */
  at: (ms: number) => string
}

/** A guardrail that every project meets or not, at the root; someone who agrees; and a project that does not meet it. */
const setting = async (t: TestContext): Promise<Setting> => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/projects', { name: 'old', spec: {} })
  const guardrail = await putGuardrail(owner, 'purpose')
  await assigned(owner, 'purpose', { guardrail })
  return {
    app,
    owner,
    officer: await approver(app, 'officer'),
    guardrail,
    at: (ms) => new Date(app.app.site.clock.now().getTime() + ms).toISOString(),
  }
}

const spec = (given: object) => ({
  assignment: 'guardrail-assignment:/purpose',
  category: 'waived',
  reason: 'It is replaced next month',
  ...given,
})
const put = (by: Caller, given: object, scope = '/') => by.put('/api/v1/exemptions', { name: 'old', scope, spec: spec(given) })
const asking = (by: Caller, given: object, scope = '/') =>
  ask(by, { operationId: 'exemptionApply', body: { name: 'old', scope, spec: spec(given) } })
const change = async (by: Caller) => by.put('/api/v1/projects', { name: 'old', spec: { title: `Once more ${Math.random()}` } })

test('nobody exempts alone: not an owner, not by approving it oneself; a second person makes it so, for what it names and nothing else', async (t) => {
  const { app, owner, officer, at } = await setting(t)
  const given = { resource: 'project:/old', expiresAt: at(dayMs) }
  assert.deepEqual(typeOf(await change(owner)), denied)

  assert.deepEqual(typeOf(await put(owner, given)), needed)
  assert.deepEqual(typeOf(await put(officer, given)), needed)
  const own = await asking(officer, given)
  const { status, body } = await officer.post(`${changeSets}/${own}/approve`, { signature: await signature(officer, own) })
  assert.deepEqual([status, body.type], [403, '/problems/self-approval'])
  assert.deepEqual(typeOf(await change(owner)), denied, 'asking exempts nothing')

  const id = await asking(owner, given)
  assert.equal((await approve(officer, id)).body.state, 'done')
  const changed = await change(owner)
  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual([changed.body.verdicts[0].state, changed.body.verdicts[0].exemptUntil], ['exempt', given.expiresAt])
  assert.deepEqual(typeOf(await owner.put('/api/v1/projects', { name: 'new', spec: {} })), denied)
  assert.ok((await app.audit()).some(({ action, outcome }) => action === 'exemption.apply' && outcome === 'done'))
})

test('an exemption that has ended a moment ago exempts no more; extending it is approved anew', async (t) => {
  const { app, owner, officer, at } = await setting(t)
  await owner.put('/api/v1/folders', { name: 'x', spec: {} })
  const expiresAt = at(600_000)
  await approve(officer, await asking(owner, { resource: 'project:/old', expiresAt }))
  assert.equal((await change(owner)).status, 200)

  const left = Date.parse(expiresAt) - app.app.site.clock.now().getTime()
  app.clock.advance(left - 60_000)
  assert.equal((await change(owner)).status, 200, 'not a moment too early')
  app.clock.advance(60_001)
  assert.deepEqual(typeOf(await change(owner)), denied)

  const longer = { resource: 'project:/old', expiresAt: at(dayMs) }
  assert.deepEqual(typeOf(await put(owner, longer)), needed)
  assert.deepEqual(typeOf(await change(owner)), denied)
  assert.equal((await approve(officer, await asking(owner, longer))).body.state, 'done')
  assert.equal((await change(owner)).status, 200)
})

test('an exemption without resource is of the place it lies in; taken away, it ends at once and by one person', async (t) => {
  const { owner, officer, at } = await setting(t)
  for (const name of ['a', 'b']) await owner.put('/api/v1/folders', { name, spec: {} })
  await approve(officer, await asking(owner, { expiresAt: at(dayMs) }, '/a'))

  const make = async (scope: string, name: string) => (await owner.put('/api/v1/projects', { name, scope, spec: {} })).status
  assert.deepEqual([await make('/a', 'p'), await make('/b', 'p')], [201, 403])
  assert.equal((await owner.delete('/api/v1/exemptions/old')).status, 204)
  assert.equal(await make('/a', 'q'), 403)
})

test('an exemption that is not what it must be is refused with what is wrong', async (t) => {
  const { owner, guardrail, at } = await setting(t)
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const expiresAt = at(dayMs)
  const fault = async (given: object, scope = '/'): Promise<string> => {
    const { status, body, text } = await owner.post(changeSets, {
      reason: 'x',
      operationId: 'exemptionApply',
      body: { name: 'old', scope, spec: spec({ expiresAt, ...given }) },
    })
    assert.equal(status, 400, text)
    return body.faults?.[0]?.at
  }

  assert.equal(await fault({ expiresAt: at(-1_000) }), '/spec/expiresAt')
  assert.equal(await fault({ expiresAt: at(367 * dayMs) }), '/spec/expiresAt')
  assert.equal(await fault({ category: 'mitigated' }), '/spec/compensatingControl')
  assert.equal(await fault({ assignment: 'guardrail-assignment:/none' }), '/spec/assignment')
  assert.equal(await fault({ resource: 'project:/none' }), '/spec/resource')
  assert.equal(
    await fault({ resource: 'project:/old' }, '/a'),
    '/spec/resource',
    'who exempts in a folder decides over nothing else',
  )
  assert.equal(await fault({ guardrails: ['builtin/owner-named'] }), '/spec/guardrails/0')
  for (const given of [{ reason: '' }, { expiresAt: 'tomorrow' }, { category: 'forever' }, { until: 'x' }])
    assert.equal((await put(owner, { expiresAt, ...given })).status, 400, JSON.stringify(given))
  const fine = await asking(owner, {
    expiresAt,
    category: 'mitigated',
    compensatingControl: 'A label on the rack',
    guardrails: [guardrail],
    resource: 'project:/old',
  })
  assert.match(fine, /^change_/)
})

test('who decides in a place alone exempts nothing from what was decided above it', async (t) => {
  const { app, owner, at } = await setting(t)
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const local = await app.as('security-officer', { scope: '/a', name: 'local' })

  const refused = await local.post(changeSets, {
    reason: 'x',
    operationId: 'exemptionApply',
    body: { name: 'mine', scope: '/a', spec: spec({ expiresAt: at(dayMs) }) },
  })

  assert.deepEqual(typeOf(refused), [403, '/problems/forbidden'])
})

test('with an assignment go the exemptions from it', async (t) => {
  const { owner, officer, guardrail, at } = await setting(t)
  await approve(officer, await asking(owner, { resource: 'project:/old', expiresAt: at(dayMs) }))
  assert.equal((await owner.get('/api/v1/exemptions')).body.items.length, 1)

  assert.equal((await owner.delete('/api/v1/guardrail-assignments/purpose')).status, 204)

  assert.deepEqual((await owner.get('/api/v1/exemptions')).body.items, [])
  await assigned(owner, 'purpose', { guardrail })
  assert.deepEqual(typeOf(await change(owner)), denied, 'the same name is not the same assignment')
})

test('what is only observed is exempt by its id, at the root, and shows as exempt until the day', async (t) => {
  const { app, owner, officer, at } = await setting(t)
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const seen = { id: 'backup_1', name: 'monday', facts: { encrypted: false } }
  observe(app.app.site, 'backup', { readAction: 'site.read', documents: async () => [seen] })
  await assigned(owner, 'encrypted', { guardrail: 'builtin/backup-encrypted' })
  const site = systemContext(app.app.site, 'test')
  await judged(site)
  const state = async () =>
    (await owner.get('/api/v1/compliance/verdicts?resource=backup_1')).body.items.map((verdict: any) => verdict.state)
  assert.deepEqual(await state(), ['non-compliant'])
  const given = { assignment: 'guardrail-assignment:/encrypted', resource: 'backup_1', expiresAt: at(dayMs) }

  const below = { operationId: 'exemptionApply', body: { name: 'x', scope: '/a', spec: spec(given) }, reason: 'x' }
  assert.equal((await owner.post(changeSets, below)).body.faults[0].at, '/spec/resource')
  assert.equal((await approve(officer, await asking(owner, given))).body.state, 'done')
  await judged(site)

  assert.deepEqual(await state(), ['exempt'])
})
