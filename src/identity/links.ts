// One-time links: how someone comes in who has no way in yet. The token is in the link alone; we hold its hash, and each opens one door once.
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { problem } from '#platform/problem.ts'
import { rows, type Tables, type UserId } from './tables.ts'
import { hashToken, newToken } from './tokens.ts'
import type { Selectable } from 'kysely'

export const linkUnknown = problem('link-unknown', 404, 'The link is not valid')
export const linkUsed = problem('link-used', 410, 'The link was used already')
export const linkExpired = problem('link-expired', 410, 'The link has expired')

export type LinkPurpose = Tables['identity_link']['purpose']
export type Link = Selectable<Tables['identity_link']>

export const linkAgeMs: Record<LinkPurpose, number> = {
  setup: 24 * 3_600_000,
  invitation: 7 * 24 * 3_600_000,
  recovery: 3_600_000,
}

/** An older unused link of the same purpose and person stops working: of two links that float about, one is a risk. */
export const issueLink = async (
  tx: Context,
  purpose: LinkPurpose,
  userId?: UserId,
): Promise<{ token: string; expiresAt: Date }> => {
  const at = tx.now()
  const token = newToken()
  const expiresAt = new Date(at.getTime() + linkAgeMs[purpose])
  await rows(tx)
    .deleteFrom('identity_link')
    .where('purpose', '=', purpose)
    .where('user_id', 'is not distinct from', userId ?? null)
    .where('used_at', 'is', null)
    .execute()
  await rows(tx)
    .insertInto('identity_link')
    .values({
      id: newId('link', at),
      token_hash: hashToken(token),
      purpose,
      user_id: userId ?? null,
      created_at: at,
      expires_at: expiresAt,
      used_at: null,
    })
    .execute()
  return { token, expiresAt }
}

/** Looks without using: to greet, and to begin a passkey. */
export const peekLink = async (ctx: Context, purposes: readonly LinkPurpose[], token: string): Promise<Link> => {
  const link = await rows(ctx)
    .selectFrom('identity_link')
    .selectAll()
    .where('token_hash', '=', hashToken(token))
    .executeTakeFirst()
  return usable(ctx, purposes, link)
}

/** The row lock makes the second of two requests wait, and then find the link used. */
export const consumeLink = async (tx: Context, purposes: readonly LinkPurpose[], token: string): Promise<Link> => {
  const found = await rows(tx)
    .selectFrom('identity_link')
    .selectAll()
    .where('token_hash', '=', hashToken(token))
    .forUpdate()
    .executeTakeFirst()
  const link = usable(tx, purposes, found)
  await rows(tx).updateTable('identity_link').set({ used_at: tx.now() }).where('id', '=', link.id).execute()
  return link
}

const usable = (ctx: Context, purposes: readonly LinkPurpose[], link: Link | undefined): Link => {
  if (!link || !purposes.includes(link.purpose))
    throw linkUnknown('This link is not one of this site, or a newer one took its place.')
  if (link.used_at)
    throw linkUsed(
      `This link was used on ${link.used_at.toISOString()}. A link opens one door once; sign in, or ask for a new one.`,
    )
  if (link.expires_at <= ctx.now()) throw linkExpired(`This link expired on ${link.expires_at.toISOString()}. Ask for a new one.`)
  return link
}
