// Manifests: what says which blobs belong together. Kept byte for byte, under every digest they were sent by; tags name them.
import { createHash } from 'node:crypto'
import { record } from '#audit'
import { atomically, type Context } from '#platform/context.ts'
import { conflict, problem, tooLarge } from '#platform/problem.ts'
import { digestMismatch } from '#platform/blobs.ts'
import { checkDigest } from './content.ts'
import { beforeDiscard, refuseHeld } from './holds.ts'
import { refuseStated } from './keeping.ts'
import { digestPattern, manifestBytesMax, readManifest, type Manifest } from './manifest-form.ts'
import { findPackage, packageAt, specOf, type Place } from './repositories.ts'
import { rows, type PackageId } from './tables.ts'
import { checkTag, dropTag, moveTag, refuseImmutable, type Gone } from './tags.ts'

export const manifestUnknown = problem('manifest-unknown', 404, 'No such manifest')
export const manifestBlobUnknown = problem('manifest-blob-unknown', 404, 'The manifest needs what is not here')
export const isDigest = (reference: string): boolean => digestPattern.test(reference)

export type Stored = {
  readonly digest: string
  readonly mediaType: string
  readonly sizeBytes: number
  readonly body: Buffer
}

/** By digest or tag. Throws `manifest-unknown`. */
export const getManifest = async (ctx: Context, place: Place, reference: string): Promise<Stored> => {
  const byDigest = reference.includes(':')
  if (byDigest) checkDigest(reference)
  else checkTag(reference)
  const manifests = rows(ctx)
    .selectFrom('artifact_package as package')
    .innerJoin('artifact_manifest as manifest', 'manifest.package_id', 'package.id')
    .select(['manifest.digest', 'manifest.media_type', 'manifest.size_bytes', 'manifest.body'])
    .where('package.repository_id', '=', place.repository.id)
    .where('package.name', '=', place.name)
  const row = await (
    byDigest
      ? manifests.where('manifest.digest', '=', reference)
      : manifests
          .innerJoin('artifact_tag as tag', (join) =>
            join.onRef('tag.package_id', '=', 'package.id').onRef('tag.digest', '=', 'manifest.digest'),
          )
          .where('tag.name', '=', reference)
  ).executeTakeFirst()
  if (!row) throw unknownAt(place, reference)
  return { digest: row.digest, mediaType: row.media_type, sizeBytes: row.size_bytes, body: row.body }
}

const unknownAt = (place: Place, reference: string) =>
  manifestUnknown(`${place.path} has nothing called ${JSON.stringify(reference.slice(0, 160))}.`, {
    reference: reference.slice(0, 160),
  })

export type Pushed = { readonly digest: string; readonly subject: string | undefined }

export type Given = {
  /** A tag, or the digest that the bytes must have. */
  reference: string
  body: Buffer
  mediaType: string
  /** More tags to set with it. */
  tags?: readonly string[]
  /** Fetched from there: what it refers to is fetched when it is asked for. */
  origin?: Origin
}

/** Where the site fetched something, and for whom. */
export type Origin = { readonly origin: string; readonly pulledBy: string }

/**
 * Stores a manifest and moves the tags to it, all or nothing. Throws `manifest-invalid`, `digest-mismatch`, `manifest-blob-unknown` for a blob or a child
 * that the package does not hold, `tag-immutable`, `too-large`.
 */
export const putManifest = async (
  ctx: Context,
  place: Place,
  { reference, body, mediaType, tags = [], origin }: Given,
): Promise<Pushed> => {
  if (body.length > manifestBytesMax)
    throw tooLarge(`A manifest has at most ${manifestBytesMax} bytes.`, { bytesMax: manifestBytesMax })
  const byDigest = reference.includes(':')
  const algorithm = byDigest ? checkDigest(reference).split(':')[0]! : 'sha256'
  const digest = `${algorithm}:${createHash(algorithm).update(body).digest('hex')}`
  if (byDigest && digest !== reference)
    throw digestMismatch('The manifest that arrived does not have the digest it was sent under; nothing was stored.', {
      expected: reference,
      actual: digest,
    })
  const names = (byDigest ? tags : [reference, ...tags]).map(checkTag)
  const manifest = readManifest(body, mediaType)
  await atomically(ctx, async (tx) => {
    const packageId = await packageAt(tx, place)
    if (!origin) await requireHeld(tx, place, packageId, manifest)
    await insert(tx, packageId, { digest, body, manifest })
    for (const name of names) await moveTag(tx, place, packageId, { name, digest })
    await record(tx, 'repository.push', place.on, {
      package: place.name,
      manifest: digest,
      sizeBytes: contentBytes(manifest),
      ...(names.length > 0 ? { tags: names.slice(0, 20) } : {}),
      ...(manifest.subject === undefined ? {} : { subject: manifest.subject }),
      ...origin,
    })
  })
  return { digest, subject: manifest.subject }
}

const contentBytes = ({ references }: Manifest): number => references.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)

