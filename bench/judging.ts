// Judging alone: documents in memory against guardrails that are compiled; of the database only where the places of each batch lie is asked.
//
// Expectation: a condition is a closure or three and a look into an object, some 0.3 µs; a verdict is an object. 100,000 documents × 40 guardrails are 4 million
// verdicts at most, of which a kind meets about half: 2 to 3 seconds on one core.
import { sql } from 'kysely'
import { judge, putGuardrailAssignment, type GuardrailDocument } from '#guardrails'
import { atomically, systemContext } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { entries } from '../src/guardrails/library/index.ts'
import { median, percentile } from './load.ts'

const documents = 100_000
const guardrails = 40
const projects = 1_000
const batch = 500
const kinds = ['deployment', 'deployment', 'deployment', 'model', 'project']

const reaching = entries.filter(
  ({ definition }) => definition.effect !== 'manual' && definition.kinds.some((kind) => kind === '*' || kinds.includes(kind)),
)

/** An organisation with a thousand projects, and so many guardrails of the library at its root. */
const prepare = async (site: Site): Promise<void> => {
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors) values ('org_b', null, 'organisation', 'Bench', '/', array['org_b'])`.execute(
    site.db,
  )
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors) select 'project_' || n, 'org_b', 'project', 'p' || n, '/p' || n, array['project_' || n, 'org_b'] from generate_series(0, ${projects - 1}::int) n`.execute(
    site.db,
  )
  await atomically(systemContext(site, 'bench'), async (tx) => {
    for (const [i, { name, parameters, definition }] of reaching.slice(0, guardrails).entries()) {
      const { effect } = definition
      await putGuardrailAssignment(tx, {
        id: `assignment_${i}`,
        scopeId: 'org_b',
        assignment: { guardrail: `builtin/${name}`, parameters, effect: effect === 'deny' ? 'audit' : effect },
      })
    }
  })
}

const documentOf = (i: number): GuardrailDocument => {
  const kind = kinds[i % kinds.length]!
  const project = i % projects
  const model = {
    format: 'gguf',
    licence: i % 3 ? 'mit' : 'llama3.1',
    approved: i % 7 > 0,
    signed: i % 11 > 0,
    digest: 'sha256:a',
    quantisation: 'Q4_K',
    tools: false,
  }
  return {
    kind,
    id: `${kind}_${i}`,
    scope: `/p${project}`,
    scopeId: `project_${project}`,
    name: `thing-${i}`,
    labels: i % 4 ? { env: 'prod', purpose: 'search' } : {},
    classification: { rank: (i % 3) * 100, caveats: [], level: 'internal' },
    ...(i % 5 ? { criticality: 'high' } : {}),
    owner: 'user_00000000000000000000000000',
    spec: {
      engine: i % 9 ? 'llama' : 'openai',
      model: 'small',
      parallel: (i % 8) + 1,
      contextTokens: 4096,
      source: 'transfer 1',
      digest: 'sha256:a',
    },
    status: { state: 'ready' },
    facts: {
      ...model,
      model,
      sizeBytes: 4e9,
      architecture: 'llama',
      effectiveCriticality: 'medium',
      ownerActive: true,
      locked: false,
      replicas: 1,
    },
  }
}

export const judging = async (site: Site): Promise<Record<string, unknown>[]> => {
  await prepare(site)
  const ctx = systemContext(site, 'bench')
  const docs = Array.from({ length: documents }, (_, i) => documentOf(i))
  await judge(ctx, docs.slice(0, 2_000)) // compiled, and warm
  const states: Record<string, number> = {}
  const batches: number[] = []
  const startedCpu = process.cpuUsage()
  const startedMs = performance.now()
  for (let i = 0; i < docs.length; i += batch) {
    const batchMs = performance.now()
    for (const verdicts of await judge(ctx, docs.slice(i, i + batch)))
      for (const { state } of verdicts) states[state] = (states[state] ?? 0) + 1
    batches.push(performance.now() - batchMs)
  }
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(startedCpu)
  const verdicts = Object.values(states).reduce((a, b) => a + b, 0)
  return [
    {
      what: 'judging alone',
      documents,
      guardrails,
      seconds: +seconds.toFixed(2),
      cpuSeconds: +((user + system) / 1e6).toFixed(2),
      verdicts,
      cpuUsPerVerdict: +((user + system) / verdicts).toFixed(2),
      [`p50Ms, ${batch} documents`]: +median(batches).toFixed(2),
      [`p99Ms, ${batch} documents`]: +percentile(batches, 0.99).toFixed(2),
      ...states,
    },
  ]
}
