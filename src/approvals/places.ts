// Where a change acts and how what it touches there is labelled: who reads or approves it must be permitted and cleared at all of these places.
import { bottom, findScope, join, rootScope, type Scope } from '#policy'
import type { Context, Label, Obligation, Trace } from '#platform/context.ts'
import type { Place } from './store.ts'

export type Reach = { readonly places: readonly Place[]; readonly obligations: readonly Obligation[] }

type Acted = { readonly scope: string | undefined; readonly label: Label }

/** Read while the trial still stands: a scope made in it is known only there. */
export const scopesIn = async (tx: Context, trace: Trace): Promise<ReadonlyMap<string, Scope>> => {
  const found = new Map<string, Scope>()
  for (const id of new Set([...acted(trace).map(({ scope }) => scope), ...trace.obligations.map(({ scope }) => scope)])) {
    const scope = id === undefined ? undefined : await findScope(tx, id)
    if (scope) found.set(scope.id, scope)
  }
  return found
}

/** Looking is not acting. */
const acted = (trace: Trace): Acted[] =>
  trace.allowed
    .filter(({ action }) => !action.endsWith('.read'))
    .map(({ on }) => ({ scope: on.scope, label: on.label ?? bottom }))

/** Said of the tree as it is: what was made in the trial is judged where it would be made. */
export const reachOf = async (ctx: Context, trace: Trace, tried: ReadonlyMap<string, Scope>): Promise<Reach> => {
  const root = (await rootScope(ctx))?.id ?? ''
  const standing = async (id: string): Promise<string> => {
    for (const above of [id, ...(tried.get(id)?.ancestors ?? [])]) if (await findScope(ctx, above)) return above
    return root
  }
  const labels = new Map<string, Label>()
  for (const { scope = root, label } of acted(trace)) {
    const place = await standing(scope)
    labels.set(place, join(labels.get(place) ?? tried.get(scope)?.effective ?? bottom, label))
  }
  const obligations = await Promise.all(trace.obligations.map(async (each) => ({ ...each, scope: await standing(each.scope) })))
  return {
    places: [...labels].map(([scope_id, { rank, caveats }]) => ({ scope_id, rank, caveats: [...caveats] })),
    obligations: distinct(obligations),
  }
}

const distinct = (obligations: readonly Obligation[]): Obligation[] => [
  ...new Map(obligations.map((obligation) => [JSON.stringify(obligation), obligation])).values(),
]
