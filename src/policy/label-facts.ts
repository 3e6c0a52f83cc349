// What labels are made of, as written by higher rooms: the levels and caveats of the site, and who is cleared up to where.
import { sql } from 'kysely'
import type { Context, Label } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import { problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { changed } from './facts.ts'
import { removePrincipal as removeHeld } from './grants.ts'
import { anyCaveat, rankMax } from './labels.ts'
import type { Caveat, Level, Scheme } from './levels.ts'
import { touches } from './touched.ts'

export const levelInUse = problem('level-in-use', 409, 'The level or caveat is in use')
export const lastCleared = problem('last-cleared', 409, 'The last one cleared for everything stays')

export type Clearance = { readonly id: string; readonly principalId: string; readonly label: Label }

type Tables = {
  policy_level: Level
  policy_caveat: Caveat
  policy_clearance: { id: string; principal_id: string; rank: number; caveats: string[] }
}
const rows = (ctx: { db: Db }) => ctx.db.withTables<Tables>()

/** What a site has that has said nothing else. */
export const schemeDefault: Scheme = {
  levels: [
    { rank: 0, name: 'open', title: 'Open' },
    { rank: 100, name: 'internal', title: 'Internal' },
    { rank: 200, name: 'confidential', title: 'Confidential' },
    { rank: 300, name: 'secret', title: 'Secret' },
  ],
  caveats: [],
}

/** The room above that lists labels hears of what others write (set-up; a person who goes), in the transaction that writes it. */
export type LabelObserver = {
  scheme(tx: Context, scheme: Scheme): Promise<void>
  cleared(tx: Context, clearance: Clearance): Promise<void>
  uncleared(tx: Context, ids: readonly string[]): Promise<void>
}
const observers = new WeakMap<Site, LabelObserver>()
export const observeLabels = (site: Site, observer: LabelObserver): void => void observers.set(site, observer)

const schemeLock = 4_600_021

/** In place of the one there was. A level in use keeps rank and name, or what bears it would silently come to mean another. */
export const putScheme = async (tx: Context, scheme: Scheme): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${schemeLock})`.execute(tx.db)
  const { levels, caveats } = await goneWith(tx, scheme)
  await refuseUsedLevels(tx, levels)
  await refuseUsedCaveats(tx, caveats)
  await rows(tx).deleteFrom('policy_level').execute()
  await rows(tx).deleteFrom('policy_caveat').execute()
  await rows(tx)
    .insertInto('policy_level')
    .values([...scheme.levels])
    .execute()
  if (scheme.caveats.length > 0)
    await rows(tx)
      .insertInto('policy_caveat')
      .values([...scheme.caveats])
      .execute()
  await changed(tx)
  await observers.get(tx.site)?.scheme(tx, scheme)
}

/** What there is now and would be no more. */
export const goneWith = async (tx: Context, scheme: Scheme): Promise<Scheme> => {
  const levels = await rows(tx).selectFrom('policy_level').selectAll().orderBy('rank').execute()
  const caveats = await rows(tx).selectFrom('policy_caveat').selectAll().orderBy('name').execute()
  return {
    levels: levels.filter(({ rank, name }) => !scheme.levels.some((level) => level.rank === rank && level.name === name)),
    caveats: caveats.filter(({ name }) => !scheme.caveats.some((caveat) => caveat.name === name)),
  }
}

const refuseUsedLevels = async (tx: Context, levels: readonly Level[]): Promise<void> => {
  const names = levels.map(({ name }) => name)
  // Everything without a label bears rank 0: that is no use of its name.
  const ranks = levels.map(({ rank }) => rank).filter((rank) => rank > 0)
  const { rows: used } = await sql<{ what: string; level: string }>`
    select 'the folder or project ' || path as what, policy_level.name as level from policy_scope join policy_level using (rank) where rank = any(${ranks}::int[])
    union all select 'the clearance of ' || principal_id, name from policy_clearance join policy_level using (rank) where name = any(${names}::text[])
    union all select 'the approval rule ' || id, condition->>'classificationMin' from policy_approval_rule where condition->>'classificationMin' = any(${names}::text[])
    union all select 'the role assignment ' || policy_grant.id, policy_level.name from policy_grant join policy_level
      on jsonb_path_exists(condition, '$.**.atMost ? (@ == $name)', jsonb_build_object('name', policy_level.name)) where policy_level.name = any(${names}::text[])
    limit 5`.execute(tx.db)
  if (used.length === 0) return
  throw levelInUse(
    `The level ${used[0]!.level} is in use by ${used.map(({ what }) => what).join(', ')}. A level in use keeps its rank and its name; its title may change.`,
    { level: used[0]!.level, usedBy: used.map(({ what }) => what) },
  )
}

const refuseUsedCaveats = async (tx: Context, caveats: readonly Caveat[]): Promise<void> => {
  const names = caveats.map(({ name }) => name)
  const { rows: used } = await sql<{ what: string }>`
    select 'the folder or project ' || path as what from policy_scope where caveats && ${names}::text[]
    union all select 'the clearance of ' || principal_id from policy_clearance where caveats && ${names}::text[] limit 5`.execute(
    tx.db,
  )
  if (used.length === 0) return
  throw levelInUse(`A caveat that would go (${names.join(', ')}) is in use by ${used.map(({ what }) => what).join(', ')}.`, {
    caveats: names,
    usedBy: used.map(({ what }) => what),
  })
}

/** One a person, who has no other then. */
export const putClearance = async (tx: Context, { id, principalId, label }: Clearance): Promise<void> => {
  const row = { id, rank: label.rank, caveats: [...label.caveats] }
  const before = await holdingEverything(tx, async () => {
    const others = await rows(tx)
      .deleteFrom('policy_clearance')
      .where('id', '=', id)
      .where('principal_id', '!=', principalId)
      .returning('principal_id')
      .execute()
    await rows(tx)
      .insertInto('policy_clearance')
      .values({ ...row, principal_id: principalId })
      .onConflict((on) => on.column('principal_id').doUpdateSet(row))
      .execute()
    return others
  })
  const concerned = [principalId, ...before.map((other) => other.principal_id)]
  for (const principal of concerned) touches(tx, { principal })
  await changed(tx, concerned)
  await observers.get(tx.site)?.cleared(tx, { id, principalId, label })
}

export const removeClearance = async (tx: Context, id: string): Promise<void> => {
  const gone = await holdingEverything(tx, () =>
    rows(tx).deleteFrom('policy_clearance').where('id', '=', id).returning('principal_id').executeTakeFirst(),
  )
  touches(tx, { principal: gone?.principal_id })
  await changed(tx, [gone?.principal_id])
}

/** The id of the clearance that someone has. */
export const clearanceIdOf = async (ctx: Pick<Context, 'db'>, principalId: string): Promise<string | undefined> =>
  (await rows(ctx).selectFrom('policy_clearance').select('id').where('principal_id', '=', principalId).executeTakeFirst())?.id

const clearanceLock = 4_600_022

/** Nobody gives what is above their own clearance: once nobody is cleared for everything, nobody ever will be. Two who lower each other at once take turns. */
const holdingEverything = async <T>(tx: Context, run: () => Promise<T>): Promise<T> => {
  await sql`select pg_advisory_xact_lock(${clearanceLock})`.execute(tx.db)
  const before = await countCleared(tx)
  const result = await run()
  if (before > 0 && (await countCleared(tx)) === 0)
    throw lastCleared(
      'This would leave nobody cleared for everything, and nobody could clear anyone for it again. Clear someone else first.',
    )
  return result
}

const countCleared = async (tx: Context): Promise<number> => {
  const { count } = await rows(tx)
    .selectFrom('policy_clearance')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('rank', '=', rankMax)
    .where(sql<boolean>`${anyCaveat} = any(caveats)`)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** All that a principal (person or group) was given goes with it: roles, membership, clearance. */
export const removePrincipal = async (tx: Context, principalId: string): Promise<void> => {
  await removeHeld(tx, principalId)
  const id = await clearanceIdOf(tx, principalId)
  if (id === undefined) return
  await removeClearance(tx, id)
  await observers.get(tx.site)?.uncleared(tx, [id])
}
