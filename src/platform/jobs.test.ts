import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../../test/app.ts'
import { atomically, systemContext, type Context } from './context.ts'
import { createPool } from './db.ts'
import { defineJob, enqueue } from './jobs.ts'
import type { Json } from './json.ts'

const env = { HOLDFAST_ASSETS_DIR: join(tmpdir(), 'holdfast-no-assets') }
const pollMs = 20

/** A site that works on its jobs, one kind of which is the test's. */
const working = async (t: TestContext, handler: (ctx: Context, payload: Json) => Promise<void>) => {
  const app = await testApp(t, { engines: true, env, define: ({ jobs }) => defineJob(jobs, 'test', handler) })
  return { app, ctx: systemContext(app.app.site, 'test') }
}

/** Brings the next try forward: its pause grows with each, and no test waits. */
const atOnce = (ctx: Context) =>
  sql`select graphile_worker.reschedule_jobs((select array_agg(id) from graphile_worker.jobs where task_identifier = 'test' and locked_at is null and attempts < max_attempts), run_at => now())`.execute(
    ctx.db,
  )

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, pollMs))
}

const left = async (ctx: Context): Promise<{ attempts: number; given_up: boolean }[]> =>
  (
    await sql<{ attempts: number; given_up: boolean }>`select attempts, attempts >= max_attempts and locked_at is null as given_up
      from graphile_worker.jobs where task_identifier = 'test'`.execute(ctx.db)
  ).rows

test('a job that fails is tried again with what it was given, until it succeeds, and then no more', async (t) => {
  const seen: Json[] = []
  const { ctx } = await working(t, async (_, payload) => {
    if (seen.push(payload) < 3) throw new Error('not yet')
  })
  await enqueue(ctx, 'test', { tide: 'high' })
  for (const attempt of [1, 2]) {
    await until(async () => (await left(ctx))[0]?.attempts === attempt && seen.length === attempt)
    await until(async () => {
      await atOnce(ctx)
      return seen.length > attempt
    })
  }
  await until(async () => (await left(ctx)).length === 0)
  assert.deepEqual(seen, [{ tide: 'high' }, { tide: 'high' }, { tide: 'high' }])
})

test('a job that can never succeed gives up after its last attempt, and whoever looks after the site is told', async (t) => {
  let tries = 0
  const { app, ctx } = await working(t, async () => {
    tries++
    throw new Error('poison')
  })
  await enqueue(ctx, 'test', {}, { attemptsMax: 2 })
  await until(async () => {
    await atOnce(ctx)
    return (await left(ctx))[0]?.given_up === true
  })
  assert.equal(tries, 2)
  const { body } = await (await app.as('operator')).get('/api/v1/overview')
  const check = body.checks.find(({ name }: { name: string }) => name === 'Jobs')
  assert.deepEqual([check.state, /1 gave up after their last attempt/.test(check.detail)], ['warn', true])
})

test('a job of a change that was undone is never done', async (t) => {
  const done: Json[] = []
  const { ctx } = await working(t, async (_, payload) => void done.push(payload))
  await assert.rejects(
    atomically(ctx, async (tx) => {
      await enqueue(tx, 'test', 'undone')
      throw new Error('no')
    }),
    /^Error: no$/,
  )
  await atomically(ctx, (tx) => enqueue(tx, 'test', 'kept'))
  // Done, and then reported: the runner takes its row away a moment after.
  await until(async () => done.length > 0 && (await left(ctx)).length === 0)
  assert.deepEqual(done, ['kept'])
})

test('a job enqueued again under its key while it waits is done once, with what came last', async (t) => {
  const done: Json[] = []
  const { ctx } = await working(t, async (_, payload) => void done.push(payload))
  const later = new Date(Date.now() + 3_600_000)
  await enqueue(ctx, 'test', 'first', { key: 'k', runAt: later })
  await enqueue(ctx, 'test', 'second', { key: 'k', runAt: later })
  await until(async () => {
    await atOnce(ctx)
    return done.length > 0
  })
  await until(async () => (await left(ctx)).length === 0)
  assert.deepEqual(done, ['second'])
})

test('a database that goes away under a job ends no worker for good: when it is back, that job and the next are done', async (t) => {
  const done: Json[] = []
  let away: ((value: unknown) => void) | undefined
  const { ctx } = await working(t, async (_, payload) => {
    done.push(payload)
    if (done.length === 1) await new Promise((resolve) => (away = resolve))
  })
  const { rows } = await sql<{ database: string; host: string; user: string }>`select current_database() as database,
    current_setting('unix_socket_directories') as host, current_user as user`.execute(ctx.db)
  const { database, host, user } = rows[0]!
  const outside = createPool({ host, user, database: 'postgres' }, 1)
  t.after(() => outside.end())
  await enqueue(ctx, 'test', 'first')
  await until(() => away !== undefined)
  await outside.query(`alter database ${database} allow_connections false`)
  await outside.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
  away?.(undefined)
  // Refused after the worker was: it asks first, as soon as its job is done.
  for (let refused = 0; refused < 5;)
    refused += await sql`select 1`.execute(ctx.db).then(
      () => 0,
      () => 1,
    )
  await outside.query(`alter database ${database} allow_connections true`)
  const enqueued = () =>
    enqueue(ctx, 'test', 'second').then(
      () => true,
      () => false,
    )
  await until(enqueued)
  await until(async () => (await left(ctx)).length === 0)
  assert.deepEqual(new Set(done), new Set(['first', 'second']))
})
