// Versions of a package: its releases as clients of packages see them. One more file, a mark or a removal is a new manifest in place of the last.
import { text } from 'node:stream/consumers'
import { sql } from 'kysely'
import { openBlob } from '#platform/blobs.ts'
import { atomically, type Context } from '#platform/context.ts'
import { parseJson } from '#platform/json.ts'
import { isKept } from './keeping.ts'
import { discardManifest, getManifest, putManifest } from './manifests.ts'
import { publish, tagFor, versionOf, type Release, type ReleaseFile } from './releases.ts'
import { packageAt, type Place } from './repositories.ts'
import { rows } from './tables.ts'

/** A view shows no more than these; whoever has more divides them among packages or repositories. */
export const versionsMax = 10_000
export const packagesMax = 50_000

export type Version = {
  /** Of the package, below the repository. */
  readonly package: string
  readonly version: string
  readonly tag: string
  readonly digest: string
  readonly artifactType: string
  readonly setAt: Date
  readonly config: { readonly mediaType: string; readonly digest: string; readonly sizeBytes: number }
  readonly files: readonly ReleaseFile[]
  readonly annotations: Readonly<Record<string, string>>
}

type Descriptor = { mediaType: string; digest: string; size: number; annotations?: Record<string, string> }
type Manifest = { artifactType?: string; config: Descriptor; layers: Descriptor[]; annotations?: Record<string, string> }

const titleAnnotation = 'org.opencontainers.image.title'

const fileOf = ({ mediaType, digest, size, annotations = {} }: Descriptor): ReleaseFile => {
  const { [titleAnnotation]: path = '', ...others } = annotations
  return { path, digest, sizeBytes: size, mediaType, annotations: others }
}

type Row = { package: string; tag: string; digest: string; set_at: Date; body: Buffer }

const versionFrom = ({ package: name, tag, digest, set_at, body }: Row): Version => {
  const { artifactType = '', config, layers, annotations = {} } = JSON.parse(body.toString()) as Manifest // of its form since it was pushed
  return {
    package: name,
    version: versionOf(tag),
    tag,
    digest,
    artifactType,
    setAt: set_at,
    config: { mediaType: config.mediaType, digest: config.digest, sizeBytes: config.size },
    files: layers.map(fileOf),
    annotations,
  }
}

/** Every tag of the package with what it names; of the whole repository with `everywhere`. Oldest first. Indexes are not versions. */
export const versionsOf = async (
  ctx: Pick<Context, 'db'>,
  { repository, name }: Place,
  { everywhere = false, artifactType }: { everywhere?: boolean; artifactType?: string } = {},
): Promise<Version[]> => {
  const { rows: found } = await sql<Row>`
    select package.name as package, tag.name as tag, tag.digest, tag.set_at, manifest.body
    from artifact_package package
    join artifact_tag tag on tag.package_id = package.id
    join artifact_manifest manifest on manifest.package_id = package.id and manifest.digest = tag.digest
    where repository_id = ${repository.id} and ${everywhere ? sql`true` : sql`package.name = ${name}`}
      and ${artifactType === undefined ? sql`config_type is not null` : sql`artifact_type = ${artifactType}`}
    order by tag.set_at, package.name, tag.name limit ${everywhere ? packagesMax : versionsMax}`.execute(ctx.db)
  return found.map(versionFrom)
}

export const findVersion = async (
  ctx: Pick<Context, 'db'>,
  { repository, name }: Place,
  version: string,
): Promise<Version | undefined> => {
  const { rows: found } = await sql<Row>`
    select package.name as package, tag.name as tag, tag.digest, tag.set_at, manifest.body
    from artifact_package package
    join artifact_tag tag on tag.package_id = package.id and tag.name = ${tagFor(version)}
    join artifact_manifest manifest on manifest.package_id = package.id and manifest.digest = tag.digest
    where repository_id = ${repository.id} and package.name = ${name} and config_type is not null`.execute(ctx.db)
  return found[0] && versionFrom(found[0])
}

/** Names of the packages of a repository that hold a tag, in the order of their bytes. */
export const packagesOf = async (ctx: Pick<Context, 'db'>, { repository }: Place): Promise<string[]> => {
  const { rows: found } = await sql<{ name: string }>`select name from artifact_package package
    where repository_id = ${repository.id} and exists (select from artifact_tag where package_id = package.id)
    order by name limit ${packagesMax}`.execute(ctx.db)
  return found.map(({ name }) => name)
}

const configBytesMax = 4 * 1024 ** 2

/** What was said of the release as a whole. */
export const configOf = async (ctx: Context, { config }: Pick<Version, 'config'>): Promise<unknown> =>
  parseJson(await text(openBlob(ctx.site.blobs, config.digest)), { bytesMax: configBytesMax })

/**
 * One at a time in a package: `change` is given what the version holds now, and answers what it is to hold. Nothing of it remains when `change` throws.
 * What the version was before goes, unless something refers to it; other tags that named it follow.
 */
export const revise = <T extends Release | undefined>(
  ctx: Context,
  place: Place,
  version: string,
  change: (tx: Context, before: Version | undefined) => Promise<T>,
): Promise<T> =>
  atomically(ctx, async (tx) => {
    await holdPackage(tx, place)
    const before = await findVersion(tx, place, version)
    const release = await change(tx, before)
    if (!release) return release
    const { digest } = await publish(tx, place, release)
    if (before && before.digest !== digest) await replace(tx, place, before, digest)
    return release
  })

/** For the rest of the transaction; who links a blob to the package meanwhile does not wait. */
export const holdPackage = async (tx: Context, place: Place): Promise<void> => {
  await rows(tx)
    .selectFrom('artifact_package')
    .select('id')
    .where('id', '=', await packageAt(tx, place))
    .forNoKeyUpdate()
    .execute()
}

const replace = async (tx: Context, place: Place, before: Version, digest: string): Promise<void> => {
  const package_id = await packageAt(tx, place)
  if (await isKept(tx, package_id, before.digest)) return // with whatever else names it
  await rows(tx)
    .updateTable('artifact_tag')
    .set({ digest })
    .where('package_id', '=', package_id)
    .where('digest', '=', before.digest)
    .execute()
  await sql`delete from artifact_manifest manifest where package_id = ${package_id} and digest = ${before.digest}
    and not exists (select from artifact_manifest where package_id = ${package_id} and subject = ${before.digest})
    and not exists (select from artifact_reference where package_id = ${package_id} and digest = ${before.digest} and role = 'manifest')`.execute(
    tx.db,
  )
}

/** Another name for a version, as npm's `latest`; it moves when it is set again. */
export const nameVersion = async (ctx: Context, place: Place, version: Version, name: string): Promise<void> => {
  const { body, mediaType } = await getManifest(ctx, place, version.digest)
  await putManifest(ctx, place, { reference: tagFor(name), body, mediaType })
}

/** The whole version, with every tag that names it. */
export const discardVersion = (ctx: Context, place: Place, { digest }: Version): Promise<void> =>
  discardManifest(ctx, place, digest)
