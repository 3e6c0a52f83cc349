// Blobs of a package: brought in piece by piece or mounted from another, read in ranges, taken out again.
import type { Writable } from 'node:stream'
import { sql, type RawBuilder } from 'kysely'
import { record } from '#audit'
import { sendBlob } from '#platform/blobs.ts'
import { atomically, type Context } from '#platform/context.ts'
import { conflict, problem } from '#platform/problem.ts'
import { lookOver } from './damage.ts'
import { beforeDiscard, refuseHeld } from './holds.ts'
import { digestPattern } from './manifest-form.ts'
import { quotasOver, requireWithin } from './quotas.ts'
import { findPackage, packageAt, type Place } from './repositories.ts'
import { rows, type PackageId } from './tables.ts'

export const blobUnknown = problem('blob-unknown', 404, 'No such content here')
export const blobDamaged = problem('blob-damaged', 500, 'The stored content is damaged')
export const digestInvalid = problem('digest-invalid', 400, 'Not a digest')

export const checkDigest = (digest: string): string => {
  if (!digestPattern.test(digest))
    throw digestInvalid(
      `${JSON.stringify(digest.slice(0, 160))} is not a digest: sha256: and 64, or sha512: and 128, small hexadecimal digits.`,
    )
  return digest
}

export type Held = { readonly digest: string; readonly blob: string; readonly sizeBytes: number }
type Found = Held & { readonly damaged: boolean; readonly verifiedAt: Date | null }

const find = async (ctx: Pick<Context, 'db'>, place: Place, digest: string): Promise<Found | undefined> => {
  const row = await rows(ctx)
    .selectFrom('artifact_link as link')
    .innerJoin('artifact_package as package', 'package.id', 'link.package_id')
    .innerJoin('artifact', 'artifact.digest', 'link.blob')
    .select(['link.digest', 'link.blob', 'link.size_bytes', 'artifact.damaged_at', 'artifact.verified_at'])
    .where('package.repository_id', '=', place.repository.id)
    .where('package.name', '=', place.name)
    .where('link.digest', '=', digest)
    .executeTakeFirst()
  return (
    row && {
      digest: row.digest,
      blob: row.blob,
      sizeBytes: row.size_bytes,
      damaged: row.damaged_at !== null,
      verifiedAt: row.verified_at,
    }
  )
}

/** What a package holds under a digest. Throws `blob-unknown`; `blob-damaged` where it is no longer what its digest says. */
export const heldBlob = async (ctx: Context, place: Place, digest: string): Promise<Held> => {
  const held = await find(ctx, place, checkDigest(digest))
  if (!held) throw blobUnknown(`${place.path} holds no content with the digest ${digest}.`, { digest })
  if (held.damaged || !(await lookOver(ctx, held)))
    throw blobDamaged(
      'The stored bytes are no longer what their digest says: the disk is faulty or someone changed the file. Push the content again, and it is mended.',
      { digest },
    )
  return held
}

/** To a sink that `begin` gives when all is well, without a copy of it in memory. */
export const sendHeld = (ctx: Context, held: Held, range: { start: number; end: number }, begin: () => Writable): Promise<void> =>
  sendBlob(ctx.site.blobs, held.blob, range, begin)

type Linked = { digest: string; blob: string; sizeBytes: number }

/** Within the transaction that has the blob's row: from here on it is read in the package, counted for the repository, and not collected. */
export const link = async (tx: Context, place: Place, linked: Linked): Promise<void> => {
  const { packages, links, quotas } = await linkOnce(tx, place, linked)
  if (packages === 0) {
    await packageAt(tx, place)
    return link(tx, place, linked)
  }
  if (links > 0) await requireWithin(tx, quotas, linked.sizeBytes)
}

/** One statement: a push of two thousand layers comes here two thousand times. */
const linkOnce = async (tx: Context, { repository, name }: Place, { digest, blob, sizeBytes }: Linked) => {
  const { rows: done } = await sql<{ packages: number; links: number; quotas: string[] }>`
    with package as (select id from artifact_package where repository_id = ${repository.id} and name = ${name}),
    linked as (
      insert into artifact_link (package_id, digest, blob, size_bytes, linked_at)
      select id, ${digest}, ${blob}, ${sizeBytes}, ${tx.now()} from package on conflict (package_id, digest) do nothing returning size_bytes),
    counted as (${counting(tx, repository.id, sql`select size_bytes, 1 from linked`)}),
    wanted as (update artifact set condemned_at = null where digest = ${blob} and condemned_at is not null)
    select (select count(*)::int from package) as packages, (select count(*)::int from linked) as links, ${quotasOver(repository.scopeId)} as quotas`.execute(
    tx.db,
  )
  return done[0]! // an aggregate without groups is one row
}

