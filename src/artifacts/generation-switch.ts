// Which generation of a line is live: its names come to mean what it says, all in one transaction, and back again.
import { sql } from 'kysely'
import { record } from '#audit'
import { findById, refFor } from '#resources'
import { atomically, type Context } from '#platform/context.ts'
import { conflict } from '#platform/problem.ts'
import type { GenerationCard, NewGeneration, Switched } from './generation-schema.ts'
import { findGeneration, holdLine, makeGeneration, on } from './generations.ts'
import { refuseHeld } from './holds.ts'
import { refuseImmutable } from './tags.ts'
import { pathOf, specOf } from './repositories.ts'
import { rows, type GenerationId, type PackageId } from './tables.ts'

/** Made, and live at once where that is asked for: both or neither. */
export const make = (ctx: Context, given: NewGeneration): Promise<GenerationCard> =>
  atomically(ctx, async (tx) => {
    const made = await makeGeneration(tx, given)
    if (given.switch !== true) return made
    await switchTo(tx, made)
    return { ...made, live: true }
  })

export const switchGeneration = (ctx: Context, which: string): Promise<Switched> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('generation.switch', on())
    const { line } = await findGeneration(tx, which)
    await holdLine(tx, line)
    return switchTo(tx, await findGeneration(tx, which))
  })

/** To the newest that was live and is older than the one that is; or to the one that is named. */
export const rollBack = (ctx: Context, { line, to }: { line: string; to?: number }): Promise<Switched> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('generation.switch', on())
    await holdLine(tx, line)
    if (to !== undefined) return switchTo(tx, await findGeneration(tx, `${line}/${to}`))
    const { rows: found } = await sql<{ number: number }>`select generation.number
      from artifact_generation generation, artifact_generation_live live join artifact_generation now on now.id = live.generation_id
      where live.line = ${line} and generation.line = live.line and generation.number < now.number
        and exists (select from artifact_generation_switch where generation_id = generation.id)
      order by generation.number desc limit 1`.execute(tx.db)
    if (!found[0]) throw conflict(`No generation of ${line} was live before the one that is. Name one: --to NUMBER.`)
    return switchTo(tx, await findGeneration(tx, `${line}/${found[0].number}`))
  })

type Move = {
  repository_id: string
  package_id: PackageId
  package: string
  tag: string
  was: string | null
  becomes: string | null
}

const switchTo = async (tx: Context, { id, line, number }: GenerationCard): Promise<Switched> => {
  await tx.authorize('generation.switch', on(id))
  const live = await rows(tx)
    .selectFrom('artifact_generation_live')
    .select('generation_id')
    .where('line', '=', line)
    .executeTakeFirst()
  const was = live ? (await findGeneration(tx, live.generation_id)).number : null
  await refuseOthers(tx, { id, line })
  await holdPackages(tx, id, live?.generation_id)
  const moves = await movesTo(tx, id, live?.generation_id)
  await refuseMoves(tx, moves)
  const at = tx.now()
  await sql`insert into artifact_tag as tag (package_id, name, digest, set_by, set_at)
    select package_id, tag, digest, ${tx.actor.id}, ${at} from artifact_generation_tag where generation_id = ${id} order by package_id, tag
    on conflict (package_id, name) do update set digest = excluded.digest, set_by = excluded.set_by, set_at = excluded.set_at
      where tag.digest <> excluded.digest`.execute(tx.db)
  const gone = moves.filter(({ becomes }) => becomes === null)
  await sql`delete from artifact_tag tag using unnest(${gone.map((it) => it.package_id)}::text[], ${gone.map((it) => it.tag)}::text[]) as gone (package_id, name)
    where tag.package_id = gone.package_id and tag.name = gone.name`.execute(tx.db)
  await rows(tx)
    .insertInto('artifact_generation_switch')
    .values({ line, generation_id: id as GenerationId, switched_by: tx.actor.id, switched_at: at }) // it was found by it
    .execute()
  const switched = { line, live: number, was, moved: moves.length - gone.length, removed: gone.length }
  await record(tx, 'generation.switch', on(id), switched)
  return switched
}

/** Two lines cannot both say what a tag names. */
const refuseOthers = async (tx: Context, { id, line }: { id: string; line: string }): Promise<void> => {
  const { rows: found } = await sql<{ line: string; tag: string }>`select live.line, mine.tag
    from artifact_generation_tag mine join artifact_generation_tag other on other.package_id = mine.package_id and other.tag = mine.tag
    join artifact_generation_live live on live.generation_id = other.generation_id
    where mine.generation_id = ${id} and live.line <> ${line} limit 1`.execute(tx.db)
  if (found[0]) throw conflict(`The line ${found[0].line} says what ${found[0].tag} names already; only one line may.`)
}

/** Retention, discards and holds of these packages come before or after. */
const holdPackages = async (tx: Context, ...generations: (string | undefined)[]): Promise<void> => {
  await sql`select from artifact_package where id in (
    select package_id from artifact_generation_tag where generation_id = any(${generations.filter((it) => it !== undefined)}))
    order by id for no key update`.execute(tx.db)
}

const movesTo = async (tx: Context, id: string, live: string | undefined): Promise<Move[]> =>
  (
    await sql<Move>`
    with becomes as (select package_id, tag, digest from artifact_generation_tag where generation_id = ${id}),
      named as (select package_id, tag from becomes union select package_id, tag from artifact_generation_tag where generation_id = ${live ?? ''})
    select package.repository_id, named.package_id, package.name as package, named.tag, tag.digest as was, becomes.digest as becomes
    from named join artifact_package package on package.id = named.package_id
    left join becomes on becomes.package_id = named.package_id and becomes.tag = named.tag
    left join artifact_tag tag on tag.package_id = named.package_id and tag.name = named.tag
    where becomes.digest is distinct from tag.digest order by named.package_id, named.tag`.execute(tx.db)
  ).rows

/** Whoever switches must be one who may push there; and what stays what it is does so here too. */
const refuseMoves = async (tx: Context, moves: readonly Move[]): Promise<void> => {
  const anyHold = (await rows(tx).selectFrom('artifact_hold').select('id').limit(1).executeTakeFirst()) !== undefined
  for (const [repositoryId, some] of Map.groupBy(moves, (move) => move.repository_id)) {
    const repository = (await findById(tx, repositoryId))! // a package has one
    await tx.authorize('repository.push', refFor(repository))
    for (const { package: name, tag, was, becomes } of some) {
      if (was === null) continue
      const path = name === '' ? pathOf(repository) : `${pathOf(repository)}/${name}`
      refuseImmutable(specOf(repository).immutableTags, { name: tag, path, digest: was })
      const whole = becomes === null
      if (anyHold) await refuseHeld(tx, { repository, name, path }, { tags: [tag], digests: whole ? [was] : [], whole })
    }
  }
}
