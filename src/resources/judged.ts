// Pages of what there is, as guardrails judge it: for rooms that judge, which decide themselves who may hear of it.
import { sql } from 'kysely'
import type { GuardrailDocument } from '#guardrails'
import type { Context } from '#platform/context.ts'
import { documentsFor } from './documents.ts'
import { kindsOf } from './kinds.ts'
import { visibleAmong } from './page.ts'
import { select } from './store.ts'

export type Judged = {
  /** At or below it, and the scope itself. */
  scopeId?: string | undefined
  kinds?: ((kind: string) => boolean) | undefined
  ids?: readonly string[] | undefined
  /** Id of the last one of the page before. */
  after?: string | undefined
  limit: number
  /** Only what the caller may read. */
  readable?: boolean | undefined
}

/** In the order of their ids, which is that of their making. */
export const documentsIn = async (ctx: Context, { scopeId, kinds, ids, after, limit, readable }: Judged) => {
  const among = kindsOf(ctx.site)
    .map(({ kind }) => kind)
    .filter((kind) => kinds?.(kind) ?? true)
  let query = select(ctx)
    .where(sql<boolean>`resource.kind = any(${among})`)
    .orderBy('resource.id')
    .limit(limit)
  if (scopeId !== undefined)
    query = query.where(
      sql<boolean>`(resource.id = ${scopeId} or resource.scope_id in (select id from policy_scope where ancestors @> array[${scopeId}]))`,
    )
  if (ids) query = query.where(sql<boolean>`resource.id = any(${[...ids]})`)
  if (after !== undefined) query = query.where('resource.id', '>', after)
  if (readable) query = query.where(await visibleAmong(ctx, among))
  return (await documentsFor(ctx, await query.execute())) satisfies GuardrailDocument[]
}
