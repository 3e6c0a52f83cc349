// Which roles people hold, all at once: for whoever looks over everybody, where asking of each alone would take a query each.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'

/** By person: roles held now, by themselves or through groups, anywhere or at one scope. Not what they could activate; and whatever is denied them beside. */
export const heldRoles = async (ctx: Pick<Context, 'db' | 'now'>, scopeId?: string): Promise<Map<string, string[]>> => {
  const now = ctx.now()
  const { rows } = await sql<{ id: string; roles: string[] }>`
    with recursive holder(id, role) as (
      select principal_id, role from policy_grant
      where effect = 'allow' and role is not null and eligible is null and (starts_at is null or starts_at <= ${now})
        and (expires_at is null or expires_at > ${now}) and (${scopeId ?? null}::text is null or scope_id = ${scopeId ?? null})
      union select member_id, role from policy_member join holder on holder.id = group_id)
    select id, array_agg(role order by role) as roles from holder where id like 'user\\_%' group by id`.execute(ctx.db)
  return new Map(rows.map(({ id, roles }) => [id, roles]))
}
