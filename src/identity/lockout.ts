// Guessing is made slow, never impossible to recover from: after a few failures each further one costs a longer pause, up to a quarter of an hour.
// A pause closes the password way only; passkeys stay open, so nobody can be locked out for good by a stranger who knows their name.
import { sql } from 'kysely'
import { isIPv6 } from 'node:net'
import { atomically, type Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { rows } from './tables.ts'

export const signInPaused = problem('sign-in-paused', 429, 'Sign-in is paused after failed attempts')

export const userFailuresFree = 5
/** Many people may share one address (a proxy, a ward's terminal), so it gets more. */
export const addressFailuresFree = 30
export const pauseMsFirst = 1_000
export const pauseMsMax = 15 * 60_000
/** After this long without a failure, old ones are forgotten. */
export const forgetMs = 24 * 3_600_000
/** A flood of failures becomes one entry a minute with a count, so that it cannot fill the log. */
export const recordEveryMs = 60_000

export const pauseMs = (failures: number, free: number): number =>
  failures < free ? 0 : Math.min(pauseMsMax, pauseMsFirst * 2 ** Math.min(failures - free, 30))

export type Attempt = { readonly user: Buffer; readonly address: Buffer }

/** One subscriber commonly holds a whole /64 of IPv6, and would otherwise have 2^64 addresses to guess from. */
const addressGroup = (address: string): string => {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = address.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left
  return groups.slice(0, 4).join(':')
}

/**
 * Counts the attempt as failed before the password is looked at: a thousand guesses sent at once are a thousand failures, not one read of an old count.
 * `settle` takes it back when it was none.
 */
export const reserveAttempt = (ctx: Context, who: { username: string; address: string }): Promise<Attempt> => {
  const attempt = {
    user: ctx.site.secrets.hmac('identity/attempt', `user:${who.username}`),
    address: ctx.site.secrets.hmac('identity/attempt', `address:${addressGroup(who.address)}`),
  }
  return atomically(ctx, async (tx) => {
    // Always user before address: two attempts never wait for each other in a circle.
    await reserve(tx, attempt.user, userFailuresFree)
    await reserve(tx, attempt.address, addressFailuresFree)
    return attempt
  })
}

const reserve = async (tx: Context, subject: Buffer, free: number): Promise<void> => {
  const at = tx.now()
  const row = await rows(tx)
    .insertInto('identity_attempt')
    .values({ subject, failures: 0, last_at: at, paused_until: null, unrecorded: 0, recorded_at: null })
    // Writes nothing, locks the row: attempts on one subject take turns.
    .onConflict((on) => on.column('subject').doUpdateSet({ unrecorded: (eb) => eb.ref('identity_attempt.unrecorded') }))
    .returningAll()
    .executeTakeFirstOrThrow()
  if (row.paused_until && row.paused_until > at) throw paused(row.paused_until, at)
  const failures = (at.getTime() - row.last_at.getTime() > forgetMs ? 0 : row.failures) + 1
  const pause = pauseMs(failures, free)
  await rows(tx)
    .updateTable('identity_attempt')
    .set({ failures, last_at: at, paused_until: pause === 0 ? null : new Date(at.getTime() + pause) })
    .where('subject', '=', subject)
    .execute()
}

const paused = (until: Date, at: Date) => {
  const seconds = Math.max(1, Math.ceil((until.getTime() - at.getTime()) / 1000))
  return signInPaused(`Too many failed attempts. Try again in ${seconds} s, or sign in with a passkey.`, {
    tryAgainAt: until.toISOString(),
    headers: { 'retry-after': String(seconds) },
  })
}

/** The attempt was no failure. The person's count starts anew; the address only gets this one back, or one account would cover guesses at all others. */
export const settleSuccess = async (tx: Context, attempt: Attempt): Promise<{ failedBefore: number }> => {
  const row = await rows(tx)
    .deleteFrom('identity_attempt')
    .where('subject', '=', attempt.user)
    .returning('unrecorded')
    .executeTakeFirst()
  await takeBack(tx, attempt.address)
  return { failedBefore: row?.unrecorded ?? 0 }
}

/** Neither failed nor done: the password was right and a code is still to come. */
export const settleUndecided = async (tx: Context, attempt: Attempt): Promise<void> => {
  await takeBack(tx, attempt.user)
  await takeBack(tx, attempt.address)
}

const takeBack = async (tx: Context, subject: Buffer): Promise<void> => {
  await rows(tx)
    .updateTable('identity_attempt')
    .set({ failures: sql<number>`greatest(failures - 1, 0)`, paused_until: null })
    .where('subject', '=', subject)
    .execute()
}

/** How many failures the log should now be told of; 0 while the last entry is younger than a minute. */
export const countFailure = async (tx: Context, subject: Buffer): Promise<number> => {
  const at = tx.now()
  const row = await rows(tx)
    .updateTable('identity_attempt')
    .set({ unrecorded: sql<number>`unrecorded + 1` })
    .where('subject', '=', subject)
    .returning(['unrecorded', 'recorded_at'])
    .executeTakeFirst()
  if (!row || (row.recorded_at && at.getTime() - row.recorded_at.getTime() < recordEveryMs)) return 0
  await rows(tx).updateTable('identity_attempt').set({ unrecorded: 0, recorded_at: at }).where('subject', '=', subject).execute()
  return row.unrecorded
}
