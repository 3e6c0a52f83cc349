// People and keys as they are seen from outside: with what they come in, since when, and for how long. For whoever judges them; undecided.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'

export type Seen = { id: string; name: string; owner: string; facts: Record<string, unknown> }

type PersonRow = {
  id: string
  name: string
  state: string
  password: boolean
  totp: boolean
  passkey: boolean
  certificate: boolean
  codes: number
  seen: Date | null
}

/** When someone last came is known as long as something of it is kept: a session, or the use of a passkey or certificate. */
export const observedPeople = async (ctx: Pick<Context, 'db'>): Promise<Seen[]> => {
  const { rows } = await sql<PersonRow>`
    select person.id, person.username as name, person.state, person.password_hash is not null as password,
      person.totp_confirmed_at is not null as totp,
      exists (select from identity_passkey key where key.user_id = person.id) as passkey,
      exists (select from identity_certificate paper where paper.user_id = person.id) as certificate,
      (select count(*)::int from identity_recovery_code code where code.user_id = person.id and code.used_at is null) as codes,
      greatest((select max(created_at) from identity_session session where session.user_id = person.id),
        (select max(last_used_at) from identity_passkey key where key.user_id = person.id),
        (select max(last_used_at) from identity_certificate paper where paper.user_id = person.id)) as seen
    from identity_user person order by person.id`.execute(ctx.db)
  return rows.map(({ id, name, state, codes, seen, ...has }) => ({
    id,
    name,
    owner: id,
    facts: {
      state,
      factors: (['password', 'totp', 'passkey', 'certificate'] as const).filter((factor) => has[factor]),
      recoveryCodesLeft: codes,
      ...(seen === null ? {} : { lastSignInAt: seen.toISOString() }),
    },
  }))
}

type KeyRow = {
  id: string
  name: string
  owner: string
  scope: string | null
  actions: string[] | null
  created: Date
  expires: Date
  used: Date | null
}

/** Those in force. Null is what is known to be absent. */
export const observedKeys = async (ctx: Pick<Context, 'db' | 'now'>): Promise<Seen[]> => {
  const { rows } = await sql<KeyRow>`
    select id, name, user_id as owner, scope_id as scope, actions, created_at as created, expires_at as expires, last_used_at as used
    from identity_key where revoked_at is null and expires_at > ${ctx.now()} order by id`.execute(ctx.db)
  return rows.map(({ id, name, owner, scope, actions, created, expires, used }) => ({
    id,
    name,
    owner,
    facts: {
      createdAt: created.toISOString(),
      expiresAt: expires.toISOString(),
      lastUsedAt: used?.toISOString() ?? null,
      scope,
      actions,
    },
  }))
}
