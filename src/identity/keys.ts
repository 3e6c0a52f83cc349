// API keys: how programs act for a person. A key can do at most what its owner can, for at most a year, and is shown once.
import { record } from '#audit'
import { allActions, scopeByPath, scopePath } from '#policy'
import type { Selectable } from 'kysely'
import type { Static } from 'typebox'
import { afterCommit, atomically, type Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { conflict, invalid, notFound, problem } from '#platform/problem.ts'
import { requireSession } from './acting.ts'
import { keyPrefix } from './authenticate.ts'
import { parseShownName } from './names.ts'
import { forgetPrincipals } from './principal-cache.ts'
import type { Key, KeyMade, NewKey } from './schema.ts'
import { rows, type KeyId, type Tables, type UserId } from './tables.ts'
import { hashToken, newToken } from './tokens.ts'

export const keyTooWide = problem('key-too-wide', 403, 'A key cannot do more than its owner')

const dayMs = 24 * 3_600_000
export const keyAgeMsMax = 366 * dayMs
const keyAgeMsDefault = 90 * dayMs
const keysPerUserMax = 100
const hintLength = keyPrefix.length + 5

export const createKey = async (ctx: Context, given: NewKey): Promise<Static<typeof KeyMade>> => {
  const userId = requireSession(ctx)
  const name = parseShownName(given.name, 'name')
  const scopeId = given.scope === undefined ? undefined : await scopeByPath(ctx, given.scope)
  await ctx.authorize('key.create', { kind: 'key', owner: userId })
  const expiresAt = expiryOf(ctx, given.expiresAt)
  if (given.actions) await refuseWider(ctx, given.actions, scopeId)

  return atomically(ctx, async (tx) => {
    await refuseTooMany(tx, userId)
    const secret = newToken(keyPrefix)
    const row = await rows(tx)
      .insertInto('identity_key')
      .values({
        id: newId('key', tx.now()),
        secret_hash: hashToken(secret),
        user_id: userId,
        name,
        hint: secret.slice(0, hintLength),
        scope_id: scopeId ?? null,
        actions: given.actions ? [...new Set(given.actions)].sort() : null,
        created_at: tx.now(),
        expires_at: expiresAt,
        last_used_at: null,
        revoked_at: null,
        device: ctx.actor.device === undefined ? null : Buffer.from(ctx.actor.device, 'base64url'),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    await record(
      tx,
      'key.create',
      { kind: 'key', id: row.id, owner: userId, ...(scopeId === undefined ? {} : { scope: scopeId }) },
      { expiresAt: expiresAt.toISOString(), ...(row.actions ? { actions: row.actions } : {}) },
      { sealed: { subject: userId, content: { name } } },
    )
    return { key: await toKey(tx, row), secret }
  })
}

const expiryOf = (ctx: Context, given: string | undefined): Date => {
  const at = ctx.now().getTime()
  const expiresAt = given === undefined ? new Date(at + keyAgeMsDefault) : new Date(given)
  if (Number.isNaN(expiresAt.getTime())) throw invalid('expiresAt is not a moment.', { field: 'expiresAt' })
  if (expiresAt.getTime() <= at)
    throw invalid('expiresAt has passed already.', { field: 'expiresAt', siteTime: new Date(at).toISOString() })
  if (expiresAt.getTime() - at > keyAgeMsMax)
    throw invalid('A key lasts a year at most.', { field: 'expiresAt', latest: new Date(at + keyAgeMsMax).toISOString() })
  return expiresAt
}

/** Not needed for safety, since each use is decided anew with the owner's rights; but a key that promises what it cannot do helps nobody. */
const refuseWider = async (ctx: Context, actions: readonly string[], scope: string | undefined): Promise<void> => {
  const unknown = actions.filter((action) => !allActions.includes(action))
  if (unknown.length > 0)
    throw invalid(`There is no action ${unknown.slice(0, 5).join(', ')}.`, { field: 'actions', unknown: unknown.slice(0, 20) })
  const lacking: string[] = []
  for (const action of actions) {
    const on = { kind: action.slice(0, action.lastIndexOf('.')), owner: ctx.actor.id, ...(scope === undefined ? {} : { scope }) }
    if (!(await ctx.permits(action, on))) lacking.push(action)
  }
  if (lacking.length > 0)
    throw keyTooWide(
      `You may not ${lacking.join(', ')} ${scope === undefined ? 'in the whole organisation; name a scope where you may' : 'there'}.`,
      { actions: lacking },
    )
}

const refuseTooMany = async (tx: Context, userId: UserId): Promise<void> => {
  const { count } = await rows(tx)
    .selectFrom('identity_key')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', tx.now())
    .executeTakeFirstOrThrow()
  if (count >= keysPerUserMax)
    throw conflict(`A person has at most ${keysPerUserMax} keys in force. Revoke some first.`, { max: keysPerUserMax })
}

const toKey = async (ctx: Context, row: Selectable<Tables['identity_key']>): Promise<Key> => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  owner: row.user_id,
  ...(row.scope_id === null ? {} : { scope: (await scopePath(ctx, row.scope_id)) ?? row.scope_id }),
  ...(row.actions === null ? {} : { actions: row.actions }),
  state: row.revoked_at ? 'revoked' : row.expires_at <= ctx.now() ? 'expired' : 'active',
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
})

const listedMax = 200

export const listKeys = async (ctx: Context, of?: string): Promise<Key[]> => {
  const owner = of ?? ctx.actor.id
  await ctx.authorize('key.read', { kind: 'key', owner })
  const found = await rows(ctx)
    .selectFrom('identity_key')
    .selectAll()
    .where('user_id', '=', owner as UserId) // compared, never trusted
    .orderBy('id', 'desc')
    .limit(listedMax)
    .execute()
  const keys: Key[] = []
  for (const row of found) keys.push(await toKey(ctx, row))
  return keys
}

/** The row stays, so that whoever uses the key later is told it was revoked. */
export const revokeKey = (ctx: Context, id: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    const row = await rows(tx)
      .selectFrom('identity_key')
      .select(['id', 'user_id', 'revoked_at'])
      .where('id', '=', id as KeyId)
      .forUpdate()
      .executeTakeFirst() // looked up, never trusted
    // For an id that nobody has, the question is whether one may revoke others' keys: refusal then tells nothing.
    await tx.authorize('key.revoke', { kind: 'key', id, ...(row ? { owner: row.user_id } : {}) })
    if (!row) throw notFound(`No key ${id}.`)
    if (row.revoked_at) return
    await rows(tx).updateTable('identity_key').set({ revoked_at: tx.now() }).where('id', '=', row.id).execute()
    afterCommit(tx, () => forgetPrincipals(tx.site))
    await record(tx, 'key.revoke', { kind: 'key', id: row.id, owner: row.user_id }, { user: row.user_id })
  })
