// A site with a tree of folders and nothing in it, whose guardrails tests put to work from inside.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createOrganisation, putScope } from '#policy'
import { parseConfig } from '#platform/config.ts'
import { atomically, systemContext, type Context } from '#platform/context.ts'
import { createPool, type Connection } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import type { Secrets } from '#platform/secrets.ts'
import { createApp } from '../src/app.ts'
import { createTestDatabase } from './postgres.ts'
import {
  putGuardrail,
  putGuardrailAssignment,
  startGuardrails,
  type Assignment,
  type Definition,
  type GuardrailDocument,
} from '#guardrails'

export const organisation = 'org_0'
export const local = `guardrail_${'0'.repeat(26)}`
export const initiative = `initiative_${'0'.repeat(26)}`

export const definition = (given: Partial<Definition> = {}): Definition => ({
  title: 'No remote engine',
  description: '',
  category: 'test',
  version: '1.0.0',
  kinds: ['deployment'],
  parameters: { engine: { type: 'string', title: 'Engine', default: 'llama' } },
  require: { field: 'spec.engine', equals: { param: 'engine' } },
  effects: ['deny', 'audit'],
  effect: 'deny',
  message: '{name} runs {spec.engine}.',
  ...given,
})

export const document = (given: Partial<GuardrailDocument> = {}): GuardrailDocument => ({
  kind: 'deployment',
  id: 'deployment_1',
  scope: '/a/b',
  scopeId: 'folder_b',
  name: 'chat',
  labels: {},
  classification: { rank: 0, caveats: [] },
  owner: 'user_ann',
  spec: { engine: 'openai' },
  facts: {},
  ...given,
})

/** Two processes of one site hold the same keys. */
export const open = async (t: TestContext, connection: Connection, secrets?: Secrets): Promise<Context> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const pool = createPool(connection, 4)
  const app = await createApp({
    config: parseConfig({ HOLDFAST_HOME: home }),
    pool,
    log: silentLog,
    ...(secrets ? { secrets } : {}),
  })
  const listening = await startGuardrails(app.site, pool)
  t.after(async () => {
    await listening.stop()
    await app.http.close()
    await pool.end()
    rmSync(home, { recursive: true, force: true })
  })
  return systemContext(app.site, 'test')
}

/** An organisation with /a, /a/b and /c, and one guardrail of its own. */
export const site = async (t: TestContext): Promise<{ ctx: Context; connection: Connection }> => {
  const connection = await createTestDatabase()
  const ctx = await open(t, connection)
  await atomically(ctx, async (tx) => {
    await createOrganisation(tx, { id: organisation, name: 'Test' })
    await putScope(tx, { id: 'folder_a', parentId: organisation, kind: 'folder', name: 'a' })
    await putScope(tx, { id: 'folder_b', parentId: 'folder_a', kind: 'folder', name: 'b' })
    await putScope(tx, { id: 'folder_c', parentId: organisation, kind: 'folder', name: 'c' })
    await putGuardrail(tx, { id: local, definition: definition() })
  })
  return { ctx, connection }
}

export const assign = (ctx: Context, assignment: Assignment, { id = 'assignment_1', scopeId = 'folder_a' } = {}): Promise<void> =>
  atomically(ctx, (tx) => putGuardrailAssignment(tx, { id, scopeId, assignment }))
export const code = (expected: string) => (problem: any) => {
  assert.equal(problem.code, expected, problem.stack)
  return true
}
