// What is known of every resource beside what its own room knows: whether a lock holds it, and whether whoever owns it is still here.
import { stillHere } from '#identity'
import { findScopes } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Facts } from './kinds.ts'
import { locksAt } from './locks.ts'
import type { Row } from './store.ts'

/** In the order of the rows. */
export const knownOf = async (ctx: Context, rows: readonly Row[]): Promise<Facts[]> => {
  const here = await stillHere(
    ctx,
    rows.map(({ owner }) => owner),
  )
  const locked = await lockedAmong(ctx, rows)
  return rows.map(({ id, owner }) => ({ locked: locked.has(id), ownerActive: here.has(owner) }))
}

const lockedAmong = async (ctx: Context, rows: readonly Row[]): Promise<Set<string>> => {
  const scopes = await findScopes(ctx, [...new Set(rows.flatMap((row) => [row.scope_id, row.governing_scope_id]))])
  // What is being made is no scope yet.
  const above = (row: Row) => (scopes.get(row.governing_scope_id) ?? scopes.get(row.scope_id))?.ancestors ?? []
  const places = [...new Set(rows.flatMap(above))]
  if (places.length === 0) return new Set()
  const locks = await locksAt(ctx, places)
  const wide = new Set(locks.flatMap(({ scopeId, resource }) => (resource === undefined ? [scopeId] : [])))
  const single = new Set(locks.map(({ resource }) => resource))
  return new Set(rows.filter((row) => single.has(row.id) || above(row).some((id) => wide.has(id))).map(({ id }) => id))
}
