// What two people decided, over a site that is killed: the last signature carries a change out once or not at all, and what ended meanwhile has ended.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createPool } from '#platform/db.ts'
import { approve, ask, changeSets, putRule, signature, withPasskey, type Approver } from './approvals.ts'
import { chance } from './chance.ts'
import { assigned, putGuardrail, typeOf } from './compliance.ts'
import { createTestDatabase } from './postgres.ts'
import { becomeOwner, joins, killSite, newHome, overHttp, startSite, urlOf, type SiteProcess } from './site-process.ts'
import type { Caller } from './app.ts'
import type pg from 'pg'

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 2 ** 31)
const rounds = 6
/** So many small answers take about as long as carrying one change out. */
const answersMax = 48
const hourMs = 3_600_000

/** A site of a process of its own, its owner, and an officer with a passkey; both after every start again. */
const site = async (t: TestContext) => {
  const database = await createTestDatabase()
  const pool = createPool(database, 1)
  t.after(() => pool.end())
  const env = { HOLDFAST_HOME: newHome(t), DATABASE_URL: urlOf(database) }
  const start = (more: Record<string, string> = {}) => startSite(t, { ...env, ...more })
  const process = await start()
  const headers = await becomeOwner(process.url)
  const owner = ({ url }: SiteProcess): Caller => overHttp(url, { userId: '', username: 'owner', headers })
  const made = await withPasskey(await joins(process.url, owner(process), { username: 'officer', role: 'security-officer' }))
  const officer = ({ url }: SiteProcess): Approver => ({ ...overHttp(url, made), key: made.key })
  return { pool, start, process, owner, officer }
}

/** What became of one: [state, signatures, entries of carrying it out, states of what it makes]. */
const became = async (pool: pg.Pool, id: string, name: string): Promise<[string, number, number, number]> => {
  const { rows } = await pool.query(
    `with leaf as (select convert_from(leaf, 'utf8')::jsonb as said from (select leaf from log_entry union all select leaf from audit_pending) every)
    select state, (select count(*)::int from change_set_approval where change_set_id = $1) as signed,
      (select count(*)::int from leaf where said ->> 'action' = 'change-set.execute' and said #>> '{resource,id}' = $1) as told,
      (select count(*)::int from resource_revision where kind = 'project' and name = $2) as made
    from change_set where id = $1`,
    [id, name],
  )
  const { state, signed, told, made } = rows[0]
  return [state, signed, told, made]
}

const untouched = ['open', 0, 0, 0]
const done = ['done', 1, 1, 1]

test(`kill -9 under the last signature: the change is carried out once, with all that tells of it, or not at all (HOLDFAST_TEST_SEED=${seed})`, async (t) => {
  const draw = chance(seed)
  const { pool, start, process, owner, officer } = await site(t)
  let running = process
  await putRule(owner(running), 'two', { actions: ['project.apply'] })
  let survived = 0
  for (let round = 0; round < rounds; round++) {
    const name = `p-${round}`
    const id = await ask(owner(running), { operationId: 'projectApply', body: { name, spec: {} } })
    const signed = await signature(officer(running), id)
    const approved = officer(running)
      .post(`${changeSets}/${id}/approve`, { signature: signed })
      .then(
        ({ body }) => body.state,
        () => 'cut off',
      )
    for (let answers = draw.below(answersMax); answers > 0; answers--) await officer(running).get('/api/v1/session')
    await killSite(running, pool)

    const told = await approved
    const kept = await became(pool, id, name)
    assert.deepEqual(kept, kept[0] === 'done' ? done : untouched)
    if (told !== 'cut off') assert.deepEqual([told, kept], ['done', done], 'what was acknowledged is kept')
    if (kept[0] === 'done') survived++
    running = await start()
    if (kept[0] === 'open') assert.equal((await approve(officer(running), id)).body.state, 'done')
    assert.deepEqual(await became(pool, id, name), done)
  }
  assert.deepEqual((await owner(running).get('/api/v1/audit/verify')).body.faults, [])
  t.diagnostic(`${survived} of ${rounds} were carried out before the kill`)
})

/** The clock of the machine, turned on or back while the site is down. */
const clockBy = (ms: number) => ({
  NODE_OPTIONS: `--import=${JSON.stringify(`data:text/javascript,const now=Date.now;Date.now=()=>now()+${ms}`)}`,
})

test('an exemption that ends while the site is down exempts no more after the next start, nor when the clock is turned back then', async (t) => {
  const { pool, start, process, owner, officer } = await site(t)
  const by = owner(process)
  await by.put('/api/v1/projects', { name: 'old', spec: {} })
  const guardrail = await putGuardrail(by, 'purpose')
  await assigned(by, 'purpose', { guardrail })
  const expiresAt = new Date(Date.now() + hourMs / 6).toISOString()
  const spec = { assignment: 'guardrail-assignment:/purpose', category: 'waived', reason: 'It is replaced soon', expiresAt }
  const id = await ask(by, { operationId: 'exemptionApply', body: { name: 'old', spec: { ...spec, resource: 'project:/old' } } })
  assert.equal((await approve(officer(process), id)).body.state, 'done')
  const change = (who: Caller, title: string) => who.put('/api/v1/projects', { name: 'old', spec: { title } })
  assert.equal((await change(by, 'one')).body.verdicts[0].state, 'exempt')
  const stateOf = async (who: Caller): Promise<string> =>
    (await who.get('/api/v1/compliance/verdicts?limit=200')).body.items.find((item: any) => item.resource.name === 'old')?.state
  while ((await stateOf(by)) !== 'exempt');
  await killSite(process, pool)

  const later = await start(clockBy(hourMs / 6))

  assert.equal(await stateOf(owner(later)), 'non-compliant', 'before anything is judged anew')
  assert.deepEqual(typeOf(await change(owner(later), 'two')), [403, '/problems/guardrail-denied'])
  await killSite(later, pool)
  const turnedBack = await start()
  assert.deepEqual(typeOf(await change(owner(turnedBack), 'three')), [403, '/problems/guardrail-denied'])
})
