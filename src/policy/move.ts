// A scope moves with all that is below it; rights above it change in the same moment for everything inside.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { authoriseLeavingRules } from './approval-rules.ts'
import { changed, holdScope, labelsBelow, nameTaken, type Scope } from './facts.ts'
import { touches } from './touched.ts'

export const scopeCycle = problem('scope-cycle', 409, 'A scope cannot lie inside itself')

const treeLock = 4_600_005

/** Moves take turns: two at once could close a circle that neither sees. Taken before any row of the move is locked. */
export const holdTree = async (tx: Context): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${treeLock})`.execute(tx.db)
}

export const moveScope = async (tx: Context, { id, parentId }: { id: string; parentId: string }): Promise<void> => {
  await holdTree(tx)
  await holdSubtree(tx, id)
  const scope = await holdScope(tx, id, { alone: true })
  const parent = await holdScope(tx, parentId)
  if (parent.ancestors.includes(id)) throw scopeCycle(`${parent.path} lies inside ${scope.path}, which would lie inside itself.`)
  await authoriseLeavingRules(tx, scope, parent)
  const path = `${parent.path === '/' ? '' : parent.path}/${scope.name}`
  const { rows: rivals } = await sql`select 1 from policy_scope where path = ${path} and id <> ${id}`.execute(tx.db)
  if (rivals.length > 0) throw nameTaken(`A folder or project is at ${path} already.`, { path })
  touches(tx, { scope: id, left: scope.parentId })
  await rewrite(tx, { scope, parent, path }).catch((error: unknown) => {
    throw isUniqueViolation(error) ? nameTaken(`A folder or project came to be at ${path} a moment ago.`, { path }, error) : error
  })
  await changed(tx)
}

/** A scope being made below holds its parent; ours waits, and looks again, since what was made meanwhile is to move as well. */
const holdSubtree = async (tx: Context, id: string): Promise<void> => {
  for (let held = -1; ;) {
    const { rows } = await sql`select id from policy_scope where ancestors @> array[${id}] order by id for update`.execute(tx.db)
    if (rows.length === held) return
    held = rows.length
  }
}

/** The name was free when we looked, and is not now: the index knows. */
const isUniqueViolation = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '23505'

const rewrite = async (tx: Context, { scope, parent, path }: { scope: Scope; parent: Scope; path: string }): Promise<void> => {
  await sql`update policy_scope set parent_id = ${parent.id} where id = ${scope.id}`.execute(tx.db)
  await sql`update policy_scope set path = ${path}::text || substr(path, ${scope.path.length + 1}::int),
    ancestors = ancestors[1:array_position(ancestors, ${scope.id})] || ${[...parent.ancestors]}::text[]
    where ancestors @> array[${scope.id}]`.execute(tx.db)
  await labelsBelow(tx, scope.id)
}
