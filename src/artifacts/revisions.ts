// A package as clients of models see it: revisions (tags, and commits that stand for manifests) with files at paths.
import { sql, type RawBuilder } from 'kysely'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { isDigest, manifestUnknown } from './manifests.ts'
import { findPackage, nameUnknown, type Place } from './repositories.ts'
import { rows, type PackageId } from './tables.ts'

export const fileUnknown = problem('file-unknown', 404, 'No such file in the release')

export type Revision = {
  readonly packageId: PackageId
  readonly digest: string
  /** What Git would call it: the first 40 hexadecimal digits of the digest. */
  readonly commit: string
  readonly sizeBytes: number
  readonly pushedAt: Date
  readonly pushedBy: string
  readonly artifactType: string | null
}

/** 160 bits, as of Git's own names: two manifests that share them would take 2^80 attempts to make. */
const commitLength = 40

export const commitOf = (digest: string): string => digest.slice(digest.indexOf(':') + 1).slice(0, commitLength)

const branch = 'main'
/** Git’s word for where `main` stands. */
const head = 'HEAD'
/** What the rest of the field calls the newest, where nobody pushed a `main`. */
const fallback = 'latest'

/** By tag, by commit or by whole digest. Throws `repository-unknown` where nothing was ever pushed, and `manifest-unknown`. */
export const findRevision = async (ctx: Context, place: Place, name: string): Promise<Revision> => {
  const packageId = await findPackage(ctx, place)
  if (!packageId) throw nameUnknown(`Nothing was pushed to ${place.path} yet.`, { name: place.path })
  const { rows: found } = await sql<Omit<Revision, 'commit' | 'packageId'>>`
    select manifest.digest, content_bytes as "sizeBytes", pushed_at as "pushedAt", pushed_by as "pushedBy", artifact_type as "artifactType"
    from artifact_manifest manifest where package_id = ${packageId} and ${named(packageId, name)} limit 2`.execute(ctx.db)
  const [one] = found
  if (!one || found.length > 1) {
    if (!(await holdsAny(ctx, packageId))) throw nameUnknown(`Nothing is at ${place.path} any more.`, { name: place.path })
    throw manifestUnknown(`${place.path} has no revision ${JSON.stringify(name.slice(0, 160))}.`, {
      reference: name.slice(0, 160),
    })
  }
  return { ...one, packageId, commit: commitOf(one.digest) }
}

const named = (packageId: PackageId, name: string): RawBuilder<boolean> => {
  if (isDigest(name)) return sql`digest = ${name}`
  if (/^[0-9a-f]{64}$/.test(name)) return sql`digest = ${`sha256:${name}`}`
  if (/^[0-9a-f]{40}$/.test(name))
    return sql`(digest between ${`sha256:${name.padEnd(64, '0')}`} and ${`sha256:${name.padEnd(64, 'f')}`}
      or digest between ${`sha512:${name.padEnd(128, '0')}`} and ${`sha512:${name.padEnd(128, 'f')}`})`
  const tags = name === branch || name === head ? [branch, fallback] : [name]
  return sql`digest = (select digest from artifact_tag where package_id = ${packageId} and name = any(${tags}::text[])
    order by array_position(${tags}::text[], name::text) limit 1)`
}

const holdsAny = async (ctx: Context, packageId: PackageId): Promise<boolean> =>
  (await rows(ctx)
    .selectFrom('artifact_manifest')
    .select('digest')
    .where('package_id', '=', packageId)
    .limit(1)
    .executeTakeFirst()) !== undefined

export type FileAt = {
  readonly path: string
  /** As the manifest names it. */ readonly digest: string
  /** Its sha256, whatever the manifest names it by. */ readonly blob: string
  readonly sizeBytes: number
  readonly mediaType: string
}
/** What ModelPack and ORAS pack into archives: the manifest names the archive by what is in it. */
export const isPacked = ({ mediaType }: Pick<FileAt, 'mediaType'>): boolean => /\.tar(?:[.+](?:gzip|zstd))?$/.test(mediaType)

export type Entry = ({ readonly kind: 'file' } & FileAt) | { readonly kind: 'folder'; readonly path: string }

/** Layers that say where they lie, and lie within the release. One path is one file: the first that claims it. */
const files = ({ packageId, digest }: Revision): RawBuilder<unknown> => sql`
  select distinct on (path collate "C") path collate "C" as path, reference.digest, link.blob, link.size_bytes as "sizeBytes", media_type as "mediaType"
  from artifact_reference reference
  join artifact_link link on link.package_id = reference.package_id and link.digest = reference.digest
  where reference.package_id = ${packageId} and manifest = ${digest} and role = 'layer' and path is not null
    and path !~ '(^|/)[.]{0,2}(/|$)' and path !~ '[\\\\[:cntrl:]]'
  order by path collate "C", place`

export const fileAt = async (ctx: Context, place: Place, revision: Revision, path: string): Promise<FileAt> => {
  const [file] = await filesAt(ctx, revision, [path])
  if (!file)
    throw fileUnknown(`${place.path} has no file ${JSON.stringify(path.slice(0, 200))} at ${revision.commit}.`, {
      path: path.slice(0, 200),
    })
  return file
}

