// Retention: what of a repository goes by itself. Never what is held, in a generation, used by a model, or needed by something that stays.
import { sql } from 'kysely'
import { record } from '#audit'
import { allOf, refFor, type Resource } from '#resources'
import { atomically, type Context } from '#platform/context.ts'
import { conflict } from '#platform/problem.ts'
import { beforeDiscard, holdsOn } from './holds.ts'
import { keptBy } from './keeping.ts'
import { patternSource } from './tags.ts'
import { pathOf, placeFor, specOf } from './repositories.ts'
import { untaggedDaysDefault, type Going, type Retained, type Retention } from './retention-schema.ts'
import { rows, type PackageId } from './tables.ts'

const dayMs = 86_400_000
/** Taken in one transaction; a run goes on with the next until none is left. */
const atOnce = 500
export const goingShownMax = 1_000

type Rule = { readonly repository: Resource; readonly retention: Retention }
type Candidate = { name: string; digest: string; size: number; since: Date }

/** Tags of the fallback for registries without referrers, and of cosign: they follow what they speak of. */
const followers = sql`tag.name ~ '^sha(256-[0-9a-f]{64}|512-[0-9a-f]{128})'`

const anyOf = (names: readonly string[]): string => names.map((name) => patternSource(name)).join('|')

const goingTags = async (
  ctx: Context,
  packageId: PackageId,
  { repository, retention }: Rule,
  limit: number,
): Promise<Candidate[]> => {
  const { keepLast, keepDays, keepTags = [], immutableToo = false } = retention
  if (keepLast === undefined && keepDays === undefined) return []
  const always = [...keepTags, ...(immutableToo ? [] : (specOf(repository).immutableTags ?? []))]
  const before = new Date(ctx.now().getTime() - (keepDays ?? 0) * dayMs)
  const { rows: found } = await sql<Candidate>`
    select going.name, going.digest, manifest.content_bytes as size, going.set_at as since
    from (select tag.*, row_number() over (order by tag.set_at desc, tag.name desc) as place from artifact_tag tag
      where tag.package_id = ${packageId} and not ${followers} and ${always.length === 0 ? sql`true` : sql`tag.name !~ ${anyOf(always)}`}) going
    join artifact_package package on package.id = going.package_id
    join artifact_manifest manifest on manifest.package_id = going.package_id and manifest.digest = going.digest
    where place > ${keepLast ?? 0} and set_at < ${before}
      and not exists (select from ${holdsOn('package')} and (hold.tag is null or hold.tag = going.name) and (hold.digest is null or hold.digest = going.digest))
      and not exists (select from artifact_generation_live live join artifact_generation_tag stated on stated.generation_id = live.generation_id
        where stated.package_id = going.package_id and stated.tag = going.name)
      and not ${keptBy(ctx.now())}
    order by set_at, going.name limit ${limit}`.execute(ctx.db)
  return found
}

/**
 * Without a tag for long enough, and not needed: what an index lists, what is spoken of, and what speaks, stay with what stays. `among` asks of some only.
 */
const goingManifests = async (
  ctx: Context,
  packageId: PackageId,
  { retention }: Rule,
  { limit, among }: { limit: number; among?: readonly string[] },
): Promise<Candidate[]> => {
  const at = ctx.now()
  const before = new Date(at.getTime() - (retention.untaggedDays ?? untaggedDaysDefault) * dayMs)
  const { rows: found } = await sql<Candidate>`
    with recursive stays as (
      select manifest.digest, manifest.subject from artifact_manifest manifest join artifact_package package on package.id = manifest.package_id
      where manifest.package_id = ${packageId} and (
        manifest.untagged_at is null or manifest.untagged_at >= ${before} or manifest.pushed_at >= ${before}
        or exists (select from artifact_tag where package_id = manifest.package_id and digest = manifest.digest)
        or ${keptBy(at)})
      union
      select related.digest, related.subject from stays, lateral (
        select digest, subject from artifact_manifest where package_id = ${packageId} and digest = stays.subject
        union all
        select digest, subject from artifact_manifest where package_id = ${packageId} and subject = stays.digest
        union all
        select child.digest, child.subject from artifact_reference listed join artifact_manifest child
          on child.package_id = listed.package_id and child.digest = listed.digest
          where listed.package_id = ${packageId} and listed.manifest = stays.digest and listed.role = 'manifest') related)
    select '' as name, digest, content_bytes as size, untagged_at as since from artifact_manifest manifest
    where package_id = ${packageId} and untagged_at is not null and digest not in (select digest from stays)
      and ${among === undefined ? sql`true` : sql`digest = any(${among})`}
    order by untagged_at, digest limit ${limit}`.execute(ctx.db)
  return found
}

const packagesOf = async (ctx: Context, repository: Resource): Promise<{ id: PackageId; name: string }[]> =>
  rows(ctx)
    .selectFrom('artifact_package')
    .select(['id', 'name'])
    .where('repository_id', '=', repository.id)
    .orderBy('name')
    .execute()

const pathIn = (repository: Resource, name: string): string =>
  name === '' ? pathOf(repository) : `${pathOf(repository)}/${name}`

