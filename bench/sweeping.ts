// A sweep over everything there is, by the site's own loop, and what requests that come meanwhile feel of it. The sweep is stopped and started again every few
// seconds, so that requests with and without it meet the same machine: what else runs on it is in both.
//
// Expectation: 100,000 things are 400 slices of 250. Of each, reading documents, judging and comparing are some 30 ms of our core, and reading and writing, 3,000
// findings the first time, some 35 ms of PostgreSQL's: 25 to 30 seconds, since one waits for the other. A request waits for a turn of judging (4 ms), for what is
// made of one answer of PostgreSQL (10 ms), or for a collection of garbage.
import { sql } from 'kysely'
import { putGuardrailAssignment } from '#guardrails'
import { startCompliance } from '#compliance'
import { createPool } from '#platform/db.ts'
import { atomically, systemContext } from '#platform/context.ts'
import { entries } from '../src/guardrails/library/index.ts'
import { readProgress } from '../src/compliance/sweep-progress.ts'
import { sweepEveryMs } from '../src/compliance/sweep.ts'
import { createTestDatabase } from '../test/postgres.ts'
import { testApp, type TestApp } from '../test/app.ts'
import { median, percentile } from './load.ts'

const things = 100_000
const projects = 1_000
const guardrails = 40
const windowMs = 3_000
const pauseMs = 5

const reaching = entries.filter(
  ({ definition }) =>
    definition.effect !== 'manual' && definition.kinds.some((kind) => ['*', 'deployment', 'model', 'project'].includes(kind)),
)

