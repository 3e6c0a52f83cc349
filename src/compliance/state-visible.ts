// Who may hear how it stands with a thing: whoever may see compliance there, and the thing itself, since a verdict tells its name and what is wrong with it.
import { sql, type RawBuilder } from 'kysely'
import { filterFor, visible, type Columns, type Filter } from '#policy'
import { goneColumns, goneThenColumns, kindsOf, readable } from '#resources'
import type { Context } from '#platform/context.ts'
import { observersOf } from './sweep-observe.ts'

const columns = {
  scope: 'subject.scope_id',
  owner: 'subject.owner',
  labels: 'subject.labels',
  rank: 'subject.rank',
  caveats: 'subject.caveats',
}

/** Of rows `subject`, where `pending` are those that changed since they were judged. */
export const visibleSubjects = async (ctx: Context): Promise<RawBuilder<boolean>> => {
  const kinds = kindsOf(ctx.site).map(({ kind }) => kind)
  const observed = [...observersOf(ctx.site)].map(([kind, { readAction }]): [string, string] => [kind, readAction])
  const itself = await knowable(ctx, [...readActions(kinds), ...observed], { kind: 'subject.kind', each: [columns] })
  // Of what changed since it was judged, also as it is now: it may bear a higher label, or lie elsewhere.
  const now = sql<boolean>`(subject.id not in (select id from pending) or subject.id in (${await readable(ctx, kinds)}))`
  return sql<boolean>`(${itself} and ${now})`
}

/** Of rows joined as `gone`: as their history is read. People and keys leave no history, so of those that are gone nothing is told. */
export const visibleGone = async (ctx: Context): Promise<RawBuilder<boolean>> => {
  const kinds = kindsOf(ctx.site).map(({ kind }) => kind)
  return knowable(ctx, readActions(kinds), { kind: 'gone.kind', each: [goneColumns, goneThenColumns] })
}

const readActions = (kinds: readonly string[]) => kinds.map((kind): [string, string] => [kind, `${kind}.read`])

/** Whoever may look at compliance nowhere is answered before anything is looked through. */
export const looksNowhere = async (ctx: Context): Promise<boolean> => {
  const { all, scopeIds, conditional } = await filterFor(ctx, 'compliance.read')
  return !all && scopeIds.length === 0 && conditional.length === 0
}

type Where = { readonly kind: string; readonly each: readonly Columns[] }

/** Roles give most kinds alike, so alike filters are asked once. */
const knowable = async (
  ctx: Context,
  actions: readonly (readonly [kind: string, action: string])[],
  { kind: column, each }: Where,
): Promise<RawBuilder<boolean>> => {
  const within = (filter: Filter) =>
    sql.join(
      each.map((one) => visible(filter, ctx.actor.id, one)),
      sql` and `,
    )
  const there = await filterFor(ctx, 'compliance.read')
  const alike = new Map<string, { filter: Filter; kinds: string[] }>()
  for (const [kind, action] of actions) {
    const filter = await filterFor(ctx, action)
    const same = JSON.stringify(filter)
    alike.set(same, { filter, kinds: [...(alike.get(same)?.kinds ?? []), kind] })
  }
  const itself = [...alike.values()].map(
    ({ filter, kinds }) => sql<boolean>`(${sql.ref(column)} = any(${kinds}::text[]) and ${within(filter)})`,
  )
  return sql<boolean>`(${within(there)} and (${sql.join(itself, sql` or `)}))`
}
