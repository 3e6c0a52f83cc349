// What a newcomer brings along to sign in with from now on: a password, a passkey, or both.
import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Context, Factor } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import { parseShownName } from './names.ts'
import { insertPasskey, passkeyRefused, verifyRegistration, type VerifiedPasskey } from './passkeys.ts'
import { checkPassword, hashPassword } from './passwords.ts'
import type { From } from './sessions.ts'
import { rows, type UserId } from './tables.ts'

type Given = { password?: string; passkey?: RegistrationResponseJSON; passkeyName?: string }
export type Credentials = {
  passwordHash: string | undefined
  passkey: VerifiedPasskey | undefined
  passkeyName: string
  factors: Factor[]
}

/** All slow work, before a transaction holds any lock. */
export const prepareCredentials = async (
  ctx: Context,
  given: Given,
  about: { words: string[]; userId?: UserId; from: From },
): Promise<Credentials> => {
  if (given.password === undefined && given.passkey === undefined)
    throw invalid('Give a password or a passkey: without either there is no way to sign in later.')
  if (given.password !== undefined) checkPassword(given.password, about.words)
  const passkey = given.passkey && (await verifyRegistration(ctx, given.passkey, about.from))
  if (passkey && about.userId !== undefined && passkey.userId !== about.userId)
    throw passkeyRefused('This passkey was begun for another person. Begin again.')
  return {
    passwordHash: given.password === undefined ? undefined : await hashPassword(given.password),
    passkey,
    passkeyName: parseShownName(given.passkeyName ?? 'First passkey', 'passkeyName'),
    factors: [...(given.password === undefined ? [] : (['password'] as const)), ...(passkey ? (['passkey'] as const) : [])],
  }
}

export const storeCredentials = async (tx: Context, userId: UserId, given: Credentials): Promise<void> => {
  if (given.passwordHash !== undefined)
    await rows(tx)
      .updateTable('identity_user')
      .set({ password_hash: given.passwordHash, password_changed_at: tx.now() })
      .where('id', '=', userId)
      .execute()
  if (given.passkey) await insertPasskey(tx, given.passkey, { userId, name: given.passkeyName })
}
