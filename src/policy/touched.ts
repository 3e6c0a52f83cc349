// Whom a change could concern, noted while it is tried. Nothing is noted otherwise.
import type { Context } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'

export type Touched = {
  readonly principals: Set<string>
  /** Moved, or labelled anew: everyone who holds something above or below. */
  readonly scopes: Set<string>
  /** What lay above something that moved away: everyone who holds something there or above it. */
  readonly left: Set<string>
  readonly roles: Set<string>
}
const noting = new WeakMap<Db, Touched>()

/** Notes what `run` touches, in the transaction it runs in. */
export const whileNoting = async (tx: Context, run: () => Promise<void>): Promise<Touched> => {
  const touched = { principals: new Set<string>(), scopes: new Set<string>(), left: new Set<string>(), roles: new Set<string>() }
  noting.set(tx.db, touched)
  try {
    await run()
  } finally {
    noting.delete(tx.db)
  }
  return touched
}

export const touches = (
  tx: Pick<Context, 'db'>,
  what: { principal?: string | undefined; scope?: string; left?: string | undefined; role?: string },
): void => {
  const touched = noting.get(tx.db)
  if (!touched) return
  if (what.principal !== undefined) touched.principals.add(what.principal)
  if (what.scope !== undefined) touched.scopes.add(what.scope)
  if (what.left !== undefined) touched.left.add(what.left)
  if (what.role !== undefined) touched.roles.add(what.role)
}
