import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'

/** Tokens of the calls recorded as made in each of these scopes itself since then; a scope without calls has none. */
export const tokensSince = async (
  ctx: Pick<Context, 'db'>,
  scopeIds: readonly string[],
  since: Date,
): Promise<Map<string, number>> => {
  if (scopeIds.length === 0) return new Map()
  const { rows } = await sql<{ scope: string; tokens: number }>`
    select scope, sum((facts #>> '{usage,promptTokens}')::int8 + (facts #>> '{usage,completionTokens}')::int8)::int8 as tokens
    from audit_entry where at >= ${since} and action = 'deployment.invoke' and scope = any(${[...scopeIds]}::text[])
    group by scope`.execute(ctx.db)
  return new Map(rows.map(({ scope, tokens }) => [scope, Number(tokens)]))
}
