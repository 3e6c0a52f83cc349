// What calls cost, counted where they are settled, so that what is measured is what is recorded.
import { Counter, Histogram } from 'prom-client'
import type { Outcome } from '#audit'
import { perSite } from '#platform/metrics.ts'
import type { Site } from '#platform/site.ts'
import type { Usage } from './complete.ts'

const kinds = ['prompt', 'completion'] as const
const outcomes = ['done', 'failed', 'cancelled'] as const satisfies Outcome[]
const seconds = [0.05, 0.2, 0.5, 1, 2, 5, 15, 60, 300]

const counts = perSite((registers) => ({
  calls: new Counter({
    name: 'holdfast_calls_total',
    help: 'Calls of deployments that policy permitted, by how they ended',
    labelNames: ['outcome'],
    registers,
  }),
  tokens: new Counter({
    name: 'holdfast_tokens_total',
    help: 'Tokens read (prompt) and written (completion)',
    labelNames: ['kind'],
    registers,
  }),
  whole: new Histogram({
    name: 'holdfast_call_seconds',
    help: 'Time of a whole call, queue included',
    buckets: seconds,
    registers,
  }),
  first: new Histogram({
    name: 'holdfast_call_first_token_seconds',
    help: 'Time from a call to the first piece of its answer, queue included',
    buckets: seconds,
    registers,
  }),
  queue: new Histogram({
    name: 'holdfast_call_queue_seconds',
    help: 'Time a call waited for its turn',
    buckets: seconds,
    registers,
  }),
}))

/** From nought, not from the first call: a rate over a counter that is not there yet is no rate. */
export const beginCounting = (site: Site): void => {
  const { calls, tokens } = counts(site)
  for (const outcome of outcomes) calls.inc({ outcome }, 0)
  for (const kind of kinds) tokens.inc({ kind }, 0)
}

type Settled = { outcome: Outcome; usage: Usage; totalMs: number; queueMs: number; ttftMs: number | undefined }

export const countCall = (site: Site, { outcome, usage, totalMs, queueMs, ttftMs }: Settled): void => {
  const { calls, tokens, whole, first, queue } = counts(site)
  calls.inc({ outcome })
  tokens.inc({ kind: 'prompt' }, usage.promptTokens)
  tokens.inc({ kind: 'completion' }, usage.completionTokens)
  whole.observe(totalMs / 1000)
  queue.observe(queueMs / 1000)
  if (ttftMs !== undefined) first.observe(ttftMs / 1000)
}
