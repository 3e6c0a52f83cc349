// Decisions at 200 roles made here beside the built-in ones and 100,000 assignments to 10,000 people at 200 projects, remembered and not, with OPA's engine on the
// same questions in the same run; and how soon a role that is taken away is gone.
//
// Expectation: a remembered decision is two map look-ups behind promises, 3 µs. One that is not, with what the person holds at hand, is one evaluation by
// cedar-wasm of seven rules, 60–100 µs. The first ever about a person adds two queries over the local socket (what they hold, their clearance), 0.3 ms each.
// OPA as a Go library walks ten assignments and a role's list of actions in an interpreter: some 50 µs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { atomically, createContext, systemContext } from '#platform/context.ts'
import { parseConfig } from '#platform/config.ts'
import { createPool, type Db } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import type { Site } from '#platform/site.ts'
import { allActions, decide, findRoles, putRole, removeGrant } from '#policy'
import { createApp } from '../src/app.ts'
import { startTestServer } from '../test/postgres.ts'
import { median, percentile } from './load.ts'
import { askOpa, type OpaRequest, type OpaWorld } from './opa.ts'
import { report } from './report.ts'

const people = 10_000
const scopes = 200
const rolesMade = 200
const assignments = 100_000
const asks = 5_000
const revocations = 20
/** Nouns with actions that everyone has, or nobody for others. */
const openOrPrivate = new Set(['conversation', 'profile', 'receipt', 'organisation', 'policy', 'log', 'classification-scheme'])

const nouns = [...new Set(allActions.map((action) => action.split('.')[0]!))].filter((noun) => !openOrPrivate.has(noun))
const roleMade = (i: number) => ({
  name: `role-${i}`,
  title: `Role ${i}`,
  description: 'Made for the bench',
  actions: [0, 1, 2].map((step) => `${nouns[(i + step * 7) % nouns.length]}.*`),
})

