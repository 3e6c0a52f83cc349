import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createOrganisation } from '#policy'
import { parseConfig } from '#platform/config.ts'
import { atomically, systemContext, type Context } from '#platform/context.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { createApp } from '../app.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import {
  importSet,
  judge,
  putGuardrailAssignment,
  putPublisher,
  removePublisher,
  setBytesMax,
  signSet,
  type Definition,
  type GuardrailDocument,
  type UnsignedSet,
} from './index.ts'
import { openSet, verifySet } from './set.ts'

const keys = generateKeyPairSync('ed25519')
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
const signed = (set: object, key = keys.privateKey): string =>
  JSON.stringify(signSet(set as UnsignedSet, (bytes) => sign(null, bytes, key)))

const tagged: Definition = {
  title: 'Tagged',
  description: '',
  category: 'test',
  version: '1.0.0',
  kinds: ['deployment'],
  require: { field: 'labels.team', exists: true },
  effects: ['deny', 'audit'],
  effect: 'audit',
  message: '{name} has no team.',
}
const set = (given: object = {}): UnsignedSet => ({
  type: 'holdfast-guardrail-set',
  v: 1,
  publisher: 'ministry',
  sequence: 5,
  version: '2.1.0',
  issuedAt: '2027-01-10T09:00:00Z',
  guardrails: { tagged },
  initiatives: {
    all: {
      title: 'All',
      description: '',
      category: 'test',
      version: '1.0.0',
      guardrails: [{ guardrail: 'ministry/tagged' }, { guardrail: 'builtin/engine-local' }],
    },
  },
  ...given,
})
const publisher = { name: 'ministry', publicKey, sequence: 4 }
const verified = (text: string, by = [publisher]) => verifySet(openSet(text).set, by[0])
const code = (expected: string) => (problem: any) => {
  assert.equal(problem.code, expected, problem.stack)
  return true
}

test('a set that its publisher signed is taken as it was signed, whatever the order of its members', () => {
  assert.deepEqual(verified(signed(set())).guardrails, { tagged })
  const turned = Object.fromEntries(Object.entries(JSON.parse(signed(set()))).toReversed())
  assert.equal(verified(JSON.stringify(turned, undefined, 2)).sequence, 5)
})