const stripes = 16
const stripeWithin = new WeakMap<Context['db'], number>()

/** One for the whole of a transaction: two that each counted in several would wait for one another. */
const stripeOf = ({ db }: Context): number => {
  const stripe = stripeWithin.get(db) ?? Math.floor(Math.random() * stripes)
  stripeWithin.set(db, stripe)
  return stripe
}

/** Adds rows of (bytes, objects) to what a repository is counted for. */
const counting = (tx: Context, repositoryId: string, changes: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  insert into artifact_usage as usage (repository_id, stripe, bytes, objects)
  select ${repositoryId}, ${stripeOf(tx)}::int, change.bytes, change.objects from (${changes}) as change (bytes, objects)
  on conflict (repository_id, stripe) do update set bytes = usage.bytes + excluded.bytes, objects = usage.objects + excluded.objects`

export const count = async (tx: Context, repositoryId: string, bytes: number, objects: 1 | -1): Promise<void> => {
  await counting(tx, repositoryId, sql`select ${bytes}::int8, ${objects}::int8`).execute(tx.db)
}

/** True when the source holds it and the caller may pull there; false says nothing of which it was not (Distribution 1.1, "Mounting a blob"). */
export const mount = async (ctx: Context, to: Place, { digest, from }: { digest: string; from: Place }): Promise<boolean> => {
  const held = await find(ctx, from, checkDigest(digest))
  if (!held || held.damaged) return false
  return atomically(ctx, async (tx) => {
    const kept = await rows(tx)
      .selectFrom('artifact')
      .select('digest')
      .where('digest', '=', held.blob)
      .forKeyShare()
      .executeTakeFirst()
    if (!kept) return false // collected since
    await link(tx, to, held)
    await record(tx, 'repository.push', to.on, {
      package: to.name,
      blob: digest,
      sizeBytes: held.sizeBytes,
      mountedFrom: from.repository.id,
    })
    return true
  })
}

/** Refused while a manifest of the package needs it. */
export const dropBlob = (ctx: Context, place: Place, digest: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    const packageId = await findPackage(tx, place)
    checkDigest(digest)
    if (packageId) await beforeDiscard(tx, packageId)
    const needed =
      packageId &&
      (await rows(tx)
        .selectFrom('artifact_reference')
        .select('manifest')
        .where('package_id', '=', packageId)
        .where('digest', '=', digest)
        .limit(1)
        .executeTakeFirst())
    if (needed)
      throw conflict(`The manifest ${needed.manifest} needs it. Delete the manifest first.`, { manifest: needed.manifest })
    await refuseHeld(tx, place, { digests: [digest] })
    if (!packageId || !(await unlink(tx, place, packageId, digest)))
      throw blobUnknown(`${place.path} holds no content with the digest ${digest}.`, { digest })
    await record(tx, 'repository.discard', place.on, { package: place.name, blob: digest })
  })

const unlink = async (tx: Context, place: Place, packageId: PackageId, digest: string): Promise<boolean> => {
  const gone = await rows(tx)
    .deleteFrom('artifact_link')
    .where('package_id', '=', packageId)
    .where('digest', '=', digest)
    .returning('size_bytes')
    .executeTakeFirst()
  if (gone) await count(tx, place.repository.id, -gone.size_bytes, -1)
  return gone !== undefined
}

export const rangeInvalid = problem('range-invalid', 416, 'The range is not satisfiable')

/** One range of bytes (RFC 9110 §14.1.2), both ends included; undefined for the whole. Throws `range-invalid`. */
export const parseRange = (header: string | undefined, sizeBytes: number): { start: number; end: number } | undefined => {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined // of another unit, or many at once: answered whole, as the RFC allows
  const [, from = '', to = ''] = match
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from)
  const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (start > end || start >= sizeBytes)
    throw rangeInvalid(`There are ${sizeBytes} bytes; ${header} asks for none of them.`, {
      headers: { 'content-range': `bytes */${sizeBytes}` },
    })
  return { start, end }
}
