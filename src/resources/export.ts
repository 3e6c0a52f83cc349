// The inventory as the documents that `apply` takes: all that the caller may see, a page at a time, however much it is.
import { sql } from 'kysely'
import { recordAlone } from '#audit'
import { filterFor } from '#policy'
import type { Context } from '#platform/context.ts'
import { kindsOf } from './kinds.ts'
import { knownScope } from './read.ts'
import { visibleAmong } from './page.ts'
import { documentsOf } from './stated.ts'
import { select, type Row } from './store.ts'
import type { Desired } from './schema.ts'

export const exportPageRows = 500

/** Decided before the first document, and recorded when the last one was taken or the caller has gone. What changes meanwhile is in it or not. */
export const exportInventory = async (ctx: Context, which?: string): Promise<AsyncGenerator<Desired[]>> => {
  const scope = await knownScope(ctx, await filterFor(ctx, 'folder.read'), which)
  await ctx.authorize('inventory.export', { kind: 'inventory', scope: scope.id })
  return pages(ctx, scope)
}

async function* pages(ctx: Context, scope: { id: string; path: string }): AsyncGenerator<Desired[]> {
  let documents = 0
  let whole = false
  try {
    for (let after = ''; !ctx.signal.aborted;) {
      const page = await pageAfter(ctx, scope.id, after)
      if (page.length > 0) yield await documentsOf(ctx, page)
      documents += page.length
      whole = page.length < exportPageRows
      if (whole) break
      after = page.at(-1)!.id
    }
  } finally {
    await recordAlone(
      ctx,
      'inventory.export',
      { kind: 'inventory', scope: scope.id },
      { documents },
      { outcome: whole ? 'done' : 'cancelled' },
    )
  }
}

/** Rights are asked anew for each page: an export may take longer than they last. */
const pageAfter = async (ctx: Context, scopeId: string, after: string): Promise<Row[]> =>
  select(ctx)
    .where(
      sql<boolean>`(resource.scope_id in (select id from policy_scope where ancestors @> array[${scopeId}]) or resource.id = ${scopeId})`,
    )
    .where(
      await visibleAmong(
        ctx,
        kindsOf(ctx.site).map(({ kind }) => kind),
      ),
    )
    .where('resource.id', '>', after)
    .orderBy('resource.id')
    .limit(exportPageRows)
    .execute()
