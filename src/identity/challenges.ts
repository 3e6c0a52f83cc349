// Random bytes for a person's own key to sign, so that an answer proves that it was made now and for us. None is answered twice.
import { randomBytes } from 'node:crypto'
import type { Context } from '#platform/context.ts'
import { rows, type Purpose, type Tables, type UserId } from './tables.ts'

const challengeBytes = 32
/** Long enough for a sign-in page that waits for its visitor. */
export const challengeAgeMs = 15 * 60_000
/** Anyone may ask for one, so there is an end to them: the oldest go first. */
const challengesMax = 10_000

export type Challenge = Tables['identity_challenge']

export const newChallenge = async (
  ctx: Context,
  given: { purpose: Purpose; userId?: UserId; rpId: string },
): Promise<Uint8Array<ArrayBuffer>> => {
  const at = ctx.now()
  const bytes = new Uint8Array(randomBytes(challengeBytes))
  await rows(ctx)
    .deleteFrom('identity_challenge')
    .where((eb) =>
      eb.or([
        eb('expires_at', '<', at),
        eb(
          'challenge',
          'in',
          eb
            .selectFrom('identity_challenge as kept')
            .select('kept.challenge')
            .orderBy('kept.expires_at', 'desc')
            .offset(challengesMax - 1),
        ),
      ]),
    )
    .execute()
  await rows(ctx)
    .insertInto('identity_challenge')
    .values({
      challenge: Buffer.from(bytes).toString('base64url'),
      purpose: given.purpose,
      user_id: given.userId ?? null,
      rp_id: given.rpId,
      expires_at: new Date(at.getTime() + challengeAgeMs),
    })
    .execute()
  return bytes
}

/** Taken out before anything is verified: whatever comes of it, no challenge is answered twice. Undefined when it is unknown or too old. */
export const takeChallenge = async (ctx: Context, purpose: Purpose, challenge: string): Promise<Challenge | undefined> => {
  const row = await rows(ctx)
    .deleteFrom('identity_challenge')
    .where('challenge', '=', challenge)
    .where('purpose', '=', purpose)
    .returningAll()
    .executeTakeFirst()
  return row && row.expires_at > ctx.now() ? row : undefined
}
