import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { createPool } from '#platform/db.ts'
import { definition, governed, type Governed } from '../../test/compliance-state.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import { judgeNext, observeEveryMs, sliceMax } from './sweep.ts'
import { startCompliance } from './sweep-loop.ts'
import { inSlice, mendPoint, readProgress } from './sweep-progress.ts'
import { judgeResources } from './state-judge.ts'

/** The site's own loop, on its own database. */
const withJudge = async (site: Governed, run: () => Promise<void>): Promise<void> => {
  const { rows } = await sql<{ database: string }>`select current_database() as database`.execute(site.ctx.db)
  const pool = createPool({ ...(await createTestDatabase()), database: rows[0]!.database })
  const judge = await startCompliance(site.app.app.site, pool)
  try {
    await run()
  } finally {
    await judge.stop()
    await pool.end()
  }
}

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let i = 0; !(await holds()); i++) {
    assert.ok(i < 600, 'it did not come about')
    await wait(50)
  }
}

test('what changes is judged without anyone asking, and so is everything when guardrails change', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await withJudge(site, async () => {
    await site.project('one')
    await until(async () => (await site.states())['one'] === 'non-compliant')
    await site.project('one', { purpose: 'payroll' })
    await until(async () => (await site.states())['one'] === 'compliant')
    await site.define(definition({ require: { field: 'labels.owner', exists: true } }))
    await until(async () => (await site.states())['one'] === 'non-compliant')
  })
})

test('a sweep that finds nothing different changes nothing but when', async (t) => {
  const site = await governed(t)
  await site.assign({})
  for (const name of ['one', 'two']) await site.project(name)
  await site.judge()
  const read = async () =>
    (await site.owner.get('/api/v1/compliance/verdicts')).body.items.map((item: any) => ({ ...item, judgedAt: '' }))
  const before = await read()

  site.app.clock.advance(1_000)
  await site.owner.post('/api/v1/compliance/sweep', {})
  await site.judge()

  assert.deepEqual(await read(), before)
  assert.deepEqual((await site.owner.get('/api/v1/compliance/transitions')).body.items, [])
})

test('a sweep that was cut off goes on where it was, and a slice that failed leaves nothing of it', async (t) => {
  const site = await governed(t)
  await site.assign({})
  const ids: string[] = []
  for (let i = 0; i < 3; i++) ids.push(await site.project(`p${i}`))
  await site.judge()
  await sql`insert into resource (id, kind, scope_id, governing_scope_id, name, labels, owner, spec, generation, created_at, updated_at)
    select 'project_x' || n, 'project', scope_id, governing_scope_id, 'x' || n, '{}', owner, '{}', 1, now(), now()
    from resource, generate_series(1, ${sliceMax}::int) n where id = ${ids[0]}`.execute(site.ctx.db)
  site.app.clock.advance(1_000)
  await site.owner.post('/api/v1/compliance/sweep', {})
  while (!(await readProgress(site.ctx)).sweeping || (await readProgress(site.ctx)).seen === 0) await judgeNext(site.ctx)
  const { after, seen } = await readProgress(site.ctx)

  await assert.rejects(
    inSlice(site.ctx, async (tx) => {
      await judgeResources(tx, ids)
      await sql`update compliance_progress set sweep_after = ''`.execute(tx.db)
      throw new Error('the process dies here')
    }),
  )

  assert.deepEqual([(await readProgress(site.ctx)).after, seen], [after, sliceMax])
  await site.judge()
  const swept = await readProgress(site.ctx)
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from resource`.execute(site.ctx.db)
  assert.deepEqual([swept.sweeping, swept.sweptSeen], [false, rows[0]!.count], 'each thing once')
})

test('a database that counts its transactions anew hides no change', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.judge()
  await sql`update compliance_progress set xact = '9000000000000'`.execute(site.ctx.db)

  await inSlice(site.ctx, mendPoint)
  await site.project('one')
  await site.judge()

  assert.deepEqual(await site.states(), { one: 'non-compliant' })
})

test('people and keys are judged, seen by who may see them, and forgotten when they are gone', async (t) => {
  const site = await governed(t)
  await site.assign({ guardrail: 'builtin/second-factor' })
  await site.assign({ guardrail: 'builtin/key-limited-to-place' }, { id: 'assigned_2' })
  const { body } = await site.owner.post('/api/v1/keys', { name: 'robot' })
  const engineer = await site.app.as('ai-engineer', { name: 'eve' })
  await site.judge()

  assert.deepEqual(await site.states(), { owner: 'non-compliant', [engineer.username]: 'non-compliant', robot: 'non-compliant' })
  assert.deepEqual(await site.states(engineer), { [engineer.username]: 'non-compliant' }, 'of others, one knows nothing')
  await site.owner.delete(`/api/v1/keys/${body.key.id}`)
  site.app.clock.advance(observeEveryMs)
  await site.judge()
  assert.deepEqual(Object.keys(await site.states()).includes('robot'), false)
})

test('two that judge at once take turns', async (t) => {
  const site = await governed(t)
  await site.assign({})
  await site.project('one')
  await site.judge()
  await site.project('one', { purpose: 'payroll' })

  await Promise.all([site.judge(), site.judge()])

  assert.deepEqual(await site.states(), { one: 'compliant' })
  assert.equal((await site.owner.get('/api/v1/compliance/transitions')).body.items.length, 1)
})
