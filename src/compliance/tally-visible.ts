// Whose compliance is told in sums. What hangs on the owner or the labels of a thing cannot be seen in a sum of many: such kinds are counted thing by thing.
import { sql, type RawBuilder } from 'kysely'
import { filterFor, isByPlace, visible, type Filter } from '#policy'
import { kindsOf } from '#resources'
import type { Context } from '#platform/context.ts'
import { observersOf } from './sweep-observe.ts'

const columns = { scope: 'subject.scope_id', rank: 'subject.rank', caveats: 'subject.caveats' }

export type Summable = {
  /** Over `subject`, a row of tallies or of things. */
  readonly summed: RawBuilder<boolean>
  readonly oneByOne: readonly string[]
}

/** Undefined: nothing can be summed. */
export const summable = async (ctx: Context): Promise<Summable | undefined> => {
  const there = await filterFor(ctx, 'compliance.read')
  if (!isByPlace(there)) return undefined
  const oneByOne: string[] = []
  const alike = new Map<string, { filter: Filter; kinds: string[] }>()
  for (const [kind, action] of readActions(ctx)) {
    const filter = await filterFor(ctx, action)
    const same = JSON.stringify(filter)
    if (isByPlace(filter)) alike.set(same, { filter, kinds: [...(alike.get(same)?.kinds ?? []), kind] })
    else oneByOne.push(kind)
  }
  const itself = [...alike.values()].map(
    ({ filter, kinds }) => sql<boolean>`(subject.kind = any(${kinds}::text[]) and ${visible(filter, ctx.actor.id, columns)})`,
  )
  if (itself.length === 0) return undefined
  return { summed: sql<boolean>`(${visible(there, ctx.actor.id, columns)} and (${sql.join(itself, sql` or `)}))`, oneByOne }
}

const readActions = (ctx: Context): [kind: string, action: string][] => [
  ...kindsOf(ctx.site).map(({ kind }): [string, string] => [kind, `${kind}.read`]),
  ...[...observersOf(ctx.site)].map(([kind, { readAction }]): [string, string] => [kind, readAction]),
]