const seed = async (app: TestApp): Promise<void> => {
  const ctx = systemContext(app.app.site, 'bench')
  const { rows } = await sql<{ id: string }>`select id from policy_scope where parent_id is null`.execute(ctx.db)
  const root = rows[0]!.id
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors)
    select 'project_b' || n, ${root}, 'project', 'p' || n, '/p' || n, array['project_b' || n, ${root}] from generate_series(1, ${projects}::int) n`.execute(
    ctx.db,
  )
  await sql`insert into resource (id, kind, scope_id, governing_scope_id, name, labels, owner, spec, status, generation, created_at, updated_at)
    select 'project_b' || n, 'project', ${root}, 'project_b' || n, 'p' || n, '{"environment": "production"}', 'user_b', '{"title": "A project"}', null, 1, now(), now()
    from generate_series(1, ${projects}::int) n`.execute(ctx.db)
  await sql`insert into resource (id, kind, scope_id, governing_scope_id, name, labels, owner, spec, status, generation, created_at, updated_at)
    select kind || '_b' || n, kind, 'project_b' || place, 'project_b' || place, 'thing-' || n,
      case when n % 4 = 0 then '{}' else '{"environment": "production", "purpose": "search", "owner": "team-a"}' end::jsonb, 'user_b',
      case kind when 'model' then '{"digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "title": "A model"}'
        else '{"engine": "llama", "model": "small", "parallel": 4, "contextTokens": 4096, "queueMax": 32, "recordContent": "none"}' end::jsonb,
      '{"state": "ready", "restarts": 0, "running": 0, "waiting": 0}', 1, now(), now()
    from (select n, 1 + n % ${projects}::int as place, case when n % 4 = 0 then 'model' else 'deployment' end as kind
      from generate_series(1, ${things - projects}::int) n) made`.execute(ctx.db)
  await atomically(ctx, async (tx) => {
    for (const [
      i,
      {
        name,
        parameters,
        definition: { effect },
      },
    ] of reaching.slice(0, guardrails).entries())
      await putGuardrailAssignment(tx, {
        id: `assigned_${i}`,
        scopeId: root,
        assignment: { guardrail: `builtin/${name}`, parameters, effect: effect === 'deny' ? 'audit' : effect },
      })
  })
  await sql`analyze`.execute(ctx.db)
}

type Asking = {
  readonly times: { sweeping: number[]; idle: number[] }
  during: 'sweeping' | 'idle' | undefined
  stop(): Promise<void>
}

/** One person who reads pages, one after the other, over HTTP. */
const ask = async (app: TestApp): Promise<Asking> => {
  const origin = await app.listen()
  const { headers } = await app.as('owner')
  const urls = ['/api/v1/projects?limit=20', '/api/v1/resources?query=kind:deployment&limit=20', '/api/v1/session']
  let stopped = false
  const asking: Asking = { times: { sweeping: [], idle: [] }, during: undefined, stop: async () => {} }
  const loop = async (): Promise<void> => {
    for (let i = 0; !stopped; i++) {
      const { during } = asking
      const startedMs = performance.now()
      const reply = await fetch(`${origin}${urls[i % urls.length]}`, { headers: { cookie: headers['cookie']! } })
      await reply.arrayBuffer()
      if (!reply.ok) throw new Error(`A page was answered ${reply.status}`)
      if (during !== undefined && during === asking.during) asking.times[during].push(performance.now() - startedMs)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  const running = loop()
  asking.stop = async () => {
    stopped = true
    await running
  }
  return asking
}

const sweep = async (
  app: TestApp,
  asking: Asking,
  pool: ReturnType<typeof createPool>,
): Promise<{ seconds: number; cpuSeconds: number }> => {
  const { site } = app.app
  let seconds = 0
  let cpuMs = 0
  const before = (await readProgress(site)).sweptAt?.getTime()
  const isDone = async () => {
    const { sweptAt } = await readProgress(site)
    return sweptAt !== null && sweptAt.getTime() !== before
  }
  while (!(await isDone())) {
    const cpu = process.cpuUsage()
    const startedMs = performance.now()
    const judge = await startCompliance(site, pool)
    asking.during = 'sweeping'
    while (performance.now() - startedMs < windowMs && !(await isDone())) await new Promise((resolve) => setTimeout(resolve, 100))
    asking.during = undefined
    await judge.stop()
    seconds += (performance.now() - startedMs) / 1000
    const { user, system } = process.cpuUsage(cpu)
    cpuMs += (user + system) / 1000
    asking.during = 'idle'
    await new Promise((resolve) => setTimeout(resolve, windowMs))
    asking.during = undefined
  }
  return { seconds, cpuSeconds: cpuMs / 1000 }
}

const poolOf = async (app: TestApp): Promise<ReturnType<typeof createPool>> => {
  const { rows } = await sql<{ database: string }>`select current_database() as database`.execute(app.app.site.db)
  return createPool({ ...(await createTestDatabase()), database: rows[0]!.database })
}

export const sweeping = async (): Promise<{ rows: Record<string, unknown>[]; ratios: Record<string, number> }> => {
  const ends: (() => unknown)[] = []
  const app = await testApp({ after: (end) => void ends.push(end as () => unknown) })
  const pool = await poolOf(app)
  await seed(app)
  const asking = await ask(app)
  const first = await sweep(app, asking, pool)
  app.clock.advance(sweepEveryMs)
  const again = await sweep(app, asking, pool)
  await asking.stop()
  const owner = await app.as('owner')
  const summaryMs: number[] = []
  for (let i = 0; i < 10; i++) {
    const startedMs = performance.now()
    await owner.get('/api/v1/compliance')
    summaryMs.push(performance.now() - startedMs)
  }
  const { body } = await owner.get('/api/v1/compliance')
  await pool.end()
  for (const end of ends) await end()
  const { sweeping: busy, idle } = asking.times
  const row = (what: string, times: number[]) => ({
    what,
    requests: times.length,
    p50Ms: +median(times).toFixed(1),
    p95Ms: +percentile(times, 0.95).toFixed(1),
    p99Ms: +percentile(times, 0.99).toFixed(1),
    maxMs: +Math.max(...times).toFixed(1),
  })
  const took = (what: string, { seconds, cpuSeconds }: { seconds: number; cpuSeconds: number }) => ({
    what,
    things,
    guardrails,
    seconds: +seconds.toFixed(1),
    cpuSeconds: +cpuSeconds.toFixed(1),
    verdicts: Object.values<number>(body.verdicts).reduce((a, b) => a + b, 0),
  })
  return {
    rows: [
      took('first sweep, everything written', first),
      took('sweep again, nothing different', again),
      row('requests during sweeps', busy),
      row('requests between them', idle),
      {
        what: 'GET /compliance of all',
        requests: summaryMs.length,
        p50Ms: +median(summaryMs).toFixed(0),
        maxMs: +Math.max(...summaryMs).toFixed(0),
      },
    ],
    ratios: {
      'seconds, first sweep': +first.seconds.toFixed(1),
      'seconds, sweep again': +again.seconds.toFixed(1),
      'ms, p99 of requests during sweeps − without': +(percentile(busy, 0.99) - percentile(idle, 0.99)).toFixed(1),
      'ms, longest request during sweeps − without': +(Math.max(...busy) - Math.max(...idle)).toFixed(1),
      'ms, median of GET /compliance of all': +median(summaryMs).toFixed(0),
    },
  }
}
