// News between rooms, upward only: `emit` writes one outbox row (a job) per subscriber in the change's own transaction; each is delivered at least once.
import type { Context } from './context.ts'
import { defineJob, enqueue, type Jobs } from './jobs.ts'
import type { Json } from './json.ts'

export const on = <P extends Json>(
  jobs: Jobs,
  event: string,
  subscriber: string,
  handler: (ctx: Context, payload: P) => Promise<void>,
): void => defineJob(jobs, `${event}>${subscriber}`, handler)

export const emit = async (tx: Context, event: string, payload: Json): Promise<void> => {
  for (const name of tx.site.jobs.handlers.keys()) if (name.startsWith(`${event}>`)) await enqueue(tx, name, payload)
}
