import { recordDenial } from '#audit'
import type { Context, ResourceRef, Verdict } from '#platform/context.ts'
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

const reconnectMs = 250

/** Hears of facts changed by other processes. */
export const startPolicy = async (site: Site, pool: pg.Pool): Promise<{ stop(): Promise<void> }> => {
  let stopping = false
  let client: pg.PoolClient | undefined
  const listen = async (): Promise<void> => {
    client = await pool.connect()
    client.on('notification', () => factsChanged.committed(site))
    client.once('error', () => {
      client?.release(true)
      client = undefined
      factsChanged.committed(site)
      if (!stopping) setTimeout(() => void listen().catch(() => {}), reconnectMs).unref()
    })
    await client.query(`listen ${channel}`)
    factsChanged.committed(site)
  }
  await listen()
  return {
    stop: async () => {
      stopping = true
      client?.release(true)
    },
  }
}
