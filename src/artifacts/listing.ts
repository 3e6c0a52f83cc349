// What is there: tags of a package, what refers to a manifest, and the packages one may pull. Pages by key, so that a million rows cost what one page costs.
import { sql } from 'kysely'
import { permitted } from '#resources'
import type { Context } from '#platform/context.ts'
import { checkDigest } from './content.ts'
import { findPackage, nameUnknown, pathOf, type Place } from './repositories.ts'
import { rows } from './tables.ts'

export const listedMax = 10_000

export type Page<T> = { readonly items: readonly T[]; /** Ask again after this one. */ readonly next?: string }

const pageOf = <T>(found: readonly T[], limit: number, keyOf: (item: T) => string): Page<T> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return found.length > limit && last !== undefined ? { items, next: keyOf(last) } : { items }
}

const bounded = (limit: number | undefined): number => Math.min(limit ?? listedMax, listedMax)

/** In the order of their bytes. Throws `repository-unknown` where nothing was ever pushed. */
export const listTags = async (
  ctx: Context,
  place: Place,
  { after, limit }: { after?: string | undefined; limit?: number | undefined },
): Promise<Page<string>> => {
  const packageId = await findPackage(ctx, place)
  if (!packageId) throw nameUnknown(`Nothing was pushed to ${place.path} yet.`, { name: place.path })
  const most = bounded(limit)
  if (most === 0) return { items: [] }
  let tags = rows(ctx)
    .selectFrom('artifact_tag')
    .select('name')
    .where('package_id', '=', packageId)
    .orderBy('name')
    .limit(most + 1)
  if (after !== undefined) tags = tags.where('name', '>', after)
  const found = await tags.execute()
  return pageOf(
    found.map(({ name }) => name),
    most,
    (name) => name,
  )
}

export type Referrer = {
  readonly digest: string
  readonly mediaType: string
  readonly sizeBytes: number
  readonly artifactType: string | null
  readonly annotations: Record<string, string> | null
}

const referrersMax = 1_000

/** What names `subject` as its subject, by digest. None is an empty page, also where nothing is there (Distribution 1.1). */
export const listReferrers = async (
  ctx: Context,
  place: Place,
  { subject, artifactType, after }: { subject: string; artifactType?: string | undefined; after?: string | undefined },
): Promise<Page<Referrer>> => {
  checkDigest(subject)
  const packageId = await findPackage(ctx, place)
  if (!packageId) return { items: [] }
  let referrers = rows(ctx)
    .selectFrom('artifact_manifest')
    .select(['digest', 'media_type as mediaType', 'size_bytes as sizeBytes', 'artifact_type as artifactType', 'annotations'])
    .where('package_id', '=', packageId)
    .where('subject', '=', subject)
    .orderBy('digest')
    .limit(referrersMax + 1)
  if (artifactType !== undefined) referrers = referrers.where('artifact_type', '=', artifactType)
  if (after !== undefined) referrers = referrers.where('digest', '>', after)
  return pageOf(await referrers.execute(), referrersMax, ({ digest }) => digest)
}

/** Paths of the packages that the caller may pull, in the order of their bytes. */
export const listPaths = async (
  ctx: Context,
  { after, limit }: { after?: string | undefined; limit?: number | undefined },
): Promise<Page<string>> => {
  const most = bounded(limit)
  const repositories = await permitted(ctx, 'repository', 'repository.pull')
  if (most === 0 || repositories.length === 0) return { items: [] }
  const { rows: found } = await sql<{ path: string }>`
    select path from (
      select (repository.path || case package.name when '' then '' else '/' || package.name end) collate "C" as path
      from unnest(${repositories.map(({ id }) => id)}::text[], ${repositories.map(pathOf)}::text[]) as repository (id, path)
      join artifact_package package on package.repository_id = repository.id
      where exists (select from artifact_manifest where package_id = package.id)) named
    where ${after === undefined ? sql`true` : sql`path > ${after} collate "C"`} order by path limit ${most + 1}`.execute(ctx.db)
  return pageOf(
    found.map((row) => row.path),
    most,
    (name) => name,
  )
}
