import type pg from 'pg'
import { listenTo } from '#platform/notices.ts'
import type { Site } from '#platform/site.ts'
import { factsChanged } from './cache.ts'
import { channel } from './facts.ts'

/** Hears of facts changed by other processes. */
export const startGuardrails = (site: Site, pool: pg.Pool): Promise<{ stop(): Promise<void> }> =>
  listenTo(pool, channel, () => factsChanged.committed(site))
