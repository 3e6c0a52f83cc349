// What the overview shows of this room.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { rows } from './tables.ts'

export const countIdentities = async (ctx: Context): Promise<{ people: number; groups: number; keys: number }> => {
  const { rows: counts } = await sql<{ people: number; groups: number; keys: number }>`select
    (select count(*)::int from identity_user) as people, (select count(*)::int from identity_group) as groups,
    (select count(*)::int from identity_key where revoked_at is null and expires_at > ${ctx.now()}) as keys`.execute(ctx.db)
  return counts[0] ?? { people: 0, groups: 0, keys: 0 }
}

const shownMax = 50

/** Keys that end before `until`, soonest first. */
export const expiringKeys = async (ctx: Context, until: Date): Promise<{ id: string; name: string; at: Date }[]> => {
  const found = await rows(ctx)
    .selectFrom('identity_key')
    .select(['id', 'name', 'expires_at'])
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', ctx.now())
    .where('expires_at', '<', until)
    .orderBy('expires_at')
    .limit(shownMax)
    .execute()
  return found.map(({ id, name, expires_at }) => ({ id, name, at: expires_at }))
}
