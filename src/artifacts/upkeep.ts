// What runs beside requests so that the store stays healthy: retention and collection each hour, and the scrub.
import { setTimeout as sleep } from 'node:timers/promises'
import { systemContext, type Context } from '#platform/context.ts'
import { moveBlobs } from '#platform/move-blobs.ts'
import { startHasher } from '#platform/hasher.ts'
import type { Site } from '#platform/site.ts'
import { collect } from './collect.ts'
import { retainAll } from './retention.ts'
import { onScrubAsked, paceOf, scrubNext } from './scrub.ts'
import { lastCollection } from './storage.ts'

/** From the start of one collection to that of the next; across restarts too. */
const collectEveryMs = 3_600_000
/** How soon it is noticed that something is due. */
const lookMs = 60_000
/** A start has better things to do. */
const firstMs = 5_000

export const startUpkeep = (site: Site): { stop(): Promise<void> } => {
  const stopping = new AbortController()
  const signal = AbortSignal.any([stopping.signal, site.stopping])
  let woken = new AbortController()
  const pause = (ms: number) =>
    sleep(ms, undefined, { signal: AbortSignal.any([signal, woken.signal]), ref: false }).catch(() => {})
  onScrubAsked(site, () => {
    woken.abort()
    woken = new AbortController()
  })
  const repeat = async (purpose: string, work: (ctx: Context) => Promise<void>): Promise<void> => {
    await pause(firstMs)
    while (!signal.aborted) {
      const ctx: Context = { ...systemContext(site, purpose), signal }
      await work(ctx).catch((error: unknown) => {
        if (!signal.aborted) site.log.error({ err: error, purpose }, 'the upkeep of the store failed; trying again')
      })
      await pause(lookMs)
    }
  }
  const loops = [repeat('collection', collectWhenDue), repeat('scrub', scrubDue), repeat('move', moveAll)]
  return {
    stop: async () => {
      stopping.abort(new Error('The site stops'))
      await Promise.all(loops)
    },
  }
}

const collectWhenDue = async (ctx: Context): Promise<void> => {
  const last = await lastCollection(ctx)
  if (last && ctx.now().getTime() - Date.parse(last.startedAt) < collectEveryMs) return
  await retainAll(ctx)
  await collect(ctx)
}

/** What lies where new content does not go. */
const moveAll = async (ctx: Context): Promise<void> => {
  const { moved, bytes, left } = await moveBlobs(ctx.site.blobs, ctx.signal)
  if (moved > 0) ctx.log.warn({ moved, bytes, left, to: ctx.site.blobs.keepIn, module: 'artifacts' }, 'stored content was moved')
}

/** Until none is due. */
export const scrubDue = async (ctx: Context): Promise<void> => {
  if (ctx.site.config.scrub.percent === 0) return
  const hasher = startHasher()
  try {
    while (!ctx.signal.aborted && (await scrubNext(ctx, hasher, paceOf(ctx)))) continue
  } finally {
    await hasher.stop()
  }
}
