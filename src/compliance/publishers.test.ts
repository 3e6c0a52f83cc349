import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { setType, signSet } from '#guardrails'
import { approve, approver, ask } from '../../test/approvals.ts'
import { testApp, type Caller } from '../../test/app.ts'
import { assign, assigned, definition, typeOf } from '../../test/compliance.ts'

const rawKey = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')

const publisher = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const set = (sequence: number, given: object = {}) => ({
    type: setType,
    v: 1,
    publisher: 'ministry',
    sequence,
    version: `1.0.${sequence}`,
    issuedAt: '2026-01-01T00:00:00Z',
    guardrails: { purpose: definition({ require: { field: 'name', exists: true } }) },
    initiatives: {},
    ...given,
  })
  const signed = (given: ReturnType<typeof set>) => signSet(given as any, (bytes) => sign(null, bytes, privateKey)) // wrong ones too
  return { publicKey: rawKey(publicKey), set: (sequence: number, given: object = {}) => signed(set(sequence, given)) }
}

const trust = (by: Caller, publicKey: string, name = 'ministry', scope = '/') =>
  by.put('/api/v1/publishers', { name, scope, spec: { publicKey } })
const take = (by: Caller, set: unknown, query = '') => by.post(`/api/v1/guardrail-sets${query}`, set)

test('a set from a publisher that is trusted is taken, recorded, listed and assigned', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { publicKey, set } = publisher()
  assert.equal((await trust(owner, publicKey)).status, 201)

  const taken = await take(owner, set(3))

  assert.equal(taken.status, 200, taken.text)
  assert.deepEqual(taken.body, {
    publisher: 'ministry',
    sequence: 3,
    version: '1.0.3',
    guardrails: ['ministry/purpose'],
    initiatives: [],
  })
  const listed = (await owner.get('/api/v1/guardrail-library')).body.guardrails.find(({ source }: any) => source === 'ministry')
  assert.equal(listed.ref, 'ministry/purpose')
  await assigned(owner, 'purpose', { guardrail: 'ministry/purpose' })
  assert.equal((await owner.get('/api/v1/publishers/ministry')).body.status.sequence, 3)
  const entry = (await app.audit()).find(({ action, facts }) => action === 'guardrail.apply' && facts.publisher === 'ministry')
  assert.deepEqual([entry?.facts.sequence, entry?.facts.guardrails], [3, 1])
})

test('a set with a wrong signature, an older sequence, a wrong form or an unknown publisher is refused, and nothing of it is kept', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { publicKey, set } = publisher()
  const other = publisher()
  assert.deepEqual(typeOf(await take(owner, set(1))), [403, '/problems/publisher-unknown'])
  await trust(owner, publicKey)
  assert.equal((await take(owner, set(5))).status, 200)

  assert.deepEqual(typeOf(await take(owner, other.set(6))), [403, '/problems/guardrail-set-unsigned'])
  assert.deepEqual(typeOf(await take(owner, { ...set(6), version: '9.9.9' })), [403, '/problems/guardrail-set-unsigned'])
  for (const sequence of [5, 4])
    assert.deepEqual(typeOf(await take(owner, set(sequence))), [409, '/problems/guardrail-set-outdated'])
  assert.deepEqual(typeOf(await take(owner, set(6, { surprise: true }))), [400, '/problems/guardrail-set-malformed'])
  assert.deepEqual(typeOf(await take(owner, { hello: 1 })), [400, '/problems/guardrail-set-malformed'])
  assert.deepEqual(typeOf(await take(owner, set(6, { v: 2 }))), [400, '/problems/guardrail-set-newer'])
  const broken = { guardrails: { purpose: definition({ require: { field: 'name', resembles: 'x' } }) } }
  assert.deepEqual(typeOf(await take(owner, set(6, broken))), [400, '/problems/guardrail-malformed'])
  assert.equal((await owner.get('/api/v1/publishers/ministry')).body.status.sequence, 5)

  const operator = await app.as('operator')
  assert.deepEqual(typeOf(await take(operator, set(6))), [403, '/problems/forbidden'])
})

test('a set that would lock everyone out is refused until two owners force it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const second = await approver(app, 'second', 'owner')
  const { publicKey, set } = publisher()
  await trust(owner, publicKey)
  for (const name of ['a', 'b', 'c']) await owner.put('/api/v1/projects', { name, spec: {} })
  await take(owner, set(1))
  await assigned(owner, 'purpose', { guardrail: 'ministry/purpose' })
  const stricter = set(2, { guardrails: { purpose: definition() } })

  assert.deepEqual(typeOf(await take(owner, stricter)), [409, '/problems/lock-out'])
  assert.deepEqual(typeOf(await take(owner, stricter, '?force=true')), [403, '/problems/approval-needed'])
  const id = await ask(owner, { operationId: 'guardrailSetImport', query: { force: 'true' }, body: stricter })
  const { body } = await approve(second, id)

  assert.equal(body.state, 'done', JSON.stringify(body.endedBecause))
  assert.equal((await owner.put('/api/v1/projects', { name: 'd', spec: {} })).status, 403)
})

test('a publisher has a key of the right form and a name of its own, at the root; it stays while what it gave is assigned', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const { publicKey, set } = publisher()
  for (const wrong of ['', 'AAAA', publicKey.slice(1), `${publicKey}=`])
    assert.equal((await trust(owner, wrong)).status, 400, wrong)
  assert.equal((await trust(owner, publicKey, 'builtin')).status, 400)
  assert.equal((await trust(owner, publicKey, 'ministry', '/a')).status, 400)
  await trust(owner, publicKey)
  await take(owner, set(1))
  assert.equal((await assign(owner, 'purpose', { guardrail: 'ministry/purpose' })).status, 201)

  assert.deepEqual(typeOf(await owner.delete('/api/v1/publishers/ministry')), [409, '/problems/guardrail-in-use'])
  await owner.delete('/api/v1/guardrail-assignments/purpose')
  assert.equal((await owner.delete('/api/v1/publishers/ministry')).status, 204)
  const { body } = await owner.get('/api/v1/guardrail-library')
  assert.ok(!body.guardrails.some(({ source }: any) => source === 'ministry'))
})
