// What has expired is of no use to anyone but a thief. Swept along with sign-ins, so it needs no timer and no wiring.
import { monotonicMs } from '#platform/clock.ts'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { forgetMs } from './lockout.ts'
import { sessionIdleMs } from './sessions.ts'
import { rows } from './tables.ts'

const sweepEveryMs = 10 * 60_000
const lastSwept = new WeakMap<Site, number>()

export const sweepExpired = async (ctx: Context): Promise<void> => {
  const now = monotonicMs()
  const last = lastSwept.get(ctx.site)
  if (last !== undefined && now - last < sweepEveryMs) return
  lastSwept.set(ctx.site, now)
  const at = ctx.now()
  const before = (ms: number) => new Date(at.getTime() - ms)
  await rows(ctx)
    .deleteFrom('identity_session')
    .where((eb) => eb.or([eb('expires_at', '<', at), eb('last_seen_at', '<', before(sessionIdleMs))]))
    .execute()
  await rows(ctx).deleteFrom('identity_challenge').where('expires_at', '<', at).execute()
  await rows(ctx).deleteFrom('identity_attempt').where('last_at', '<', before(forgetMs)).execute()
}
