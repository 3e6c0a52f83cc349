// Work that must happen later, as rows: enqueued in the transaction that wants it, claimed with skip locked, retried a bounded number of times.
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger as WorkerLogger, run, type Runner } from 'graphile-worker'
import { sql } from 'kysely'
import type pg from 'pg'
import { systemContext, type Context } from './context.ts'
import type { Json } from './json.ts'
import type { Logger } from './log.ts'
import type { Site } from './site.ts'

type Handler = (ctx: Context, payload: never) => Promise<void>

export type Jobs = { readonly handlers: Map<string, Handler> }

export const createJobs = (): Jobs => ({ handlers: new Map() })

export const attemptsMaxDefault = 12
const concurrency = 4

/** Handlers must be idempotent: a crash between effect and commit runs them again. */
export const defineJob = <P extends Json>(
  jobs: Jobs,
  name: string,
  handler: (ctx: Context, payload: P) => Promise<void>,
): void => {
  if (jobs.handlers.has(name)) throw new Error(`Job ${name} is defined twice`)
  jobs.handlers.set(name, handler)
}

export type EnqueueOptions = { /** Replaces a waiting job of the same key. */ key?: string; runAt?: Date; attemptsMax?: number }

export const enqueue = async (tx: Context, name: string, payload: Json, options: EnqueueOptions = {}): Promise<void> => {
  await sql`select graphile_worker.add_job(${name}, ${JSON.stringify(payload)}::json,
    run_at => ${options.runAt?.toISOString() ?? null}::timestamptz, max_attempts => ${options.attemptsMax ?? attemptsMaxDefault}::int,
    job_key => ${options.key ?? null}::text)`.execute(tx.db)
}

const againMs = 2_000

/**
 * When the database goes away under a job, the runner gives up, in promises that nobody holds: unheard, they would end the whole site.
 * So that each is heard: jobs are reported in batches (alone, graphile-worker 0.18 lets the report go unawaited), and what a shutdown
 * meets is kept to `runner.promise`.
 */
const givesUpAudibly: GraphileConfig.Preset = {
  worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
  plugins: [
    {
      name: 'HoldfastShutdown',
      version: '1.0.0',
      worker: {
        middleware: {
          poolGracefulShutdown: async (next) => {
            await Promise.resolve(next()).catch(() => {})
          },
          poolWorkerPrematureExit: (_next, { workerPool }) =>
            void (workerPool._shuttingDown || workerPool.gracefulShutdown('a worker ended')),
        },
      },
    },
  ],
}

/** Starts working; the returned stop waits for the jobs in hand. */
export const startJobs = async (site: Site, pool: pg.Pool): Promise<{ stop(): Promise<void> }> => {
  const taskList = Object.fromEntries(
    [...site.jobs.handlers].map(
      ([name, handler]) => [name, (payload: unknown) => handler(systemContext(site, name), payload as never)] as const,
    ),
  )
  const start = async (): Promise<Runner> => {
    await freeHeldJobs(pool)
    return run({
      pgPool: pool,
      taskList,
      concurrency,
      noHandleSignals: true,
      pollInterval: 2_000,
      logger: workerLogger(site.log),
      preset: givesUpAudibly,
    })
  }
  const stopping = new AbortController()
  let runner: Runner | undefined = await start()
  const holdUp = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await runner?.promise.catch((error: unknown) => site.log.error({ err: error, module: 'jobs' }, 'the job workers ended'))
      if (stopping.signal.aborted) return
      await sleep(againMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (!stopping.signal.aborted) runner = await start().catch(() => undefined)
    }
  }
  const holding = holdUp()
  return {
    stop: async () => {
      stopping.abort()
      await runner?.stop().catch(() => {}) // already stopped: fine
      await holding
    },
  }
}

/** One site works on a database, so what is held at a start is held by workers that are gone; by itself it would come free after four hours. */
const freeHeldJobs = async (pool: pg.Pool): Promise<void> => {
  await pool.query(
    'select graphile_worker.force_unlock_workers(array(select distinct locked_by from graphile_worker.jobs where locked_by is not null))',
  )
}

const workerLogger = (log: Logger): WorkerLogger =>
  new WorkerLogger(() => (level, message) => {
    if (level === 'error') log.error({ module: 'jobs', detail: message }, 'a job failed')
    else if (level === 'warning') log.warn({ module: 'jobs', detail: message }, 'jobs warn')
  })
