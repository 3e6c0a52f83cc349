// Labels as facts: the levels and caveats there are, what label each scope bears, and who is cleared for what.
import { sql } from 'kysely'
import type { Context, Label } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import { invalid, problem } from '#platform/problem.ts'
import { remembered } from './cache.ts'
import { changed, findScope, holdScope, labelsBelow, type Scope } from './facts.ts'
import { bottom, join, leq } from './labels.ts'
import { touches } from './touched.ts'

export const aboveClearance = problem('above-clearance', 403, 'That is above your clearance')

export type Level = { readonly rank: number; readonly name: string; readonly title: string }
export type Caveat = { readonly name: string; readonly title: string }
export type Scheme = { readonly levels: readonly Level[]; readonly caveats: readonly Caveat[] }

type Tables = {
  policy_level: Level
  policy_caveat: Caveat
  policy_clearance: { id: string; principal_id: string; rank: number; caveats: string[] }
}
const rows = (ctx: { db: Db }) => ctx.db.withTables<Tables>()
type Ask = Pick<Context, 'site' | 'db'>

/** The levels of this site in rising order, and its caveats. */
export const levels = (ctx: Ask): Promise<Scheme> =>
  remembered(ctx, 'levels', async (db) => ({
    levels: await rows({ db }).selectFrom('policy_level').selectAll().orderBy('rank').execute(),
    caveats: await rows({ db }).selectFrom('policy_caveat').selectAll().orderBy('name').execute(),
  }))

/** A label by the names people use; throws `invalid` for a level or caveat that this site does not have. */
export const parseLabel = async (ctx: Ask, given: { level?: string; caveats?: readonly string[] }): Promise<Label> => {
  const scheme = await levels(ctx)
  const level = given.level === undefined ? scheme.levels[0] : scheme.levels.find(({ name }) => name === given.level)
  if (given.level !== undefined && !level)
    throw invalid(
      `There is no level ${JSON.stringify(given.level.slice(0, 80))}. The levels are: ${scheme.levels.map(({ name }) => name).join(', ')}.`,
    )
  const unknown = given.caveats?.find((caveat) => !scheme.caveats.some(({ name }) => name === caveat))
  if (unknown !== undefined)
    throw invalid(
      `There is no caveat ${JSON.stringify(unknown.slice(0, 80))}. The caveats are: ${scheme.caveats.map(({ name }) => name).join(', ') || 'none'}.`,
    )
  return { rank: level?.rank ?? 0, caveats: [...new Set(given.caveats)].sort() }
}

/** The name of the highest level at or below the rank, which is how a rank is shown. */
export const levelName = ({ levels: known }: Scheme, rank: number): string =>
  known.findLast((level) => level.rank <= rank)?.name ?? String(rank)

/** What everything in the scope is labelled with at the least. */
export const effectiveLabel = async (ctx: Pick<Context, 'db'>, scopeId: string): Promise<Label> =>
  (await findScope(ctx, scopeId))?.effective ?? bottom

/** Gives a scope its own label; all below inherit it in the same moment. Whether the caller may is asked with `relabel`. */
export const labelScope = async (tx: Context, scopeId: string, label: Label): Promise<void> => {
  const scope = await holdScope(tx, scopeId, { alone: true })
  await sql`update policy_scope set rank = ${label.rank}, caveats = ${[...label.caveats]}::text[] where id = ${scopeId}`.execute(
    tx.db,
  )
  touches(tx, { scope: scope.id })
  await labelsBelow(tx, scope.id)
  await changed(tx)
}

/** Asked before anything is labelled: nobody labels above their own clearance, and lowering takes the right to. */
export const relabel = async (
  tx: Context,
  on: { kind: string; id?: string; scope: string },
  { before, after }: { before: Label; after: Label },
): Promise<void> => {
  if (tx.actor.kind !== 'system' && !leq(after, await clearanceOf(tx, tx.actor.id)))
    throw aboveClearance('Nobody gives a label above their own clearance.')
  if (!leq(before, after)) await tx.authorize('label.lower', { ...on, label: before })
}

export const clearanceOf = (ctx: Ask, principalId: string): Promise<Label> =>
  remembered(ctx, `clearance ${principalId}`, (db) => findClearance({ db }, principalId), principalId)

export const findClearance = async (ctx: { db: Db }, principalId: string): Promise<Label> =>
  (await rows(ctx)
    .selectFrom('policy_clearance')
    .select(['rank', 'caveats'])
    .where('principal_id', '=', principalId)
    .executeTakeFirst()) ?? bottom

/** Whether the principal may see what is labelled so in a scope. */
export const isCleared = (clearance: Label, scope: Scope | undefined, own: Label = bottom): boolean =>
  leq(join(own, scope?.effective ?? bottom), clearance)
