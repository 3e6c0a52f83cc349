import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemContext } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { ensureDefaults } from './defaults.ts'

/** A site whose default model is declared and whose engines do not run, asked by a member. */
const asked = async (t: TestContext, more: object = {}) => {
  const app = await testApp(t)
  await ensureDefaults(systemContext(app.app.site, 'test'))
  const member = await app.as('member')
  const ask = { model: 'smollm2', messages: [{ role: 'user', content: 'hello' }], ...more }
  const reply = await member.post('/v1/chat/completions', ask)
  const entries = (await app.audit()).filter(({ action, actor }) => action === 'deployment.invoke' && actor === member.userId)
  return { reply, entries }
}

test('a call that came before its deployment was ready is on record with that reason', async (t) => {
  const { reply, entries } = await asked(t)
  assert.deepEqual([reply.status, reply.body.error.code], [503, 'deployment-not-ready'])
  assert.deepEqual(
    entries.map(({ outcome, facts }) => [outcome, facts.finishReason, facts.deployment]),
    [['failed', 'deployment-not-ready', 'smollm2']],
  )
  assert.match(entries[0]?.facts.promptHmac, /^[0-9a-f]{64}$/)
})

test('a call that asks for what is not given here is on record with that reason, streamed or not', async (t) => {
  const { reply, entries } = await asked(t, { n: 2, stream: true })
  assert.deepEqual([reply.status, reply.body.error.code], [400, 'unsupported'])
  assert.deepEqual(
    entries.map(({ outcome, facts }) => [outcome, facts.finishReason, facts.streamed]),
    [['failed', 'unsupported', true]],
  )
})
