import { recordDenial } from '#audit'
import type { Context, ResourceRef, Verdict } from '#platform/context.ts'
import { listenTo } from '#platform/notices.ts'
import type { Site } from '#platform/site.ts'
import type pg from 'pg'
import { factsChanged } from './cache.ts'
import { decide } from './decide.ts'
import { channel } from './facts.ts'

/** Makes policy the one that contexts ask. */
export const wirePolicy = (site: Site): void => {
  site.wiring.decider = {
    decide,
    denied: async (ctx: Context, action: string, on: ResourceRef, verdict: Verdict) => {
      await recordDenial(ctx, action, on, { rules: verdict.reasons })
    },
  }
}

/** Hears of facts changed by other processes. */
export const startPolicy = (site: Site, pool: pg.Pool): Promise<{ stop(): Promise<void> }> =>
  listenTo(pool, channel, () => factsChanged.committed(site))
