// What people look at: packages of the repositories they may read, their tags, and one release with its files, referrers and pullers.
import { sql, type RawBuilder } from 'kysely'
import { permitted, type Resource } from '#resources'
import type { Context } from '#platform/context.ts'
import type { ManifestCard, PackageCard, TagCard } from './browse-schema.ts'
import { listReferrers } from './listing.ts'
import { manifestUnknown } from './manifests.ts'
import { findPackage, pathOf, placeFor, specOf, type Place } from './repositories.ts'
import { contentsOf } from './releases.ts'
import { rows, type PackageId } from './tables.ts'

const pageDefault = 50
const filesShownMax = 1_000
const shownBytesMax = 256 * 1024

export type PackageQuery = {
  repository?: string | undefined
  formats?: readonly string[] | undefined
  /** Only where a release is a ModelPack, or holds weights. */
  models?: boolean | undefined
  q?: string | undefined
  after?: string | undefined
  limit?: number | undefined
}

const escaped = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`

/** In the order of their paths. */
export const browsePackages = async (
  ctx: Context,
  { repository, formats, models = false, q, after, limit = pageDefault }: PackageQuery,
): Promise<{ items: PackageCard[]; next?: string }> => {
  const readable = (await permitted(ctx, 'repository', 'repository.read')).filter(
    (one) =>
      (repository === undefined || one.id === repository || one.name === repository) &&
      (formats === undefined || formats.includes(specOf(one).format)),
  )
  if (readable.length === 0) return { items: [] }
  const { rows: found } = await sql<Omit<PackageCard, 'format' | 'pushedAt'> & { pushedAt: Date | null }>`
    select path, name, repository, manifests, tags, size_bytes as "sizeBytes", latest_tag as "latestTag", pulls,
      last.artifact_type as "artifactType", last.pushed_at as "pushedAt"
    from (${named(readable, { q, after, models })} order by path limit ${limit + 1}) package
    cross join lateral (select count(*)::int8 as manifests from artifact_manifest where package_id = package.id) manifest
    cross join lateral (select count(*)::int8 as tags, (array_agg(name order by set_at desc))[1] as latest_tag from artifact_tag where package_id = package.id) tag
    cross join lateral (select coalesce(sum(size_bytes), 0)::int8 as size_bytes from artifact_link where package_id = package.id) link
    cross join lateral (select coalesce(sum(count), 0)::int8 as pulls from artifact_pull where package_id = package.id) pull
    left join lateral (select artifact_type, pushed_at from artifact_manifest where package_id = package.id and subject is null order by pushed_at desc limit 1) last on true
    order by path`.execute(ctx.db)
  const formatOf = new Map(readable.map((one) => [one.id, specOf(one).format]))
  const items = found.slice(0, limit).map((row) => ({
    ...row,
    format: formatOf.get(row.repository) ?? '',
    pushedAt: row.pushedAt?.toISOString() ?? null,
  }))
  const last = items.at(-1)
  return { items, ...(found.length > limit && last ? { next: last.path } : {}) }
}

type Narrowing = { q: string | undefined; after: string | undefined; models: boolean }

const holdsModel = sql`(exists (select from artifact_manifest where package_id = package.id and artifact_type = 'application/vnd.cncf.model.manifest.v1+json')
  or exists (select from artifact_reference where package_id = package.id and path ~* '[.](gguf|safetensors)$'))`

const named = (readable: readonly Resource[], { q, after, models }: Narrowing): RawBuilder<unknown> => sql`
  select * from (
    select package.id, package.name, package.repository_id as repository,
      (repository.path || case package.name when '' then '' else '/' || package.name end) collate "C" as path
    from unnest(${readable.map(({ id }) => id)}::text[], ${readable.map(pathOf)}::text[]) as repository (id, path)
    join artifact_package package on package.repository_id = repository.id
    where exists (select from artifact_manifest where package_id = package.id) and ${models ? holdsModel : sql`true`}) named
  where ${after === undefined ? sql`true` : sql`path > ${after} collate "C"`} and ${q === undefined ? sql`true` : sql`path like ${escaped(q)}`}`

export type TagQuery = { path: string; q?: string | undefined; after?: string | undefined; limit?: number | undefined }

/** Newest first. `after` is what the page before said comes next. */
export const browseTags = async (
  ctx: Context,
  { path, q, after, limit = pageDefault }: TagQuery,
): Promise<{ items: TagCard[]; next?: string }> => {
  const { packageId } = await packageToRead(ctx, path)
  const [at = '', name = ''] = after?.split('~') ?? []
  const { rows: found } = await sql<Omit<TagCard, 'setAt'> & { setAt: Date; key: string }>`
    select tag.name, tag.digest, manifest.media_type as "mediaType", manifest.artifact_type as "artifactType",
      manifest.content_bytes as "sizeBytes", tag.set_by as "setBy", tag.set_at as "setAt", tag.set_at::text as key,
      (select coalesce(sum(count), 0)::int8 from artifact_pull pull where pull.package_id = tag.package_id and pull.digest = tag.digest) as pulls,
      (select count(*)::int8 from artifact_manifest referrer where referrer.package_id = tag.package_id and referrer.subject = tag.digest) as referrers
    from artifact_tag tag join artifact_manifest manifest on manifest.package_id = tag.package_id and manifest.digest = tag.digest
    where tag.package_id = ${packageId} and ${q === undefined ? sql`true` : sql`tag.name like ${escaped(q)}`}
      and ${after === undefined ? sql`true` : sql`(tag.set_at, tag.name) < (${at}::timestamptz, ${name} collate "C")`}
    order by tag.set_at desc, tag.name desc limit ${limit + 1}`.execute(ctx.db)
  const items = found.slice(0, limit).map(({ key: _key, ...row }) => ({ ...row, setAt: row.setAt.toISOString() }))
  const last = found[limit - 1]
  return { items, ...(found.length > limit && last ? { next: `${last.key}~${last.name}` } : {}) }
}

const packageToRead = async (ctx: Context, path: string): Promise<{ place: Place; packageId: PackageId }> => {
  const place = await placeFor(ctx, 'read', path)
  const packageId = await findPackage(ctx, place)
  if (!packageId) throw manifestUnknown(`Nothing was pushed to ${place.path} yet.`)
  return { place, packageId }
}

/** One release. Who pulled it is told to those who may read the log of its scope. */
export const browseManifest = async (ctx: Context, path: string, reference: string): Promise<ManifestCard> => {
  const { place, packageId } = await packageToRead(ctx, path)
  const contents = await contentsOf(ctx, place, reference)
  const { digest } = contents
  const row = await rows(ctx)
    .selectFrom('artifact_manifest')
    .select(['artifact_type', 'subject', 'annotations', 'content_bytes', 'pushed_by', 'pushed_at'])
    .where('package_id', '=', packageId)
    .where('digest', '=', digest)
    .executeTakeFirst()
  if (!row) throw manifestUnknown(`${path} no longer has ${digest}: someone discarded it a moment ago.`)
  const pullers = await pullersOf(ctx, packageId, digest)
  const { items: referrers } = await listReferrers(ctx, place, { subject: digest })
  return {
    path: place.path,
    repository: place.repository.id,
    digest,
    mediaType: contents.mediaType,
    artifactType: row.artifact_type,
    subject: row.subject,
    annotations: row.annotations ?? {},
    sizeBytes: row.content_bytes,
    pushedBy: row.pushed_by,
    pushedAt: row.pushed_at.toISOString(),
    tags: await tagsOf(ctx, packageId, digest),
    files: contents.files.slice(0, filesShownMax).map(({ path: file, digest: of, mediaType = '', sizeBytes, role }) => ({
      path: file,
      digest: of,
      mediaType,
      sizeBytes,
      role,
    })),
    filesMore: contents.files.length > filesShownMax,
    referrers: [...referrers],
    pulls: pullers.reduce((sum, { count }) => sum + count, 0),
    ...((await ctx.permits('audit.read', { ...place.on, kind: 'audit' })) ? { pullers } : {}),
    ...(contents.body.length <= shownBytesMax ? { manifest: JSON.parse(contents.body.toString('utf8')) as unknown } : {}),
  }
}

const tagsOf = async (ctx: Context, packageId: PackageId, digest: string): Promise<string[]> =>
  (
    await rows(ctx)
      .selectFrom('artifact_tag')
      .select('name')
      .where('package_id', '=', packageId)
      .where('digest', '=', digest)
      .orderBy('name')
      .limit(filesShownMax)
      .execute()
  ).map(({ name }) => name)

const pullersOf = async (ctx: Context, packageId: PackageId, digest: string) => {
  const found = await rows(ctx)
    .selectFrom('artifact_pull')
    .select(['actor', 'count', 'first_at', 'last_at'])
    .where('package_id', '=', packageId)
    .where('digest', '=', digest)
    .orderBy('last_at', 'desc')
    .limit(filesShownMax)
    .execute()
  return found.map(({ actor, count, first_at, last_at }) => ({
    actor,
    count,
    firstAt: first_at.toISOString(),
    lastAt: last_at.toISOString(),
  }))
}
