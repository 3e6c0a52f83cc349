// Releases: a named version of a package with its files, kept as an OCI artifact, so that whatever is stored travels, is signed and is governed alike.
import { Readable } from 'node:stream'
import { record } from '#audit'
import { putBlob } from '#platform/blobs.ts'
import type { Context } from '#platform/context.ts'
import { canonicalJson, type Json } from '#platform/json.ts'
import { link } from './content.ts'
import { storeBlob } from './files.ts'
import { ociImage } from './manifest-form.ts'
import { getManifest, putManifest, type Origin, type Pushed, type Stored } from './manifests.ts'
import { quotasAt, withinRoom } from './quotas.ts'
import type { Place } from './repositories.ts'
import { rows } from './tables.ts'

export type Blob = { readonly digest: string; readonly sizeBytes: number }

/** Streams a file into the package. Throws `digest-mismatch`, `too-large`, `quota-exceeded`, `disk-full`. What no release refers to is collected after a day. */
export const pushBlob = async (
  ctx: Context,
  place: Place,
  source: Readable,
  expectedDigest?: string,
  origin?: Origin,
): Promise<Blob> => {
  const { digest, sizeBytes } = await storeBlob(
    ctx,
    async () =>
      withinRoom(ctx, await quotasAt(ctx, place.repository.scopeId), 0, (sizeBytesMax) =>
        putBlob(ctx.site.blobs, source, {
          sizeBytesMax,
          signal: ctx.signal,
          ...(expectedDigest === undefined ? {} : { expectedDigest }),
        }),
      ),
    async (tx, put) => {
      await link(tx, place, { digest: put.digest, blob: put.digest, sizeBytes: put.sizeBytes })
      await record(tx, 'repository.push', place.on, {
        package: place.name,
        blob: put.digest,
        sizeBytes: put.sizeBytes,
        ...origin,
      })
    },
  )
  return { digest, sizeBytes }
}

export type ReleaseFile = Blob & {
  /** Where it lies, below the release. */
  readonly path: string
  readonly mediaType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export type Release = {
  readonly tag: string
  /** `application/vnd.….v1`: what kind of release this is. */
  readonly artifactType: string
  /** What is said of the release as a whole; kept as the config blob. */
  readonly config: { readonly mediaType: string; readonly content: Json }
  readonly files: readonly ReleaseFile[]
  readonly annotations?: Readonly<Record<string, string>>
}

const titleAnnotation = 'org.opencontainers.image.title'

/** Names files that were pushed to the package as one release, all or nothing. Another release under an immutable tag is refused. */
export const publish = async (ctx: Context, place: Place, release: Release): Promise<Pushed> => {
  const config = await pushBlob(ctx, place, Readable.from([Buffer.from(canonicalJson(release.config.content))]))
  const manifest = {
    schemaVersion: 2,
    mediaType: ociImage,
    artifactType: release.artifactType,
    config: { mediaType: release.config.mediaType, digest: config.digest, size: config.sizeBytes },
    layers: release.files.map(({ path, digest, sizeBytes, mediaType = 'application/octet-stream', annotations }) => ({
      mediaType,
      digest,
      size: sizeBytes,
      annotations: { [titleAnnotation]: path, ...annotations },
    })),
    ...(release.annotations === undefined ? {} : { annotations: release.annotations }),
  }
  return putManifest(ctx, place, { reference: release.tag, body: Buffer.from(canonicalJson(manifest)), mediaType: ociImage })
}

export type Contents = Stored & { readonly files: readonly (ReleaseFile & { readonly role: 'config' | 'layer' | 'manifest' })[] }

/** A manifest with what it refers to, in its order. Files without a path have an empty one. */
export const contentsOf = async (ctx: Context, place: Place, reference: string): Promise<Contents> => {
  const manifest = await getManifest(ctx, place, reference)
  const found = await rows(ctx)
    .selectFrom('artifact_reference as reference')
    .innerJoin('artifact_package as package', 'package.id', 'reference.package_id')
    .select(['reference.digest', 'reference.size_bytes', 'reference.media_type', 'reference.role', 'reference.path'])
    .where('package.repository_id', '=', place.repository.id)
    .where('package.name', '=', place.name)
    .where('reference.manifest', '=', manifest.digest)
    .orderBy('reference.place')
    .execute()
  return {
    ...manifest,
    files: found.map(({ digest, size_bytes, media_type, role, path }) => ({
      digest,
      sizeBytes: size_bytes,
      mediaType: media_type,
      role,
      path: path ?? '',
    })),
  }
}

/** Versions hold characters that tags do not (`1.0+cu121`, `1:2.3-1~deb12`): each is written as `_` and its code in two hexadecimal digits. */
export const tagFor = (version: string): string =>
  [...Buffer.from(version)]
    .map((byte) =>
      /[A-Za-z0-9.-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `_${byte.toString(16).padStart(2, '0')}`,
    )
    .join('')
    .replace(/^[.-]/, (first) => `_${first.charCodeAt(0).toString(16)}`)

export const versionOf = (tag: string): string =>
  Buffer.from(
    tag.replaceAll(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
