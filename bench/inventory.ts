// Lists and searches for people who may see 10,000, half or all of 1,000,000 resources, a page of 100 at a time, decided inside the query.
//
// Expectation: the scopes one may look into are 100 rows of the tree, their resources 10,000 rows of one index, and the first 100 of them by name a top-n sort:
// 15 ms. A page further on costs the same. Where the index by name is walked instead, 1 row in 100 is kept: as much again. Who sees half meets a page after 200
// rows of a walk; the 5,000 scopes they may look into are listed first, 5 ms. Those whose first folder in the order is hidden walk past its 10,000 rows: 15 ms.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createContext, type Context } from '#platform/context.ts'
import { parseConfig } from '#platform/config.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { list, search } from '#resources'
import { createApp, type App } from '../src/app.ts'
import { startTestServer } from '../test/postgres.ts'
import { median, percentile } from './load.ts'
import { report } from './report.ts'

const folders = 100
const projectsPerFolder = 100
const perProject = 100
const visible = projectsPerFolder * perProject
const page = 100
const rounds = 100
const targetMs = 50

export const run = async (): Promise<void> => {
  const server = await startTestServer()
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const pool = createPool({ host: server.host, user: server.user, database: 'holdfast_template' })
  try {
    const app = await createApp({ config: parseConfig({ HOLDFAST_HOME: home }), pool, log: silentLog })
    await fill(app)
    const rows = await measure(app)
    await app.http.close()
    await report('inventory', {
      notes: `${folders * projectsPerFolder * perProject} deployments in ${folders * projectsPerFolder} projects in ${folders} folders. Each person may see ${visible} of them, user_half every other folder, user_all everything; a page is ${page}. PostgreSQL without fsync, everything in memory.`,
      rows,
      ratios: { 'slowest p95, ms': Math.max(...rows.map(({ p95Ms }) => p95Ms)) },
      targets: { 'slowest p95, ms': `≤ ${targetMs}` },
    })
  } finally {
    await pool.end()
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

/** Names are scattered, but for one folder whose names come last of all. */
const fill = async ({ site: { db } }: App): Promise<void> => {
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors) values ('org_b', null, 'organisation', 'Bench', '/', array['org_b'])`.execute(
    db,
  )
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors)
    select 'folder_' || f, 'org_b', 'folder', 'f' || f, '/f' || f, array['folder_' || f, 'org_b'] from generate_series(1, ${folders}::int) f`.execute(
    db,
  )
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors)
    select 'project_' || f || '_' || p, 'folder_' || f, 'project', 'p' || p, '/f' || f || '/p' || p, array['project_' || f || '_' || p, 'folder_' || f, 'org_b']
    from generate_series(1, ${folders}::int) f, generate_series(1, ${projectsPerFolder}::int) p`.execute(db)
  for (let f = 1; f <= folders; f++) {
    await sql`insert into resource (id, kind, scope_id, governing_scope_id, name, labels, owner, spec, status, generation, created_at, updated_at)
      select 'deployment_' || lpad(${f}::text, 4, '0') || lpad(p::text, 4, '0') || lpad(n::text, 4, '0'), 'deployment', 'project_' || ${f}::int || '_' || p, 'project_' || ${f}::int || '_' || p,
        case when ${f}::int = ${folders}::int then 'z' else 'd' end || md5(${f}::text || '.' || p || '.' || n),
        jsonb_build_object('env', (array['prod', 'test', 'dev'])[1 + n % 3]), 'user_owner', '{"model": "m", "parallel": 4}', '{"state": "ready"}', 1, now(), now()
      from generate_series(1, ${projectsPerFolder}::int) p, generate_series(1, ${perProject}::int) n`.execute(db)
  }
  await sql`insert into policy_grant (id, principal_id, role, scope_id) values
    ('grant_first', 'user_folder', 'ai-engineer', 'folder_7'), ('grant_last', 'user_last', 'ai-engineer', ${`folder_${folders}`})`.execute(
    db,
  )
  // The same number, a project here and a project there.
  await sql`insert into policy_grant (id, principal_id, role, scope_id)
    select 'grant_' || f, 'user_scattered', 'ai-engineer', 'project_' || f || '_' || (1 + f * 37 % ${projectsPerFolder}::int) from generate_series(1, ${folders}::int) f`.execute(
    db,
  )
  await sql`insert into policy_grant (id, principal_id, role, scope_id)
    select 'grant_half_' || f, 'user_half', 'ai-engineer', 'folder_' || 2 * f from generate_series(1, ${folders / 2}::int) f`.execute(
    db,
  )
  await sql`insert into policy_grant (id, principal_id, role, scope_id) values ('grant_all', 'user_all', 'ai-engineer', 'org_b')`.execute(
    db,
  )
  await sql`vacuum analyze`.execute(db)
}

type Row = { who: string; what: string; p50Ms: number; p95Ms: number; maxMs: number }

const measure = async (app: App): Promise<Row[]> => {
  const rows: Row[] = []
  for (const [who, sees] of [
    ['user_folder', visible],
    ['user_last', visible],
    ['user_scattered', visible],
    ['user_half', Infinity],
    ['user_all', Infinity],
  ] as const) {
    const ctx = () =>
      createContext(app.site, { actor: { kind: 'user', id: who, factors: [] }, requestId: 'bench', log: silentLog })
    const all = await pageAfterPage(ctx, sees)
    const middle = all.cursors[Math.floor(all.cursors.length / 2)]
    if (all.count !== visible) throw new Error(`${who} sees ${all.count} of ${visible}`)
    const asks: Record<string, (ctx: Context) => Promise<{ items: unknown[] }>> = {
      'list, first page': (one) => list(one, 'deployment', { limit: page }),
      'list, middle page': (one) => list(one, 'deployment', { limit: page, after: middle }),
      'search, first page': (one) => search(one, { limit: page }),
      'search label.env=prod': (one) => search(one, { query: 'kind:deployment label.env=prod', limit: page }),
      'search, newest first': (one) => search(one, { query: 'kind:deployment', sort: '-updated', limit: page }),
      'search, oldest first': (one) => search(one, { query: 'kind:deployment', sort: 'created', limit: page }),
      'search, by kind': (one) => search(one, { sort: 'kind', limit: page }),
    }
    rows.push(row(who, 'list, page after page', all.times))
    for (const [what, ask] of Object.entries(asks)) rows.push(row(who, what, await timed(() => ask(ctx()))))
  }
  return rows
}

/** Every page of who sees so many; of who sees more, as many. */
const pageAfterPage = async (ctx: () => Context, sees: number) => {
  const times: number[] = []
  const cursors: string[] = []
  let count = 0
  for (let after: string | undefined, more = true; more && (sees === visible || count < visible);) {
    const startedMs = performance.now()
    const { items, next } = await list(ctx(), 'deployment', { limit: page, after })
    times.push(performance.now() - startedMs)
    count += items.length
    if (next !== undefined) cursors.push(next)
    after = next
    more = next !== undefined
  }
  return { times, cursors, count }
}

const timed = async (ask: () => Promise<{ items: unknown[] }>): Promise<number[]> => {
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const startedMs = performance.now()
    const { items } = await ask()
    times.push(performance.now() - startedMs)
    if (items.length !== page) throw new Error(`${items.length} items in a page of ${page}`)
  }
  return times
}

const row = (who: string, what: string, times: readonly number[]): Row => {
  const ms = (value: number) => +value.toFixed(1)
  return { who, what, p50Ms: ms(median([...times])), p95Ms: ms(percentile([...times], 0.95)), maxMs: ms(Math.max(...times)) }
}
