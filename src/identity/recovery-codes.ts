// Recovery codes: paper for the day the second factor is lost. Ten, each good once; making new ones voids the old.
import { record } from '#audit'
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { atomically, type Context } from '#platform/context.ts'
import { requireFreshSession } from './acting.ts'
import { rows, type UserId } from './tables.ts'

const codesCount = 10
const codeBytes = 10 // 80 bits: not to be guessed, even with the hash in hand
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // no i, l, o, u: written by hand, read back by eye

const newCode = (): string => {
  const text = Array.from(randomBytes((codeBytes * 8) / 5), (byte) => alphabet[byte & 31]).join('')
  return text.replace(/(.{4})(?=.)/g, '$1-')
}

/** What people make of a code when they copy it: capitals, spaces, dashes, o for 0, i and l for 1. */
const plain = (code: string): string => code.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1')

/** Keyed, and bound to its person: a stolen table alone tells nothing. */
const hashCode = (ctx: Context, userId: string, code: string): Buffer =>
  ctx.site.secrets.hmac('identity/recovery-code', `${userId}:${plain(code)}`)

export const makeRecoveryCodes = async (ctx: Context): Promise<{ codes: string[] }> => {
  await ctx.authorize('profile.update', { kind: 'profile', id: ctx.actor.id, owner: ctx.actor.id })
  const userId = await requireFreshSession(ctx)
  return atomically(ctx, async (tx) => {
    const codes = Array.from({ length: codesCount }, newCode)
    await rows(tx).deleteFrom('identity_recovery_code').where('user_id', '=', userId).execute()
    await rows(tx)
      .insertInto('identity_recovery_code')
      .values(codes.map((code) => ({ user_id: userId, code_hash: hashCode(tx, userId, code), used_at: null })))
      .execute()
    await record(tx, 'recovery-codes.create', { kind: 'user', id: userId, owner: userId }, { count: codesCount })
    return { codes }
  })
}

/** One statement: of two uses at once, one wins. */
export const useRecoveryCode = async (tx: Context, userId: UserId, code: string): Promise<boolean> => {
  const used = await rows(tx)
    .updateTable('identity_recovery_code')
    .set({ used_at: tx.now() })
    .where('user_id', '=', userId)
    .where('code_hash', '=', hashCode(tx, userId, code))
    .where('used_at', 'is', null)
    .returning(sql<number>`1`.as('one'))
    .executeTakeFirst()
  return used !== undefined
}

export const recoveryCodesLeft = async (ctx: Context, userId: UserId): Promise<number> => {
  const { left } = await rows(ctx)
    .selectFrom('identity_recovery_code')
    .select((eb) => eb.fn.countAll<number>().as('left'))
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}