/** What a run would take now, of the retention that is set or of another, without taking it. */
export const previewRetention = async (
  ctx: Context,
  { path, retention }: { path: string; retention?: Retention },
): Promise<{ items: Going[]; more: boolean }> => {
  const { repository, on } = await placeFor(ctx, 'pull', path)
  await ctx.authorize('repository.read', on)
  const rule = { repository, retention: retention ?? requireRetention(repository) }
  const items: Going[] = []
  for (const { id, name } of await packagesOf(ctx, repository)) {
    const left = goingShownMax + 1 - items.length
    if (left <= 0) break
    const going = [...(await goingTags(ctx, id, rule, left)), ...(await goingManifests(ctx, id, rule, { limit: left }))]
    for (const it of going)
      items.push({
        path: pathIn(repository, name),
        tag: it.name === '' ? null : it.name,
        digest: it.digest,
        sizeBytes: it.size,
        since: it.since.toISOString(),
      })
  }
  return { items: items.slice(0, goingShownMax), more: items.length > goingShownMax }
}

const requireRetention = (repository: Resource): Retention => {
  const { retention } = specOf(repository)
  if (!retention) throw conflict(`The repository ${repository.name} has no retention: nothing of it goes by itself.`)
  return retention
}

/** Carries out what the repository's spec says, now. */
export const retainAt = async (ctx: Context, path: string): Promise<Retained> => {
  const { repository } = await placeFor(ctx, 'discard', path)
  return retain(ctx, { repository, retention: requireRetention(repository) })
}

/** Every repository that has one; one that fails keeps none of the others from theirs. */
export const retainAll = async (ctx: Context): Promise<void> => {
  for (const repository of await allOf(ctx, 'repository')) {
    const { retention } = specOf(repository)
    ctx.signal.throwIfAborted()
    if (retention)
      await retain(ctx, { repository, retention }).catch((error: unknown) =>
        ctx.log.error({ err: error, repository: repository.id }, 'a retention could not be carried out'),
      )
  }
}

const retain = async (ctx: Context, rule: Rule): Promise<Retained> => {
  let [tags, manifests] = [0, 0]
  for (const { id, name } of await packagesOf(ctx, rule.repository)) {
    for (let again = true; again;) {
      const gone = await atomically(ctx, (tx) => retainSome(tx, id, name, rule))
      tags += gone.tags
      manifests += gone.manifests
      again = gone.tags + gone.manifests > 0
    }
  }
  return { tags, manifests }
}

const retainSome = async (tx: Context, id: PackageId, name: string, rule: Rule): Promise<Retained> => {
  await beforeDiscard(tx, id)
  const tags = await goingTags(tx, id, rule, atOnce)
  const { rows: untagged } = await sql<{ name: string }>`delete from artifact_tag tag
    using unnest(${tags.map((it) => it.name)}::text[], ${tags.map((it) => it.digest)}::text[]) as going (name, digest)
    where tag.package_id = ${id} and tag.name = going.name and tag.digest = going.digest returning tag.name`.execute(tx.db)
  await sql`delete from artifact_tag tag where package_id = ${id} and ${followers}
    and not exists (select from artifact_manifest where package_id = tag.package_id
      and digest in ('sha256:' || substring(tag.name from 8 for 64), 'sha512:' || substring(tag.name from 8 for 128)))`.execute(
    tx.db,
  )
  await noteUntagged(tx, id)
  const manifests = await dropGoing(tx, id, rule)
  if (untagged.length + manifests.length > 0)
    await record(tx, 'repository.discard', refFor(rule.repository), {
      package: name,
      by: 'retention',
      tags: untagged.length,
      manifests: manifests.length,
      some: [...untagged.map((it) => it.name), ...manifests].slice(0, 20),
    })
  return { tags: untagged.length, manifests: manifests.length }
}

/** From when on a manifest counts as having no tag: when that was first seen. */
const noteUntagged = async (tx: Context, id: PackageId): Promise<void> => {
  const tagged = sql`exists (select from artifact_tag where package_id = manifest.package_id and digest = manifest.digest)`
  await sql`update artifact_manifest manifest set untagged_at = null where package_id = ${id} and untagged_at is not null and ${tagged}`.execute(
    tx.db,
  )
  await sql`update artifact_manifest manifest set untagged_at = ${tx.now()} where package_id = ${id} and untagged_at is null and not ${tagged}`.execute(
    tx.db,
  )
}

/** Held before they are asked about once more: whoever comes to need one holds it too, and one of both comes second. */
const dropGoing = async (tx: Context, id: PackageId, rule: Rule): Promise<string[]> => {
  const planned = (await goingManifests(tx, id, rule, { limit: atOnce })).map(({ digest }) => digest)
  if (planned.length === 0) return []
  await sql`select from artifact_manifest where package_id = ${id} and digest = any(${planned}) order by digest for update`.execute(
    tx.db,
  )
  const going = (await goingManifests(tx, id, rule, { limit: atOnce, among: planned })).map(({ digest }) => digest)
  await rows(tx)
    .deleteFrom('artifact_manifest')
    .where('package_id', '=', id)
    .where(sql<boolean>`digest = any(${going})`)
    .execute()
  return going
}