const { privateKey: stranger } = generateKeyPairSync('ed25519')
const changed = (text: string, change: (set: any) => void): string => {
  const parsed = JSON.parse(text)
  change(parsed)
  return JSON.stringify(parsed)
}
const refusals: [string, string, () => unknown][] = [
  ['signed by someone else', 'guardrail-set-unsigned', () => verified(signed(set(), stranger))],
  ['that nobody signed', 'guardrail-set-unsigned', () => verified(JSON.stringify(set()))],
  [
    'that was changed after it was signed',
    'guardrail-set-unsigned',
    () => verified(changed(signed(set()), (it) => (it.guardrails.tagged.effect = 'disabled'))),
  ],
  [
    'with a member added after it was signed',
    'guardrail-set-unsigned',
    () => verified(changed(signed(set()), (it) => (it.note = 'x'))),
  ],
  [
    'with half a signature',
    'guardrail-set-unsigned',
    () => verified(changed(signed(set()), (it) => (it.signature = it.signature.slice(0, 40)))),
  ],
  ['whose publisher nobody knows', 'publisher-unknown', () => verified(signed(set()), [])],
  ['that names another publisher than the key is of', 'publisher-unknown', () => verified(signed(set({ publisher: 'bank' })))],
  ['as old as the last', 'guardrail-set-outdated', () => verified(signed(set({ sequence: 4 })))],
  ['older than the last', 'guardrail-set-outdated', () => verified(signed(set({ sequence: 1 })))],
  ['with no sequence', 'guardrail-set-malformed', () => verified(signed(set({ sequence: 0 })))],
  ['with a broken sequence', 'guardrail-set-malformed', () => verified(signed(set({ sequence: 5.5 })))],
  ['of a form to come', 'guardrail-set-newer', () => verified(signed(set({ v: 2 })))],
  ['of no form', 'guardrail-set-malformed', () => verified(signed(set({ v: '1' })))],
  ['with members it should not have', 'guardrail-set-malformed', () => verified(signed(set({ script: 'x' })))],
  [
    'with a guardrail that is none',
    'guardrail-set-malformed',
    () => verified(signed(set({ guardrails: { tagged: { ...tagged, effects: [] } } }))),
  ],
  ['with a name that is none', 'guardrail-set-malformed', () => verified(signed(set({ guardrails: { '../tagged': tagged } })))],
  ['of another type', 'guardrail-set-malformed', () => verified(signed(set({ type: 'holdfast-receipt' })))],
  ['that is a list', 'guardrail-set-malformed', () => verified('[]')],
  ['that is no JSON', 'invalid-request', () => verified('{"type": ')],
  ['that nests too deep', 'invalid-request', () => verified(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`)],
  [
    'with a number that would be rounded',
    'invalid-request',
    () => verified(signed(set()).replace('"sequence":5', '"sequence":9007199254740993')),
  ],
  ['larger than it may be', 'too-large', () => verified(`{"type":"${'x'.repeat(setBytesMax)}"}`)],
]
for (const [name, expected, run] of refusals)
  test(`refused: a set ${name}`, () => {
    assert.throws(run, code(expected))
  })

test('a set with more guardrails than five hundred is refused', () => {
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`g-${i}`, tagged]))
  assert.throws(() => verified(signed(set({ guardrails: many }))), code('guardrail-set-malformed'))
})

const site = async (t: TestContext): Promise<Context> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const pool = createPool(await createTestDatabase(), 6)
  const app = await createApp({ config: parseConfig({ HOLDFAST_HOME: home }), pool, log: silentLog })
  t.after(async () => {
    await app.http.close()
    await pool.end()
    rmSync(home, { recursive: true, force: true })
  })
  const ctx = systemContext(app.site, 'test')
  await atomically(ctx, async (tx) => {
    await createOrganisation(tx, { id: 'org_0', name: 'Test' })
    await putPublisher(tx, { id: 'publisher_1', name: 'ministry', publicKey })
  })
  return ctx
}
const take = (ctx: Context, given: object = {}) => atomically(ctx, (tx) => importSet(tx, signed(set(given))))
const assign = (ctx: Context, assignment: object) =>
  atomically(ctx, (tx) => putGuardrailAssignment(tx, { id: 'assignment_1', scopeId: 'org_0', assignment }))
const deployment: GuardrailDocument = {
  kind: 'deployment',
  id: 'deployment_1',
  scope: '/',
  scopeId: 'org_0',
  name: 'chat',
  labels: {},
  classification: { rank: 0, caveats: [] },
  owner: 'user_ann',
  spec: {},
  facts: {},
}
const states = async (ctx: Context) => (await judge(ctx, [deployment]))[0]!.map(({ guardrail, state }) => [guardrail, state])

test('what a set brings is assigned by its publisher’s name, and a newer set replaces it whole', async (t) => {
  const ctx = await site(t)
  const imported = await take(ctx)
  assert.deepEqual([imported.guardrails, imported.initiatives], [['ministry/tagged'], ['ministry/all']])
  await assign(ctx, { initiative: 'ministry/all' })
  assert.deepEqual(await states(ctx), [
    ['ministry/tagged', 'non-compliant'],
    ['builtin/engine-local', 'compliant'],
  ])

  await take(ctx, { sequence: 6, guardrails: { tagged: { ...tagged, require: { field: 'name', equals: 'chat' } } } })

  assert.deepEqual((await states(ctx))[0], ['ministry/tagged', 'compliant'])
})

test('no set is taken twice, not even by two at the same moment, nor an older one after a newer', async (t) => {
  const ctx = await site(t)
  const both = await Promise.allSettled([take(ctx), take(ctx)])
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await take(ctx, { sequence: 9 })
  await assert.rejects(take(ctx, { sequence: 8 }), code('guardrail-set-outdated'))

  // Another key for the same publisher does not open the way for an old set.
  await atomically(ctx, (tx) => putPublisher(tx, { id: 'publisher_1', name: 'ministry', publicKey }))
  await assert.rejects(take(ctx, { sequence: 8 }), code('guardrail-set-outdated'))
})

test('a set with one guardrail that does not hold together changes nothing, and may be taken again when mended', async (t) => {
  const ctx = await site(t)
  const broken = { ...tagged, require: { field: 'secrets', exists: true } }
  await assert.rejects(take(ctx, { guardrails: { tagged, broken } }), code('guardrail-malformed'))
  await assert.rejects(assign(ctx, { guardrail: 'ministry/tagged' }), code('guardrail-misfit'))

  assert.equal((await take(ctx)).sequence, 5)
})

test('what is assigned cannot be left out of the next set, nor go with its publisher', async (t) => {
  const ctx = await site(t)
  await take(ctx)
  await assign(ctx, { guardrail: 'ministry/tagged' })

  await assert.rejects(take(ctx, { sequence: 6, guardrails: {}, initiatives: {} }), code('guardrail-in-use'))
  await assert.rejects(
    atomically(ctx, (tx) => removePublisher(tx, 'publisher_1')),
    code('guardrail-in-use'),
  )

  await assign(ctx, { guardrail: 'builtin/engine-local' })
  await atomically(ctx, (tx) => removePublisher(tx, 'publisher_1'))
  await assert.rejects(take(ctx, { sequence: 6 }), code('publisher-unknown'))
})

test('a publisher has an Ed25519 key, and is not the product itself', async (t) => {
  const ctx = await site(t)
  const put = (name: string, key: string) =>
    atomically(ctx, (tx) => putPublisher(tx, { id: 'publisher_2', name, publicKey: key }))
  await assert.rejects(put('bank', 'AAAA'), code('invalid-request'))
  await assert.rejects(put('builtin', publicKey), code('invalid-request'))
})
