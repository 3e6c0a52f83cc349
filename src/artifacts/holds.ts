// Holds: content that must stay, for a reason, until somebody who may lifts the hold. Who may discard is stopped by it.
import { sql } from 'kysely'
import { Type, type Static } from 'typebox'
import { findScope } from '#policy'
import { defineKind, findReferenced, type Change, type Resource } from '#resources'
import type { Context } from '#platform/context.ts'
import { invalid, problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { pin, releasePins } from './files.ts'
import { digestPattern } from './manifest-form.ts'
import type { Place } from './repositories.ts'
import { rows, type PackageId } from './tables.ts'

export const held = problem('held', 409, 'A hold keeps it')

const kind = 'storage-hold'

const HoldSpec = Type.Object(
  {
    repository: Type.Optional(
      Type.String({ maxLength: 1_100, description: 'Id, or repository:/scope/name; absent only where a digest is named' }),
    ),
    package: Type.Optional(
      Type.String({ maxLength: 255, description: 'Name below the repository; absent means all that the repository holds' }),
    ),
    tag: Type.Optional(
      Type.String({ maxLength: 128, pattern: '^[a-zA-Z0-9_][a-zA-Z0-9._-]*$', description: 'It stays, and what it names' }),
    ),
    digest: Type.Optional(Type.String({ pattern: digestPattern.source, description: 'Of a release, or of a file' })),
    reason: Type.String({ minLength: 1, maxLength: 1_000, pattern: '^[^\\u0000-\\u0008\\u000e-\\u001f]*$' }),
  },
  { additionalProperties: false },
)
type HoldSpec = Static<typeof HoldSpec>
const HoldStatus = Type.Object({ repository: Type.Optional(Type.String({ description: 'Id' })) })
type HoldStatus = Static<typeof HoldStatus>

export const defineHolds = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'storage-holds',
    title: 'Storage hold',
    description: 'Content that is neither discarded nor collected until the hold is lifted.',
    spec: HoldSpec,
    status: HoldStatus,
    idPrefix: 'hold',
    admit,
    applied: async (tx, { resource: { id, spec, status } }) => {
      const { package: name, tag, digest } = spec as HoldSpec // checked against the schema before
      const { repository } = status as HoldStatus // what admit said just before
      const values = {
        repository_id: repository ?? null,
        package: name ?? null,
        tag: tag ?? null,
        digest: digest ?? null,
      }
      await rows(tx)
        .insertInto('artifact_hold')
        .values({ id, ...values })
        .onConflict((on) => on.column('id').doUpdateSet(values))
        .execute()
      await releasePins(tx, id)
      if (digest !== undefined && (await isBlob(tx, digest))) await pin(tx, digest, id)
    },
    removed: async (tx, { id }) => releasePins(tx, id),
  })

const misses = (at: string, detail: string) => invalid(detail, { faults: [{ at, message: detail }] })

const admit = async (tx: Context, { resource, before }: Change): Promise<HoldStatus> => {
  const spec = resource.spec as HoldSpec // checked against the schema before
  if (before && JSON.stringify(targetOf(before)) !== JSON.stringify(targetOf(resource)))
    // To hold something else is to lift this hold, and takes the same right.
    await tx.authorize(`${kind}.delete`, { kind, id: resource.id, scope: resource.scopeId, labels: before.labels })
  if (spec.tag !== undefined && spec.digest !== undefined) throw misses('/spec/tag', 'Name a tag or a digest, not both.')
  if (spec.repository === undefined) {
    if (spec.digest === undefined || spec.package !== undefined || spec.tag !== undefined)
      throw misses('/spec/repository', 'Name the repository. Only a digest may be held wherever it lies.')
    return {}
  }
  const repository = await repositoryOf(tx, resource, spec.repository)
  await waitForDiscards(tx, repository.id)
  await requireThere(tx, repository, spec)
  return { repository: repository.id }
}

const targetOf = ({ spec }: Resource): unknown[] => [spec['repository'], spec['package'], spec['tag'], spec['digest']]

/** At the place of the hold or below it: from anywhere else nothing is to be held. */
const repositoryOf = async (tx: Context, { scope, scopeId }: Resource, which: string): Promise<Resource> => {
  const found = await findReferenced(tx, which)
  const above = found && (await findScope(tx, found.scopeId))?.ancestors
  if (found?.kind !== 'repository' || !above?.includes(scopeId))
    throw misses('/spec/repository', `There is no such repository at ${scope} or below it.`)
  return found
}

