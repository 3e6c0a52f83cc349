// Guardrails put to work by the site itself, for tests of what becomes of them.
import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import {
  putExemption,
  putGuardrail,
  putGuardrailAssignment,
  removeGuardrailAssignment,
  type Assignment,
  type Definition,
  type Exemption,
} from '#guardrails'
import { resolveScope } from '#policy'
import { atomically, systemContext, type Context } from '#platform/context.ts'
import { judgeAll } from '../src/compliance/sweep.ts'
import { testApp, type Caller, type TestApp, type TestAppOptions } from './app.ts'
import type { TestContext } from 'node:test'

/** Judges all that was committed until now. Open transactions of other tests, on the same server, hold the stream of changes back for a while. */
export const judged = async (ctx: Context): Promise<void> => {
  const { rows } = await sql<{ now: string }>`select pg_current_xact_id()::text as now`.execute(ctx.db)
  const isPast = async () =>
    (await sql<{ past: boolean }>`select pg_snapshot_xmin(pg_current_snapshot()) > ${rows[0]!.now}::xid8 as past`.execute(ctx.db))
      .rows[0]!.past
  while (!(await isPast())) await setTimeout(10)
  await judgeAll(ctx)
}

export const guardrail = `guardrail_${'0'.repeat(26)}`

export const definition = (given: Partial<Definition> = {}): Definition => ({
  title: 'A project says what it is for',
  description: '',
  category: 'test',
  version: '1.0.0',
  kinds: ['project'],
  require: { field: 'labels.purpose', exists: true },
  effects: ['audit', 'remediate', 'manual', 'deny'],
  effect: 'audit',
  remediate: [{ path: 'labels.purpose', value: 'unsaid' }],
  message: '{name} does not say what it is for.',
  ...given,
})

export type Governed = {
  readonly app: TestApp
  readonly owner: Caller
  readonly ctx: Context
  define(definition: Definition, id?: string): Promise<void>
  assign(assignment: Partial<Assignment>, given?: { id?: string; scope?: string }): Promise<void>
  unassign(id?: string): Promise<void>
  exempt(exemption: Partial<Exemption> & { expiresAt: string }): Promise<void>
  /** A project; its id. */
  project(name: string, labels?: Record<string, string>, scope?: string): Promise<string>
  folder(name: string): Promise<string>
  /** Judges until nothing is left to judge. */
  judge(): Promise<void>
  /** State by name of the thing, as the caller sees it. */
  states(caller?: Caller, query?: string): Promise<Record<string, string>>
}

export const governed = async (t: TestContext, options: TestAppOptions = {}): Promise<Governed> => {
  const app = await testApp(t, options)
  const owner = await app.as('owner')
  const ctx = systemContext(app.app.site, 'test')
  const put = async (kind: string, body: object): Promise<string> => {
    const reply = await owner.put(`/api/v1/${kind}`, body)
    if (reply.status >= 300) throw new Error(reply.text)
    return reply.body.resource.id
  }
  const make = {
    define: (given: Definition, id = guardrail) => atomically(ctx, (tx) => putGuardrail(tx, { id, definition: given })),
    assign: (given: Partial<Assignment>, { id = 'assigned_1', scope = '/' } = {}) =>
      atomically(ctx, async (tx) =>
        putGuardrailAssignment(tx, {
          id,
          scopeId: (await resolveScope(tx, scope)).id,
          assignment: { ...(given.initiative === undefined ? { guardrail } : {}), ...given },
        }),
      ),
    unassign: (id = 'assigned_1') => atomically(ctx, (tx) => removeGuardrailAssignment(tx, id)),
    exempt: (given: Partial<Exemption> & { expiresAt: string }) =>
      atomically(ctx, (tx) =>
        putExemption(tx, { id: 'exemption_1', exemption: { assignment: 'assigned_1', category: 'waived', ...given } }),
      ),
    project: (name: string, labels: Record<string, string> = {}, scope = '/') =>
      put('projects', { scope, name, labels, spec: {} }),
    folder: (name: string) => put('folders', { name, spec: {} }),
    judge: () => judged(ctx),
  }
  await make.define(definition())
  return {
    app,
    owner,
    ctx,
    ...make,
    states: async (caller = owner, query = '') => {
      const { status, body, text } = await caller.get(`/api/v1/compliance/verdicts?limit=200${query}`)
      if (status !== 200) throw new Error(text)
      return Object.fromEntries(body.items.map((item: any) => [item.resource.name, item.state]))
    },
  }
}
