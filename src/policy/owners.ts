// Someone must remain who may give roles, whatever is taken away, denied or runs out.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'

export const lastOwner = problem('last-owner', 409, 'The last owner stays')

const ownerLock = 4_600_003

/** Two owners who remove each other at once take turns, and the second is refused; so do two nestings that together would close a circle. */
export const holdOwners = async (tx: Context): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${ownerLock})`.execute(tx.db)
}

/**
 * A person who is owner at the root, by themselves or through a group: for good (no end, no condition, nothing to activate), and denied nothing there, by
 * themselves or through any group. `except` are, or are about to be, locked out.
 */
export const requireOwner = async (tx: Context, except: readonly string[] = []): Promise<void> => {
  await holdOwners(tx)
  const { rows: left } = await sql`
    with recursive root as (select id from policy_scope where parent_id is null),
    holder as (
      select principal_id as id from policy_grant where scope_id in (select id from root) and role = 'owner' and effect = 'allow'
        and condition is null and eligible is null and expires_at is null and assignment_id is null
        and (starts_at is null or starts_at <= ${tx.now()})
      union select member_id from policy_member join holder on holder.id = group_id),
    owner as (select id from holder where id like 'user\\_%' and id <> all(${[...except]}::text[])),
    reached as (
      select id, id as person from owner where exists (select from policy_grant where effect = 'deny' and scope_id in (select id from root))
      union select group_id, person from policy_member join reached on reached.id = member_id)
    select from owner where id not in (
      select person from reached join policy_grant on principal_id = reached.id
      where effect = 'deny' and scope_id in (select id from root) and (expires_at is null or expires_at > ${tx.now()}))
    limit 1`.execute(tx.db)
  if (left.length === 0)
    throw lastOwner(
      'This would leave the organisation without an owner who may do everything, for good. Make someone else owner first.',
    )
}
