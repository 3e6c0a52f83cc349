// The second factor beside a password: a code from an authenticator app, or a recovery code in its place.
import { record } from '#audit'
import { randomBytes } from 'node:crypto'
import { atomically, type Context, type Factor } from '#platform/context.ts'
import { conflict, notFound, problem } from '#platform/problem.ts'
import { requireFreshSession } from './acting.ts'
import { findOrganisation, findPerson, lockPerson, type Person } from './people.ts'
import { useRecoveryCode } from './recovery-codes.ts'
import { endSessions, renewSession, type Opened } from './sessions.ts'
import { rows } from './tables.ts'
import { matchCode, seedBytes, toBase32, totpUri } from './totp.ts'

export const codeRefused = problem('code-refused', 400, 'The code is not right')

const purpose = 'identity/totp'

const own = (ctx: Context) => ({ kind: 'profile', id: ctx.actor.id, owner: ctx.actor.id })

/** Offers a seed. It counts from the first right code on, so that a botched scan locks nobody out. */
export const offerTotp = async (ctx: Context): Promise<{ secret: string; uri: string }> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  const seed = randomBytes(seedBytes)
  const person = await findPerson(ctx, userId)
  if (!person) throw notFound('You are no longer here.')
  const changed = await rows(ctx)
    .updateTable('identity_user')
    .set({ totp_sealed: ctx.site.secrets.seal(purpose, seed, userId), totp_last_step: null })
    .where('id', '=', userId)
    .where('totp_confirmed_at', 'is', null)
    .executeTakeFirst()
  if (changed.numUpdatedRows === 0n) throw conflict('An authenticator app is set up already. Remove it first.')
  const secret = toBase32(seed)
  const organisation = await findOrganisation(ctx)
  return {
    secret,
    uri: totpUri(secret, {
      issuer: `${organisation?.name ?? 'Holdfast'} (${ctx.site.config.siteName})`,
      account: person.username,
    }),
  }
}

/** From here on a password alone no longer opens a session; those it opened before end, but for this one, which is renewed. */
export const confirmTotp = async (ctx: Context, code: string): Promise<Opened | undefined> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  return atomically(ctx, async (tx) => {
    const person = await lockPerson(tx, userId)
    if (!person?.totp_sealed || person.totp_confirmed_at) throw conflict('There is no authenticator app waiting to be confirmed.')
    if (!(await useTotp(tx, person, code)))
      throw codeRefused('The code does not match. Check that the clocks of this site and of your device agree.', {
        siteTime: tx.now().toISOString(),
      })
    await rows(tx).updateTable('identity_user').set({ totp_confirmed_at: tx.now() }).where('id', '=', userId).execute()
    const ended = await endSessions(tx, userId, tx.actor.via?.id)
    await record(tx, 'totp.create', { kind: 'user', id: userId, owner: userId }, { sessionsEnded: ended })
    return renewSession(tx, tx.actor.via?.id ?? '')
  })
}

export const removeTotp = async (ctx: Context): Promise<void> => {
  await ctx.authorize('profile.update', own(ctx))
  const userId = await requireFreshSession(ctx)
  await atomically(ctx, async (tx) => {
    const person = await lockPerson(tx, userId)
    if (!person?.totp_sealed) throw notFound('No authenticator app is set up.')
    await rows(tx)
      .updateTable('identity_user')
      .set({ totp_sealed: null, totp_confirmed_at: null, totp_last_step: null })
      .where('id', '=', userId)
      .execute()
    await record(tx, 'totp.delete', { kind: 'user', id: userId, owner: userId })
  })
}

/** Which factor a code proves, if any. The person's row is locked by the caller, so of two uses of one code at once, one wins. */
export const useSecondFactor = async (tx: Context, person: Person, code: string): Promise<Factor | undefined> => {
  if (await useTotp(tx, person, code)) return 'totp'
  if (await useRecoveryCode(tx, person.id, code)) return 'recovery'
  return undefined
}

const useTotp = async (tx: Context, person: Person, code: string): Promise<boolean> => {
  if (!person.totp_sealed) return false
  const step = matchCode(tx.site.secrets.unseal(purpose, person.totp_sealed, person.id), code, tx.now(), person.totp_last_step)
  if (step === undefined) return false
  await rows(tx).updateTable('identity_user').set({ totp_last_step: step }).where('id', '=', person.id).execute()
  return true
}
