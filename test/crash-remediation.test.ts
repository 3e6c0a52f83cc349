// A remediation whose site is killed at any moment: each thing is as it was or put right and told once, what was stopped stays stopped, and the rest goes on.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { createPool } from '#platform/db.ts'
import { chance } from './chance.ts'
import { assigned, putGuardrail } from './compliance.ts'
import { createTestDatabase } from './postgres.ts'
import { becomeOwner, killSite, newHome, overHttp, startSite, urlOf } from './site-process.ts'
import type { Caller } from './app.ts'
import type pg from 'pg'

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 2 ** 31)
const places = ['a', 'b', 'stopped']
const thingsEach = 70
const perMinute = 600 // and so ten within a second
const perSecond = 10
const rounds = 4
const doneMax = 25
const lookMs = 7

type Thing = { id: string; place: string; right: boolean; generation: number; told: number[] }

/** What the database holds of each: its generation, and how often history, the remediation and the log tell of the one rewrite. */
const things = async (pool: pg.Pool): Promise<Thing[]> => {
  const { rows } = await pool.query(`
    with leaf as (select convert_from(leaf, 'utf8')::jsonb as said from (select leaf from log_entry union all select leaf from audit_pending) every),
      rewrite as (select said #>> '{facts,resource}' as id from leaf where said ->> 'action' = 'remediation.rewrite')
    select made.id, left(made.name, strpos(made.name, '-') - 1) as place, made.labels ? 'purpose' as right, made.generation, array[
      (select count(*) from resource_revision where resource_id = made.id and generation > 1),
      (select count(*) from compliance_rewrite where subject_id = made.id),
      (select count(*) from compliance_remediation_item where subject_id = made.id and state = 'rewritten'),
      (select count(*) from rewrite where rewrite.id = made.id)]::int[] as told
    from resource made where made.kind = 'project'`)
  return rows
}

const hold = (all: readonly Thing[]): void => {
  assert.equal(all.length, places.length * thingsEach)
  for (const { id, right, generation, told } of all)
    assert.deepEqual(
      { generation, told },
      right ? { generation: 2, told: [1, 1, 1, 1] } : { generation: 1, told: [0, 0, 0, 0] },
      id,
    )
}

const rightIn = (all: readonly Thing[], place: string): number =>
  all.filter((thing) => thing.place === place && thing.right).length

/** Not over a kill either. */
const fastest = async (pool: pg.Pool): Promise<number> => {
  const { rows } = await pool.query(`select max(within)::int as most from (
    select count(*) over (partition by remediation_id order by at range interval '999 milliseconds' preceding) as within from compliance_rewrite) counted`)
  return rows[0].most
}

/** Projects that do not say what they are for, in three folders, each with a remediation at work; their ids by folder. */
const begin = async (owner: Caller): Promise<Record<string, string>> => {
  const folders = places.map((name) => ({ kind: 'folder', name, spec: {} }))
  const projects = places.flatMap((name) =>
    Array.from({ length: thingsEach }, (_, n) => ({ kind: 'project', scope: `/${name}`, name: `${name}-${n}`, spec: {} })),
  )
  const made = await owner.post('/api/v1/apply', { resources: [...folders, ...projects] })
  assert.equal(made.status, 200, made.text)
  const guardrail = await putGuardrail(owner, 'purpose', {
    effects: ['remediate', 'audit'],
    effect: 'remediate',
    remediate: [{ path: 'labels.purpose', value: 'unsaid' }],
  })
  const assignment = await assigned(owner, 'purpose', { guardrail })
  const ids: Record<string, string> = {}
  for (const name of places) {
    const started = await owner.post('/api/v1/remediations', { assignment, scope: `/${name}`, perMinute })
    assert.equal(started.status, 201, started.text)
    ids[name] = started.body.id
  }
  return ids
}

type Progress = { rewritten: number; waiting: number }

const progressOf = async (owner: Caller, id: string): Promise<Progress> => {
  const { body, text } = await owner.get(`/api/v1/remediations/${id}`)
  assert.ok(body?.progress, text)
  return body.progress
}

/** Until so many more are put right; looked up beside the site, which has its own work. */
const moreDone = async (pool: pg.Pool, ids: readonly string[], more: number): Promise<void> => {
  const count = `select count(*)::int as done from compliance_remediation_item where remediation_id = any($1)`
  const now = async (): Promise<number> => (await pool.query(count, [ids])).rows[0].done
  const enough = Math.min((await now()) + more, ids.length * thingsEach)
  while ((await now()) < enough) await setTimeout(lookMs)
}

const site = async (t: TestContext) => {
  const database = await createTestDatabase()
  const pool = createPool(database, 1)
  t.after(() => pool.end())
  const env = { HOLDFAST_HOME: newHome(t), DATABASE_URL: urlOf(database) }
  return { pool, start: () => startSite(t, env) }
}

test(`kill -9 in the middle of remediations: each thing is untouched or put right once, what was stopped stays so, the rest goes on to its end (HOLDFAST_TEST_SEED=${seed})`, async (t) => {
  const draw = chance(seed)
  const { pool, start } = await site(t)
  let running = await start()
  const headers = await becomeOwner(running.url)
  const as = () => overHttp(running.url, { userId: '', username: 'owner', headers })
  const ids = await begin(as())
  const going = [ids['a']!, ids['b']!]
  const stopIn = 1 + draw.below(rounds - 2)
  let stoppedAt = 0
  for (let round = 0; round < rounds; round++) {
    await moreDone(pool, going, 1 + draw.below(doneMax))
    if (round === stopIn) assert.equal((await as().post(`/api/v1/remediations/${ids['stopped']}/stop`)).status, 200)
    await killSite(running, pool)
    const all = await things(pool)
    hold(all)
    if (round === stopIn) stoppedAt = rightIn(all, 'stopped')
    running = await start()
  }

  await moreDone(pool, going, Infinity)

  for (const id of going)
    assert.deepEqual(await progressOf(as(), id), { waiting: 0, rewritten: thingsEach, locked: 0, refused: 0, setAside: 0 })
  const { body: stopped } = await as().get(`/api/v1/remediations/${ids['stopped']}`)
  assert.deepEqual([stopped.state, stopped.progress.rewritten], ['stopped', stoppedAt])
  assert.deepEqual((await as().get('/api/v1/audit/verify')).body.faults, [])
  await running.stop()
  const all = await things(pool)
  hold(all)
  assert.deepEqual(
    places.map((place) => rightIn(all, place)),
    [thingsEach, thingsEach, stoppedAt],
  )
  assert.ok((await fastest(pool)) <= perSecond)
})
