// What a scraper reads: counted while things happen, and read from the rooms at each scrape. docs/metrics.md tells of each.
import { sql } from 'kysely'
import { collectDefaultMetrics } from 'prom-client'
import { storeCounters, storedBytes, storeHealth } from '#artifacts'
import { logState } from '#audit'
import { enginesNow, type EngineNow } from '#inference'
import type { Context } from '#platform/context.ts'
import { childrenIsolated } from '#platform/child.ts'
import { show } from '#platform/metrics.ts'
import { diskOf, runChecks, type Check } from './checks.ts'
import { certificateEndsAt } from './expiry.ts'

/** Deployments shown one by one, the first by id; the rest are summed as `other`. */
const deploymentsShownMax = 64

export const measurements = async (ctx: Context): Promise<string> => {
  const { site } = ctx
  await ctx.authorize('metrics.read', { kind: 'site', id: site.id })
  if (!site.metrics.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics({ register: site.metrics })
  show(
    site,
    { name: 'holdfast_info', help: 'The version that runs', values: [{ labels: { version: site.version }, value: 1 }] },
    ['version'],
  )
  readEngines(ctx)
  readClock(ctx)
  await Promise.all([readLog(ctx), readJobs(ctx), readStorage(ctx), readContent(ctx), readChecks(ctx)])
  return site.metrics.metrics()
}

const engineStates = ['starting', 'ready', 'restarting', 'failed'] as const satisfies EngineNow['state'][]

const readEngines = ({ site }: Context): void => {
  const engines = enginesNow(site)
  const values = engineStates.map((state) => ({
    labels: { state },
    value: engines.filter((each) => each.state === state).length,
  }))
  show(site, { name: 'holdfast_deployments', help: 'Deployments of this process, by state', values }, ['state'])
  const restarts = { value: sum(engines.map((each) => each.restarts)) }
  show(site, {
    name: 'holdfast_engine_restarts',
    help: 'Ends of engines since their deployments were started',
    values: [restarts],
  })
  for (const [what, help] of [
    ['running', 'Calls an engine works on now'],
    ['waiting', 'Calls that wait in the queue of a deployment'],
  ] as const)
    show(site, { name: `holdfast_deployment_calls_${what}`, help, values: byDeployment(engines, what) }, ['deployment'])
}

const byDeployment = (engines: EngineNow[], what: 'running' | 'waiting') => {
  const sorted = engines.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const shown = sorted
    .slice(0, deploymentsShownMax)
    .map((each) => ({ labels: { deployment: each.id as string }, value: each[what] }))
  const rest = sorted.slice(deploymentsShownMax)
  return rest.length === 0 ? shown : [...shown, { labels: { deployment: 'other' }, value: sum(rest.map((each) => each[what])) }]
}

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0)

const readClock = ({ site }: Context): void => {
  const { behindFloorMs, suspicious } = site.clock.state()
  show(site, {
    name: 'holdfast_clock_behind_seconds',
    help: "How far the machine's clock is behind the last proven time",
    values: [{ value: behindFloorMs / 1000 }],
  })
  show(site, {
    name: 'holdfast_clock_suspicious',
    help: "1 while the machine's clock is far ahead of the last proven time",
    values: [{ value: Number(suspicious) }],
  })
}

const readLog = async (ctx: Context): Promise<void> => {
  const { size, waiting, oldestWaitingAt, checkpointAt } = await logState(ctx)
  const { site } = ctx
  const lagMs = oldestWaitingAt ? Math.max(0, ctx.now().getTime() - oldestWaitingAt.getTime()) : 0
  show(site, { name: 'holdfast_log_entries', help: 'Entries in the signed log', values: [{ value: size }] })
  show(site, {
    name: 'holdfast_log_entries_waiting',
    help: 'Entries that are durable and wait for their place in the signed log',
    values: [{ value: waiting }],
  })
  show(site, {
    name: 'holdfast_log_lag_seconds',
    help: 'Age of the oldest entry that waits for its place: how far the sequencer is behind',
    values: [{ value: lagMs / 1000 }],
  })
  show(site, {
    name: 'holdfast_log_checkpoint_timestamp_seconds',
    help: 'When the log was last signed',
    values: checkpointAt ? [{ value: checkpointAt.getTime() / 1000 }] : [],
  })
}