/** Held against deletion for the rest of the transaction. */
const requireHeld = async (tx: Context, place: Place, packageId: PackageId, { references }: Manifest): Promise<void> => {
  const blobs = references.filter(({ role, elsewhere }) => role !== 'manifest' && !elsewhere)
  const children = references.filter(({ role }) => role === 'manifest')
  const held = await heldAmong(tx, packageId, 'artifact_link', blobs)
  const present = await heldAmong(tx, packageId, 'artifact_manifest', children)
  const missing = [...blobs.filter(({ digest }) => !held.has(digest)), ...children.filter(({ digest }) => !present.has(digest))]
  if (missing.length > 0)
    throw manifestBlobUnknown(
      `${place.path} does not hold ${missing[0]!.digest}${missing.length > 1 ? ` and ${missing.length - 1} more` : ''} that the manifest refers to. Push them first.`,
      { missing: [...new Set(missing.map(({ digest }) => digest))].slice(0, 20) },
    )
  const lying = blobs.find(({ digest, sizeBytes }) => held.get(digest) !== sizeBytes)
  if (lying)
    throw manifestSizeWrong(`The manifest says ${lying.digest} has ${lying.sizeBytes} bytes; it has ${held.get(lying.digest)}.`, {
      digest: lying.digest,
    })
}

export const manifestSizeWrong = problem('manifest-size-wrong', 400, 'The manifest states another size')

const heldAmong = async (
  tx: Context,
  packageId: PackageId,
  table: 'artifact_link' | 'artifact_manifest',
  wanted: readonly { digest: string }[],
): Promise<Map<string, number>> => {
  if (wanted.length === 0) return new Map()
  const found = await rows(tx)
    .selectFrom(table)
    .select(['digest', 'size_bytes'])
    .where('package_id', '=', packageId)
    .where('digest', 'in', [...new Set(wanted.map(({ digest }) => digest))])
    .orderBy('digest')
    .forKeyShare()
    .execute()
  return new Map(found.map(({ digest, size_bytes }) => [digest, size_bytes]))
}

type New = { digest: string; body: Buffer; manifest: Manifest }

const insert = async (tx: Context, packageId: PackageId, { digest, body, manifest }: New): Promise<void> => {
  const { numInsertedOrUpdatedRows: inserted = 0n } = await rows(tx)
    .insertInto('artifact_manifest')
    .values({
      package_id: packageId,
      digest,
      media_type: manifest.mediaType,
      artifact_type: manifest.artifactType ?? null,
      config_type: manifest.configType ?? null,
      subject: manifest.subject ?? null,
      annotations: manifest.annotations ?? null,
      size_bytes: body.length,
      content_bytes: contentBytes(manifest),
      body,
      pushed_by: tx.actor.id,
      pushed_at: tx.now(),
    })
    .onConflict((on) => on.columns(['package_id', 'digest']).doNothing())
    .executeTakeFirst()
  if (inserted === 0n) {
    const there = await heldAmong(tx, packageId, 'artifact_manifest', [{ digest }])
    return there.size > 0 ? undefined : insert(tx, packageId, { digest, body, manifest }) // discarded at this moment
  }
  for (let from = 0; from < manifest.references.length; from += referencesAtOnce)
    await rows(tx)
      .insertInto('artifact_reference')
      .values(
        manifest.references
          .slice(from, from + referencesAtOnce)
          .map(({ role, digest: referred, mediaType, sizeBytes, path }, index) => ({
            package_id: packageId,
            manifest: digest,
            place: from + index,
            digest: referred,
            role,
            media_type: mediaType,
            size_bytes: sizeBytes,
            path: path ?? null,
          })),
      )
      .execute()
}
/** PostgreSQL takes 65,535 parameters a statement. */
const referencesAtOnce = 5_000

/** A tag goes alone; a digest goes with every tag that names it. Refused for tags that are immutable, and for a child that an index needs. */
export const discardManifest = (ctx: Context, place: Place, reference: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    const packageId = await findPackage(tx, place)
    if (reference.includes(':')) checkDigest(reference)
    else checkTag(reference)
    if (packageId) await beforeDiscard(tx, packageId)
    const gone = packageId && (await (reference.includes(':') ? dropManifest : dropTag)(tx, place, packageId, reference))
    if (!gone) throw unknownAt(place, reference)
    await record(tx, 'repository.discard', place.on, { package: place.name, reference, ...gone })
  })

const dropManifest = async (tx: Context, place: Place, packageId: PackageId, digest: string): Promise<Gone | undefined> => {
  const { repository, path } = place
  const at = { package_id: packageId, digest }
  const held = await rows(tx)
    .selectFrom('artifact_manifest')
    .select('subject')
    .where('package_id', '=', at.package_id)
    .where('digest', '=', digest)
    .forUpdate()
    .executeTakeFirst()
  if (!held) return undefined
  const parent = await rows(tx)
    .selectFrom('artifact_reference')
    .select('manifest')
    .where('package_id', '=', packageId)
    .where('digest', '=', digest)
    .where('role', '=', 'manifest')
    .limit(1)
    .executeTakeFirst()
  if (parent) throw conflict(`The index ${parent.manifest} needs it. Delete the index first.`, { manifest: parent.manifest })
  const tags = await rows(tx)
    .deleteFrom('artifact_tag')
    .where('package_id', '=', packageId)
    .where('digest', '=', digest)
    .returning('name')
    .execute()
  for (const { name } of tags) refuseImmutable(specOf(repository).immutableTags, { name, path, digest })
  // What speaks of held content is evidence of it, and stays too.
  await refuseHeld(tx, place, { tags: tags.map(({ name }) => name), digests: [digest, held.subject ?? digest] })
  await refuseStated(tx, packageId, digest)
  await rows(tx).deleteFrom('artifact_manifest').where('package_id', '=', packageId).where('digest', '=', digest).execute()
  return { tags: tags.map(({ name }) => name).slice(0, 20) }
}