/** Whoever discards holds the package's row shared: the hold comes before or after, and never beside. */
const waitForDiscards = async (tx: Context, repositoryId: string): Promise<void> => {
  await sql`select from artifact_package where repository_id = ${repositoryId} order by id for no key update`.execute(tx.db)
}

const requireThere = async (tx: Context, repository: Resource, { package: name, tag, digest }: HoldSpec): Promise<void> => {
  if (name === undefined && tag === undefined && digest === undefined) return
  const { rows: found } = await sql`select from artifact_package package where repository_id = ${repository.id}
    and ${name === undefined ? sql`true` : sql`name = ${name}`}
    and ${tag === undefined ? sql`true` : sql`exists (select from artifact_tag where package_id = package.id and name = ${tag})`}
    and ${
      digest === undefined
        ? sql`true`
        : sql`(exists (select from artifact_manifest where package_id = package.id and digest = ${digest})
      or exists (select from artifact_link where package_id = package.id and digest = ${digest}))`
    } limit 1`.execute(tx.db)
  if (found.length === 0)
    throw misses('/spec', `The repository ${repository.name} holds no such thing, so nothing would be held.`)
}

const isBlob = async (tx: Context, digest: string): Promise<boolean> =>
  (await rows(tx).selectFrom('artifact').select('digest').where('digest', '=', digest).forKeyShare().executeTakeFirst()) !==
  undefined

/** For the rest of the transaction no hold is laid on what the package holds, without the transaction's being seen. */
export const beforeDiscard = async (tx: Context, packageId: PackageId): Promise<void> => {
  await sql`select from artifact_package where id = ${packageId} for share`.execute(tx.db)
}

/** After `beforeDiscard`. Throws `held` where a hold keeps one of these, or all of the package. */
export const refuseHeld = async (
  tx: Context,
  { repository, name, path }: Pick<Place, 'repository' | 'name' | 'path'>,
  {
    tags = [],
    digests = [],
    whole = true,
  }: { tags?: readonly string[]; digests?: readonly string[]; /** Also where all of the package is held. */ whole?: boolean },
): Promise<void> => {
  const above = (await findScope(tx, repository.scopeId))?.ancestors ?? [repository.scopeId]
  const { rows: found } = await sql<{ id: string; name: string; reason: string }>`
    select hold.id, resource.name, resource.spec ->> 'reason' as reason from artifact_hold hold join resource on resource.id = hold.id
    where resource.scope_id = any(${above})
      and (hold.repository_id is null or hold.repository_id = ${repository.id})
      and (hold.package is null or hold.package = ${name})
      and (hold.tag is null and (hold.digest is not null or ${whole}) or hold.tag = any(${tags}))
      and (hold.digest is null or hold.digest = any(${digests})) order by hold.id limit 1`.execute(tx.db)
  const [hold] = found
  if (hold)
    throw held(
      `The hold ${hold.name} keeps what is in ${path}: ${hold.reason} Whoever may \`storage-hold.delete\` can lift it.`,
      {
        hold: hold.id,
      },
    )
}

/** After `beforeDiscard`. A hold on more than the tag lets it move: what it named stays. */
export const refuseMoved = async (
  tx: Context,
  place: Pick<Place, 'repository' | 'name' | 'path'>,
  tag: string,
): Promise<void> => {
  const named = await rows(tx).selectFrom('artifact_hold').select('id').where('tag', '=', tag).limit(1).executeTakeFirst()
  if (named) await refuseHeld(tx, place, { tags: [tag], whole: false })
}

/** As SQL, of a row of `artifact_package`: ids of the holds that reach it, whatever of it they name. */
export const holdsOn = (packageRow: string) => sql`artifact_hold hold join resource held_by on held_by.id = hold.id
  join resource holding on holding.id = ${sql.ref(`${packageRow}.repository_id`)} join policy_scope place on place.id = holding.scope_id
  where held_by.scope_id = any(place.ancestors) and (hold.repository_id is null or hold.repository_id = ${sql.ref(`${packageRow}.repository_id`)})
    and (hold.package is null or hold.package = ${sql.ref(`${packageRow}.name`)})`
