// Decisions: remembered and not, with every role's rule in place, and 10,000 people holding roles at 200 scopes.
//
// Expectation: a remembered decision is a map look-up behind a promise, 2 µs; an evaluation by cedar-wasm at ten rules was 100 µs (measured before), plus, the
// first time for a person, one query.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createContext } from '#platform/context.ts'
import { parseConfig } from '#platform/config.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { decide } from '#policy'
import { createApp } from '../src/app.ts'
import { startTestServer } from '../test/postgres.ts'
import { median, percentile } from './load.ts'
import { report } from './report.ts'

const people = 10_000
const scopes = 200

export const run = async (): Promise<void> => {
  const server = await startTestServer()
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const pool = createPool({ host: server.host, user: server.user, database: 'holdfast_template' })
  const app = await createApp({ config: parseConfig({ HOLDFAST_HOME: home }), pool, log: silentLog })
  const { db } = app.site
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors) values ('org_b', null, 'organisation', 'Bench', '/', array['org_b'])`.execute(
    db,
  )
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors) select 'project_' || n, 'org_b', 'project', 'p' || n, '/p' || n, array['project_' || n, 'org_b'] from generate_series(1, ${scopes}::int) n`.execute(
    db,
  )
  await sql`insert into policy_grant (id, principal_id, role, scope_id) select 'grant_' || n, 'user_' || (n % ${people}::int), (array['member', 'ai-engineer', 'operator'])[1 + n % 3], 'project_' || (1 + n % ${scopes}::int) from generate_series(1, ${people * 10}::int) n`.execute(
    db,
  )
  await sql`analyze`.execute(db)
  const asks = Array.from({ length: 5_000 }, (_, i) => ({
    who: `user_${(i * 7919) % people}`,
    scope: `project_${1 + ((i * 31) % scopes)}`,
  }))
  const ask = (which: (typeof asks)[number]) =>
    decide(
      createContext(app.site, { actor: { kind: 'user', id: which.who, factors: [] }, requestId: 'bench', log: silentLog }),
      'deployment.invoke',
      { kind: 'deployment', scope: which.scope },
    )
  const timed = async (): Promise<number[]> => {
    const times = []
    for (const which of asks) {
      const startedMs = performance.now()
      await ask(which)
      times.push((performance.now() - startedMs) * 1000)
    }
    return times
  }
  const first = await timed()
  await timed()
  const again = await timed()
  const startedMs = performance.now()
  const count = 300_000
  for (let i = 0; i < count; i++) await ask(asks[i % asks.length]!)
  const perSecond = Math.round(count / ((performance.now() - startedMs) / 1000))
  await app.http.close()
  await pool.end()
  await server.stop()
  rmSync(home, { recursive: true, force: true })
  const row = (what: string, times: number[]) => ({
    what,
    p50Us: +median(times).toFixed(1),
    p99Us: +percentile(times, 0.99).toFixed(1),
    decisionsPerSecond: Math.round(1e6 / (times.reduce((a, b) => a + b, 0) / times.length)),
  })
  await report('policy', {
    notes: `${people * 10} role assignments to ${people} people at ${scopes} scopes. First: nothing remembered, so facts are read from PostgreSQL and Cedar evaluates. Again: remembered.`,
    rows: [row('first', first), row('again', again)],
    ratios: { 'decisions/s, remembered': perSecond, 'p50, first / again': +(median(first) / median(again)).toFixed(1) },
  })
}
