import type { ColumnType, Generated, Kysely } from 'kysely'
import type { Factor } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import type { Id } from '#platform/id.ts'

export type UserId = Id<'user'>
export type GroupId = Id<'group'>
export type SessionId = Id<'session'>
export type KeyId = Id<'key'>
export type PasskeyId = Id<'passkey'>
export type CertificateId = Id<'certificate'>
export type Purpose = 'register' | 'sign-in' | 'certificate'

type Fixed<T> = ColumnType<T, T, never>

export type UserRow = {
  id: Fixed<UserId>
  username: string
  username_key: string
  display_name: string
  email: string | null
  state: 'invited' | 'active' | 'disabled'
  password_hash: string | null
  password_changed_at: Date | null
  totp_sealed: Buffer | null
  totp_confirmed_at: Date | null
  totp_last_step: number | null
  created_at: Fixed<Date>
}

export type Tables = {
  identity_organisation: { one: Generated<number>; id: Id<'org'>; name: string; created_at: Fixed<Date> }
  identity_user: UserRow
  identity_passkey: {
    id: PasskeyId
    user_id: UserId
    credential_id: string
    public_key: Buffer
    counter: number
    transports: string[]
    synced: boolean
    name: string
    created_at: Date
    last_used_at: Date | null
  }
  identity_recovery_code: { user_id: UserId; code_hash: Buffer; used_at: Date | null }
  identity_link: {
    id: Id<'link'>
    token_hash: Buffer
    purpose: 'setup' | 'invitation' | 'recovery'
    user_id: UserId | null
    created_at: Date
    expires_at: Date
    used_at: Date | null
  }
  identity_challenge: {
    challenge: string
    purpose: Purpose
    user_id: UserId | null
    rp_id: string
    expires_at: Date
  }
  identity_session: {
    id: SessionId
    token_hash: Buffer
    user_id: UserId
    factors: Factor[]
    user_agent: string
    address: string
    created_at: Date
    last_seen_at: Date
    expires_at: Date
    device: Buffer | null
  }
  identity_key: {
    id: KeyId
    secret_hash: Buffer
    user_id: UserId
    name: string
    hint: string
    scope_id: string | null
    actions: string[] | null
    created_at: Date
    expires_at: Date
    last_used_at: Date | null
    revoked_at: Date | null
    device: Buffer | null
  }
  identity_certificate: {
    id: CertificateId
    user_id: UserId
    public_key: Buffer
    certificate: Buffer
    fingerprint: string
    subject: string
    name: string
    not_before: Date
    not_after: Date
    created_at: Date
    last_used_at: Date | null
  }
  identity_group: { id: GroupId; name: string; name_key: string; description: string; created_at: Date }
  identity_attempt: {
    subject: Buffer
    failures: number
    last_at: Date
    paused_until: Date | null
    unrecorded: number
    recorded_at: Date | null
  }
}

export const rows = (on: { readonly db: Db }): Kysely<Tables> => on.db.withTables<Tables>()
