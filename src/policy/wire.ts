import { recordDenial } from '#audit'
import type { Context, ResourceRef, Verdict } from '#platform/context.ts'
import { listenTo } from '#platform/notices.ts'
import type { Site } from '#platform/site.ts'
import type pg from 'pg'
import { obligationsFor } from './approval-rules.ts'
import { decide } from './decide.ts'
import { channel, heard } from './facts.ts'

/** What others must approve is asked only of what one may do at all. */
const decideWithObligations = async (ctx: Context, action: string, on: ResourceRef): Promise<Verdict> => {
  const verdict = await decide(ctx, action, on)
  if (!verdict.allowed) return verdict
  const obligations = await obligationsFor(ctx, ctx.actor, action, on)
  return obligations.length === 0 ? verdict : { ...verdict, obligations }
}

/** Makes policy the one that contexts ask. */
export const wirePolicy = (site: Site): void => {
  site.wiring.decider = {
    decide: decideWithObligations,
    denied: async (ctx: Context, action: string, on: ResourceRef, verdict: Verdict) => {
      await recordDenial(ctx, action, on, { rules: verdict.reasons })
    },
  }
}

/** Hears of facts changed by other processes. */
export const startPolicy = (site: Site, pool: pg.Pool): Promise<{ stop(): Promise<void> }> =>
  listenTo(pool, channel, (said) => heard(site, said))
