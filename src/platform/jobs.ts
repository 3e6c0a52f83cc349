// Work that must happen later, as rows: enqueued in the transaction that wants it, claimed with skip locked, retried a bounded number of times.
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

/** Starts working; the returned stop waits for the jobs in hand. */
export const startJobs = async (site: Site, pool: pg.Pool): Promise<{ stop(): Promise<void> }> => {
  const taskList = Object.fromEntries(
    [...site.jobs.handlers].map(
      ([name, handler]) => [name, (payload: unknown) => handler(systemContext(site, name), payload as never)] as const,
    ),
  )
  const runner: Runner = await run({
    pgPool: pool,
    taskList,
    concurrency,
    noHandleSignals: true,
    pollInterval: 2_000,
    logger: workerLogger(site.log),
  })
  return {
    stop: async () => {
      await runner.stop().catch(() => {}) // already stopped: fine
    },
  }
}

const workerLogger = (log: Logger): WorkerLogger =>
  new WorkerLogger(() => (level, message) => {
    if (level === 'error') log.error({ module: 'jobs', detail: message }, 'a job failed')
    else if (level === 'warning') log.warn({ module: 'jobs', detail: message }, 'jobs warn')
  })
