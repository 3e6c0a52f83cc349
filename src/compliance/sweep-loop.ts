// The judge at work: one loop a process, on connections of its own, that gives way between slices.
import type pg from 'pg'
import { besidePool, createDb } from '#platform/db.ts'
import { systemContext, type Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { remediateNext } from './remediation-loop.ts'
import { judgeNext } from './sweep.ts'
import { inSlice, mendPoint } from './sweep-progress.ts'

/** Changes of any process are found by looking; what was asked of this one pokes. */
const lookMs = 500
const retryMs = 2_000
/** Between slices: requests that wait for a core or for the database come first. */
const breathMs = 2

const pokes = new WeakMap<Site, () => void>()
export const pokeJudge = (site: Site): void => pokes.get(site)?.()

export const startCompliance = async (site: Site, pool: pg.Pool): Promise<{ stop(): Promise<void> }> => {
  const own = besidePool(pool, 2)
  const ctx: Context = { ...systemContext(site, 'compliance'), db: createDb(own) }
  let stopping = false
  let wake: (() => void) | undefined
  let poked = false
  pokes.set(site, () => {
    poked = true
    wake?.()
  })
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const loop = async (): Promise<void> => {
    await inSlice(ctx, mendPoint).catch((error: unknown) => told(ctx, error))
    while (!stopping) {
      poked = false
      const judged = await judgeNext(ctx).catch((error: unknown) => told(ctx, error))
      const remediated = await remediateNext(ctx).catch((error: unknown) => told(ctx, error))
      const worked = judged === undefined || remediated === undefined ? undefined : judged || remediated
      if (worked === true) await new Promise((resolve) => setTimeout(resolve, breathMs))
      else if (!poked && !stopping) await pause(worked === false ? lookMs : retryMs)
    }
  }
  const running = loop()
  return {
    stop: async () => {
      stopping = true
      wake?.()
      pokes.delete(site)
      await running
      await own.end()
    },
  }
}

const told = (ctx: Context, error: unknown): undefined => {
  ctx.log.error({ err: error, module: 'compliance' }, 'a slice could not be judged or remediated; trying again')
  return undefined
}
