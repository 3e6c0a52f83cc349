// What the library of guardrails asks of resources is known of them, or is named here as not known yet: else a verdict would be unknown for ever.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtin, putGuardrailAssignment, type Definition } from '#guardrails'
import { rootScope } from '#policy'
import { atomically, systemContext } from '#platform/context.ts'
import { testApp, type TestApp } from './app.ts'
import { clear } from './clearance.ts'
import { smallModel } from './gguf.ts'

/** Nothing on a site makes backups, and nothing ends what is kept: that it is not known is what the verdict says. */
const notKnown = [
  'critical-backed-up project',
  'critical-backed-up model',
  'critical-backed-up deployment',
  'retention-minimum project',
]

const values: Record<string, unknown> = { string: 'x', strings: ['x'], integer: 1, number: 1, boolean: true }
const valuesFor = ({ parameters = {} }: Definition) =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { type, ...rest }]) => ('default' in rest ? [] : [[name, values[type]]])),
  )

const assignAll = (app: TestApp) =>
  atomically(systemContext(app.app.site, 'test'), async (tx) => {
    const scopeId = (await rootScope(tx))!.id
    for (const [i, [ref, definition]] of [...builtin.definitions].entries())
      if (definition.effects.includes('audit'))
        await putGuardrailAssignment(tx, {
          id: `assignment_${i}`,
          scopeId,
          assignment: { guardrail: ref, effect: 'audit', parameters: valuesFor(definition) as never }, // of the types they ask for
        })
  })

test('of every resource all is known that the library asks, from the moment it is made', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const uploaded = await owner.post('/api/v1/uploads', smallModel(), { 'content-type': 'application/octet-stream' })
  await assignAll(app)
  const common = { criticality: 'mission', labels: { environment: 'production' } }

  const { status, body, text } = await owner.post('/api/v1/apply', {
    resources: [
      { kind: 'folder', name: 'f', ...common },
      { kind: 'project', scope: '/f', name: 'p', ...common },
      { kind: 'model', scope: '/f/p', name: 'm', ...common, spec: { digest: uploaded.body.digest, licence: 'MIT', source: 'x' } },
      { kind: 'deployment', scope: '/f/p', name: 'd', ...common, spec: { model: 'm' } },
    ],
  })

  assert.equal(status, 200, text)
  const unknown = body.changes.flatMap(
    ({ resource, verdicts }: { resource: { kind: string }; verdicts: { guardrail: string; state: string }[] }) =>
      verdicts
        .filter(({ state }) => state === 'unknown')
        .map(({ guardrail }) => `${guardrail.slice('builtin/'.length)} ${resource.kind}`),
  )
  assert.deepEqual(unknown.sort(), [...notKnown].sort())
  assert.ok(body.changes[3].verdicts.length > 20)
})

test('a lock, a disabled owner and what was used are known to guardrails', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const operator = await app.as('operator')
  await operator.put('/api/v1/folders', { name: 'f', spec: {}, criticality: 'mission' })
  await assignAll(app)
  const verdictsOn = async (spec: object) => {
    const { body, text } = await owner.put('/api/v1/folders', { name: 'f', spec })
    const state = (name: string) =>
      body.verdicts?.find(({ guardrail }: { guardrail: string }) => guardrail === `builtin/${name}`)?.state ?? text
    return [state('critical-locked'), state('owner-active')]
  }
  assert.deepEqual(await verdictsOn({ title: 'One' }), ['non-compliant', 'compliant'])

  await owner.put('/api/v1/locks', { scope: '/', name: 'stays', spec: { effect: 'cannot-delete' } })
  assert.equal((await owner.post(`/api/v1/users/${operator.userId}/disable`)).status, 200)

  assert.deepEqual(await verdictsOn({ title: 'Two' }), ['compliant', 'non-compliant'])
})

test('what a deployment is labelled decides who may ask it, and what they are told of it', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const [cleared, member] = [await app.as('member', { name: 'cleared' }), await app.as('member')]
  for (const who of [owner, cleared]) await clear(app, who, { rank: 300 })
  const made = await owner.put('/api/v1/deployments', {
    name: 'd',
    classification: { level: 'secret' },
    spec: { engine: 'openai', model: 'far', baseUrl: 'http://127.0.0.1:1/v1' },
  })
  assert.equal(made.status, 201, made.text)
  const ask = (who: typeof owner, model = 'd') =>
    who.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hello' }] })
  const told = async (who: typeof owner) => (await who.get('/v1/models')).body.data.map(({ id }: { id: string }) => id)

  const [hidden, absent] = [await ask(member), await ask(member, 'e')]
  assert.deepEqual([hidden.status, absent.status], [404, 404])
  assert.equal(hidden.body.error.message.replace('"d"', '_'), absent.body.error.message.replace('"e"', '_'))
  assert.notEqual((await ask(cleared)).status, 404)
  assert.deepEqual([await told(member), await told(cleared)], [[], ['d']])
})