const fill = async (site: Site): Promise<void> => {
  const { db } = site
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors) values ('org_b', null, 'organisation', 'Bench', '/', array['org_b'])`.execute(
    db,
  )
  await sql`insert into policy_scope (id, parent_id, kind, name, path, ancestors) select 'project_' || n, 'org_b', 'project', 'p' || n, '/p' || n, array['project_' || n, 'org_b'] from generate_series(1, ${scopes}::int) n`.execute(
    db,
  )
  await atomically(systemContext(site, 'bench'), async (tx) => {
    for (let i = 0; i < rolesMade; i++) await putRole(tx, roleMade(i))
  })
  await sql`insert into policy_grant (id, principal_id, role, scope_id) select 'grant_' || n, 'user_' || (n % ${people}::int), 'role-' || ((n * 7) % ${rolesMade}::int), 'project_' || (1 + (n * 31 + n / ${people}::int) % ${scopes}::int) from generate_series(1, ${assignments}::int) n`.execute(
    db,
  )
  await sql`insert into policy_grant (id, principal_id, role, scope_id) values ('grant_owner', 'user_owner', 'owner', 'org_b')`.execute(
    db,
  )
  await sql`analyze`.execute(db)
}

/** Half of them about something the person was given somewhere, so that both answers are common. */
const questions = async (db: Db): Promise<OpaRequest[]> => {
  const { rows } = await sql<{
    principal: string
    scope: string
  }>`select principal_id as principal, scope_id as scope from policy_grant
    where id <> 'grant_owner' order by md5(id) limit ${asks}::int`.execute(db)
  const actions = [
    'model.read',
    'deployment.apply',
    'guardrail.read',
    'lock.apply',
    'artifact.read',
    'role-assignment.read',
    'user.read',
    'exemption.apply',
  ]
  return rows.map(({ principal, scope }, i) => ({
    principal,
    action: actions[i % actions.length]!,
    scope: i % 2 ? scope : `project_${1 + ((i * 13) % scopes)}`,
  }))
}

const worldOf = async (site: Site): Promise<OpaWorld> => {
  const { rows: grants } = await sql<{ principal: string; held: { role: string; scope: string }[] }>`
    select principal_id as principal, json_agg(json_build_object('role', role, 'scope', scope_id)) as held from policy_grant group by 1`.execute(
    site.db,
  )
  const { rows: tree } = await sql<{ id: string; ancestors: string[] }>`select id, ancestors from policy_scope`.execute(site.db)
  return {
    grants: Object.fromEntries(grants.map(({ principal, held }) => [principal, held])),
    ancestors: Object.fromEntries(tree.map(({ id, ancestors }) => [id, ancestors])),
    roles: Object.fromEntries((await findRoles(systemContext(site, 'bench'))).map(({ name, actions }) => [name, actions])),
  }
}

export const run = async (): Promise<void> => {
  const server = await startTestServer()
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const pool = createPool({ host: server.host, user: server.user, database: 'holdfast_template' })
  const app = await createApp({ config: parseConfig({ HOLDFAST_HOME: home }), pool, log: silentLog })
  try {
    await fill(app.site)
    await measure(app.site)
  } finally {
    await app.http.close()
    await pool.end()
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

const ask = (site: Site, { principal, action, scope }: OpaRequest) =>
  decide(
    createContext(site, { actor: { kind: 'user', id: principal, factors: [] }, requestId: 'bench', log: silentLog }),
    action,
    {
      kind: 'thing',
      scope,
    },
  )

const timed = async (site: Site, requests: readonly OpaRequest[]): Promise<{ times: number[]; allowed: boolean[] }> => {
  const times = []
  const allowed = []
  for (const request of requests) {
    const startedMs = performance.now()
    const verdict = await ask(site, request)
    times.push((performance.now() - startedMs) * 1000)
    allowed.push(verdict.allowed)
  }
  return { times, allowed }
}

const measure = async (site: Site): Promise<void> => {
  const requests = await questions(site.db)
  await timed(site, requests.slice(0, 200)) // the pool's connections, the compiler
  await atomically(systemContext(site, 'bench'), (tx) => putRole(tx, roleMade(0))) // as it was; and a change of a role forgets all
  const first = await timed(site, requests)
  // The same people and places, about something else: what they hold is at hand, and the decision is not.
  const others = requests.map((request) => ({ ...request, action: request.action === 'model.read' ? 'view.read' : 'model.read' }))
  const fresh = await timed(site, others)
  const again = await timed(site, others)
  const opa = await askOpa(await worldOf(site), others).catch((error: unknown) => {
    process.stdout.write(`OPA was not asked: ${String(error)}\nBuild it with scripts/bench-tools.sh.\n`)
    return undefined
  })
  const differing = opa ? opa.allowed.filter((allowed, i) => allowed !== fresh.allowed[i]).length : undefined
  const bare = await emptyQueries(site.db)
  const gone = await revoked(site)
  const row = (what: string, times: number[]) => ({
    what,
    p50Us: +median(times).toFixed(1),
    p99Us: +percentile(times, 0.99).toFixed(1),
  })
  const share = fresh.allowed.filter(Boolean).length / fresh.allowed.length
  await report('policy', {
    notes: `${assignments} assignments of ${rolesMade} roles made here to ${people} people at ${scopes} projects; ${asks} questions, ${(share * 100).toFixed(0)} % allowed. First: nothing remembered of the person, so facts are read from PostgreSQL and Cedar evaluates. Evaluated: facts at hand. Again: remembered. Revoked: from the commit to a refusal.`,
    rows: [
      row('first', first.times),
      row('evaluated', fresh.times),
      row('again', again.times),
      ...(opa ? [row('OPA, Go library', opa.timesUs)] : []),
      row('an empty query', bare),
      row('revoked', gone),
    ],
    ratios: {
      'p50 µs, remembered': +median(again.times).toFixed(1),
      'p50 µs, evaluated': +median(fresh.times).toFixed(1),
      'p50 µs, first': +median(first.times).toFixed(1),
      'p50, first / (evaluated + an empty query)': +(median(first.times) / (median(fresh.times) + median(bare))).toFixed(2),
      ...(opa
        ? {
            'p50, OPA / evaluated': +(median(opa.timesUs) / median(fresh.times)).toFixed(2),
            'p50, OPA / remembered': +(median(opa.timesUs) / median(again.times)).toFixed(1),
            'answers that differ from OPA’s': differing ?? 0,
          }
        : {}),
    },
    targets: {
      'p50 µs, remembered': '≤ 50',
      'p50 µs, evaluated': '≤ 500',
      'p50 µs, first': '≤ 500',
      'answers that differ from OPA’s': '0',
    },
  })
}

/** What a round trip to PostgreSQL costs on this machine at this moment, so that the first decision can be told from a busy machine. */
const emptyQueries = async (db: Db): Promise<number[]> => {
  const times = []
  for (let i = 0; i < 1_000; i++) {
    const startedMs = performance.now()
    await sql`select`.execute(db)
    times.push((performance.now() - startedMs) * 1000)
  }
  return times
}

/** Asked at once after the commit: the very next request is refused, and how long it took to say so. */
const revoked = async (site: Site): Promise<number[]> => {
  const times = []
  for (let i = 0; i < revocations; i++) {
    const { rows } = await sql<{
      id: string
      principal: string
      role: string
      scope: string
    }>`select id, principal_id as principal, role, scope_id as scope
      from policy_grant where id = ${`grant_${1000 + i}`}`.execute(site.db)
    const grant = rows[0]!
    const role = (await findRoles(systemContext(site, 'bench'))).find(({ name }) => name === grant.role)
    const request = { principal: grant.principal, scope: grant.scope, action: role!.actions[0]! }
    if (!(await ask(site, request)).allowed) throw new Error('what was given is not allowed')
    await sql`delete from policy_grant where principal_id = ${grant.principal} and id <> ${grant.id}`.execute(site.db)
    await atomically(systemContext(site, 'bench'), (tx) => removeGrant(tx, grant.id))
    const startedMs = performance.now()
    if ((await ask(site, request)).allowed) throw new Error('a role that was taken away still gives')
    times.push((performance.now() - startedMs) * 1000)
  }
  return times
}