/** All of them. */
export const filesOf = async (ctx: Context, revision: Revision): Promise<FileAt[]> =>
  (await sql<FileAt>`${files(revision)}`.execute(ctx.db)).rows

export const filesAt = async (ctx: Context, revision: Revision, paths: readonly string[]): Promise<FileAt[]> =>
  (await sql<FileAt>`select * from (${files(revision)}) file where path = any(${paths}::text[]) order by path`.execute(ctx.db))
    .rows

export type TreeQuery = {
  /** A folder; empty for the whole. */
  under: string
  recursive: boolean
  after?: string | undefined
  limit: number
}

/** In the order of their bytes; folders come by themselves where the listing goes into them. */
export const treeOf = async (ctx: Context, revision: Revision, query: TreeQuery): Promise<{ items: Entry[]; next?: string }> => {
  const { under, recursive, after, limit } = query
  const below = under === '' ? '' : `${under}/`
  const from = sql`from (${files(revision)}) file where starts_with(path, ${below}) and ${after === undefined ? sql`true` : recursive ? sql`path > ${after} collate "C"` : sql`${step(below)} > ${after} collate "C"`}`
  const { rows: found } = await (
    recursive
      ? sql<FileAt & { name: string }>`select *, path as name ${from} order by path limit ${limit + 1}`
      : sql<
          FileAt & { name: string }
        >`select distinct on (name) * from (select *, ${step(below)} as name ${from}) named order by name, path limit ${limit + 1}`
  ).execute(ctx.db)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const items = recursive ? withFolders(page, below, after) : page.map((row) => direct(row))
  return { items, ...(found.length > limit && last ? { next: last.name } : {}) }
}

/** The file or the folder directly below. */
const step = (below: string): RawBuilder<string> =>
  sql`(${below} || split_part(substr(path, length(${below}) + 1), '/', 1)) collate "C"`

const fileOf = ({ path, digest, blob, sizeBytes, mediaType }: FileAt): Entry => ({
  kind: 'file',
  path,
  digest,
  blob,
  sizeBytes,
  mediaType,
})

const direct = (row: FileAt & { name: string }): Entry =>
  row.name === row.path ? fileOf(row) : { kind: 'folder', path: row.name }

/** A folder is told before the first file in it: of the page before, `after` is the last. */
const withFolders = (page: readonly FileAt[], below: string, after: string | undefined): Entry[] => {
  const told = new Set(after === undefined ? [] : foldersOf(after))
  return page.flatMap((file) => {
    const fresh = foldersOf(file.path).filter((folder) => folder.length > below.length - 1 && !told.has(folder))
    for (const folder of fresh) told.add(folder)
    return [...fresh.map((path): Entry => ({ kind: 'folder', path })), fileOf(file)]
  })
}

const foldersOf = (path: string): string[] => {
  const parts = path.split('/')
  return parts.slice(1).map((_, depth) => parts.slice(0, depth + 1).join('/'))
}

/** Tags of a package with what they name, in the order of their bytes. */
export const refsOf = async (ctx: Context, { packageId }: Revision, limit: number): Promise<{ name: string; commit: string }[]> =>
  (
    await rows(ctx)
      .selectFrom('artifact_tag')
      .select(['name', 'digest'])
      .where('package_id', '=', packageId)
      .orderBy('name')
      .limit(limit)
      .execute()
  ).map(({ name, digest }) => ({ name, commit: commitOf(digest) }))

export type PackageQuery = {
  search?: string | undefined
  /** A folder of packages. */
  under?: string | undefined
  /** This one only. */
  exactly?: string | undefined
  after?: string | undefined
  limit: number
}
export type Listed = { readonly name: string; readonly commit: string; readonly setAt: Date; readonly pulls: number }

/** Packages below a place that hold a tag, with what `main` stands for there, or else the tag that was set last. */
export const listPackages = async (
  ctx: Context,
  { repository, name }: Place,
  { search, under, exactly, after, limit }: PackageQuery,
): Promise<{ items: Listed[]; next?: string }> => {
  const below = [name, under]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => `${part}/`)
    .join('')
  const { rows: found } = await sql<Omit<Listed, 'commit'> & { digest: string }>`
    select name, digest, set_at as "setAt", pulls from (
      select substr(package.name, length(${below}::text) + 1) collate "C" as name, package.id, tag.digest, tag.set_at from artifact_package package
      cross join lateral (select digest, set_at from artifact_tag where package_id = package.id
        order by array_position(${[branch, fallback]}::text[], name::text), set_at desc limit 1) tag
      where repository_id = ${repository.id} and starts_with(package.name, ${below})) named
    cross join lateral (select coalesce(sum(count), 0)::int8 as pulls from artifact_pull where package_id = named.id) pull
    where ${search === undefined ? sql`true` : sql`strpos(name, ${search.toLowerCase()}) > 0`}
      and ${exactly === undefined ? sql`true` : sql`name = ${exactly}`} and ${after === undefined ? sql`true` : sql`name > ${after} collate "C"`}
    order by name limit ${limit + 1}`.execute(ctx.db)
  const items = found.slice(0, limit).map(({ digest, ...row }) => ({ ...row, commit: commitOf(digest) }))
  const last = items.at(-1)
  return { items, ...(found.length > limit && last ? { next: last.name } : {}) }
}
