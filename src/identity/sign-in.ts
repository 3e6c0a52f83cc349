// Signing in: by password, with a code where one is set up, or by passkey. Whatever is wrong, the answer is one and the same.
import { record } from '#audit'
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { atomically, type Context, type Factor, type Principal } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { actingAs } from './acting.ts'
import { countFailure, reserveAttempt, settleSuccess, settleUndecided, type Attempt } from './lockout.ts'
import { usernameKey } from './names.ts'
import { refuseForeignOrigin } from './origin.ts'
import { markPasskeyUsed, passkeyRefused, verifySignIn } from './passkeys.ts'
import { verifyPassword } from './passwords.ts'
import { findPersonByName, lockPerson, type Person } from './people.ts'
import type { SignIn } from './schema.ts'
import { useSecondFactor } from './second-factor.ts'
import { openSession, type From, type Opened } from './sessions.ts'
import { sweepExpired } from './sweep.ts'
import { rows, type SessionId } from './tables.ts'

export const signInFailed = problem('sign-in-failed', 401, 'Sign-in failed')
export const secondFactorNeeded = problem('second-factor-needed', 401, 'A code is needed too')

const failedText = 'User name, password or code is wrong, or this person may not sign in.'

type Outcome = { opened: Opened } | { failed: Problemish }
type Problemish = ReturnType<typeof signInFailed>

export const signIn = async (ctx: Context, given: SignIn, from: From): Promise<Opened> => {
  ctx.decidedPublic('sign-in')
  refuseForeignOrigin(ctx.site, from)
  await sweepExpired(ctx)
  const attempt = await reserveAttempt(ctx, { username: usernameKey(given.username), address: from.address })
  const found = await findPersonByName(ctx, given.username)
  const right = await verifyPassword(found?.password_hash, given.password)

  // Failures commit too: their count and their record must outlive the refusal.
  const outcome = await atomically(ctx, async (tx): Promise<Outcome> => {
    // Read again under a lock: the person may have been disabled, or the password changed, while the hash was computed.
    const person = found && (await lockPerson(tx, found.id))
    if (!person || !right || person.state !== 'active' || person.password_hash !== found?.password_hash)
      return { failed: await refused(tx, attempt, person) }
    const factors: Factor[] = ['password']
    if (person.totp_confirmed_at) {
      if (given.code === undefined) {
        await settleUndecided(tx, attempt)
        return { failed: secondFactorNeeded('Enter the code of your authenticator app, or a recovery code.') }
      }
      const second = await useSecondFactor(tx, person, given.code)
      if (!second) return { failed: await refused(tx, attempt, person) }
      factors.push(second)
    }
    const { failedBefore } = await settleSuccess(tx, attempt)
    return { opened: await open(tx, person, { factors, from, failedBefore }) }
  })
  if ('failed' in outcome) throw outcome.failed
  return outcome.opened
}

/** Known people get an entry of their own; unknown names are told by address, so that a list of made-up names cannot fill the log. */
const refused = async (tx: Context, attempt: Attempt, person: Person | undefined): Promise<Problemish> => {
  const count = await countFailure(tx, person ? attempt.user : attempt.address)
  if (count > 0)
    await record(
      tx,
      'session.create',
      person ? { kind: 'user', id: person.id, owner: person.id } : { kind: 'user' },
      { attempts: count, addressHmac: attempt.address.toString('base64url') },
      { outcome: 'failed' },
    )
  return signInFailed(failedText)
}

const open = async (
  tx: Context,
  person: Person,
  how: { factors: Factor[]; from: From; failedBefore?: number; passkey?: string },
): Promise<Opened> => {
  const opened = await openSession(tx, { userId: person.id, factors: how.factors, from: how.from })
  await replaceOld(tx, tx.actor)
  await record(
    actingAs(tx, opened.principal),
    'session.create',
    { kind: 'session', id: opened.id, owner: person.id },
    {
      factors: how.factors,
      ...(how.passkey ? { passkey: how.passkey } : {}),
      ...(how.failedBefore ? { failedBefore: how.failedBefore } : {}),
    },
  )
  return opened
}

/** Signing in over an open session ends it: a browser holds one. */
const replaceOld = async (tx: Context, before: Principal): Promise<void> => {
  if (before.via?.kind !== 'session') return
  await rows(tx)
    .deleteFrom('identity_session')
    .where('id', '=', before.via.id as SessionId)
    .execute() // compared, never trusted
}

/** Open even while the password way is paused: there is nothing here to guess. */
export const signInByPasskey = async (ctx: Context, response: AuthenticationResponseJSON, from: From): Promise<Opened> => {
  ctx.decidedPublic('sign-in')
  refuseForeignOrigin(ctx.site, from)
  await sweepExpired(ctx)
  const used = await verifySignIn(ctx, response, from)
  const outcome = await atomically(ctx, async (tx): Promise<Outcome> => {
    const person = await lockPerson(tx, used.userId)
    if (!person || person.state !== 'active') return { failed: signInFailed(failedText) }
    // Two answers at once with one counter value are a clone as well; the row settles it.
    if (used.regressed || !(await markPasskeyUsed(tx, used))) {
      await record(
        tx,
        'session.create',
        { kind: 'user', id: person.id, owner: person.id },
        { passkey: used.id, counterRegressed: true },
        { outcome: 'failed' },
      )
      return {
        failed: passkeyRefused(
          'The counter of this passkey ran backwards, as it does when a key was copied. Remove it, and register a new one.',
        ),
      }
    }
    return { opened: await open(tx, person, { factors: ['passkey'], from, passkey: used.id }) }
  })
  if ('failed' in outcome) throw outcome.failed
  return outcome.opened
}