const readJobs = async (ctx: Context): Promise<void> => {
  const { rows } = await sql<{ waiting: number; scheduled: number; running: number; failed: number }>`
    select count(*) filter (where attempts < max_attempts and locked_at is null and run_at <= now())::int as waiting,
           count(*) filter (where attempts < max_attempts and locked_at is null and run_at > now())::int as scheduled,
           count(*) filter (where locked_at is not null)::int as running,
           count(*) filter (where attempts >= max_attempts and locked_at is null)::int as failed
    from graphile_worker.jobs`.execute(ctx.db)
  const values = Object.entries(rows[0] ?? {}).map(([state, value]) => ({ labels: { state }, value }))
  const help =
    'Jobs: due (waiting), due later (scheduled, retries too), being done (running), given up after their last try (failed)'
  show(ctx.site, { name: 'holdfast_jobs', help, values }, ['state'])
}

const readStorage = async (ctx: Context): Promise<void> => {
  const { site } = ctx
  const { rows } = await sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`.execute(ctx.db)
  const { freeBytes, totalBytes } = await diskOf(site.config.home)
  for (const [name, help, value] of [
    ['holdfast_blob_bytes', 'Bytes of the files kept by digest, models above all', await storedBytes(ctx)],
    ['holdfast_database_bytes', 'Bytes of the database', rows[0]?.bytes ?? 0],
    ['holdfast_disk_free_bytes', 'Free bytes on the disk of the home', freeBytes],
    ['holdfast_disk_bytes', 'All bytes of the disk of the home', totalBytes],
  ] as const)
    show(site, { name, help, values: [{ value }] })
  const ends = certificateEndsAt(site.config)
  show(site, {
    name: 'holdfast_certificate_end_timestamp_seconds',
    help: 'When the certificate that is served ends',
    values: ends ? [{ value: ends.getTime() / 1000 }] : [],
  })
  show(site, {
    name: 'holdfast_engines_isolated',
    help: '1 when engines run in a network namespace without a network',
    values: [{ value: Number(childrenIsolated()) }],
  })
}

const readContent = async (ctx: Context): Promise<void> => {
  storeCounters(ctx.site)
  const { damaged, verifiedShare, oldestVerifiedAt, condemnedBytes } = await storeHealth(ctx)
  for (const [name, help, value] of [
    ['holdfast_artifact_damaged', 'Stored files that are no longer what their digest says', damaged],
    ['holdfast_artifact_verified_ratio', 'Share of the stored bytes that were read again in time', verifiedShare],
    ['holdfast_artifact_condemned_bytes', 'Bytes that nothing needs, and that go after their grace', condemnedBytes],
  ] as const)
    show(ctx.site, { name, help, values: [{ value }] })
  show(ctx.site, {
    name: 'holdfast_artifact_oldest_verified_timestamp_seconds',
    help: 'When the stored file was read that was not read for longest',
    values: oldestVerifiedAt === null ? [] : [{ value: Date.parse(oldestVerifiedAt) / 1000 }],
  })
}

const stateValue = { ok: 0, warn: 1, fail: 2 } as const satisfies Record<Check['state'], number>

const readChecks = async (ctx: Context): Promise<void> => {
  const checks = await runChecks(ctx)
  const values = checks.map(({ name, state }) => ({
    labels: { check: name.toLowerCase().replaceAll(' ', '-') },
    value: stateValue[state],
  }))
  show(ctx.site, { name: 'holdfast_check', help: 'The checks of `holdfast status`: 0 well, 1 warns, 2 fails', values }, ['check'])
}
