// What keeps a manifest besides its tags: a hold, a generation, a model made of a file of it. Whoever takes manifests away asks here.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { holdsOn } from './holds.ts'
import type { PackageId } from './tables.ts'

export const inGeneration = problem('in-generation', 409, 'A generation names it')

/** Of rows called `package` and `manifest`: true where one of those keeps it. */
export const keptBy = (at: Date) => sql<boolean>`(
  exists (select from artifact_generation_tag stated where stated.package_id = manifest.package_id and stated.digest = manifest.digest)
  or exists (select from ${holdsOn('package')}
    and (hold.digest is null or hold.digest in (manifest.digest, manifest.subject)
      or hold.digest in (select digest from artifact_reference where package_id = manifest.package_id and manifest = manifest.digest))
    and (hold.tag is null or exists (select from artifact_tag where package_id = manifest.package_id and name = hold.tag
      and digest in (manifest.digest, manifest.subject))))
  or exists (select from artifact_reference needed join artifact_link link on link.package_id = needed.package_id and link.digest = needed.digest
    join artifact_pin pin on pin.digest = link.blob
    where needed.package_id = manifest.package_id and needed.manifest = manifest.digest and pin.holder <> 'upload' and (pin.until is null or pin.until >= ${at})))`

export const isKept = async (tx: Context, packageId: PackageId, digest: string): Promise<boolean> => {
  const { rows: found } = await sql<{ kept: boolean }>`select ${keptBy(tx.now())} as kept
    from artifact_package package join artifact_manifest manifest on manifest.package_id = package.id
    where package.id = ${packageId} and manifest.digest = ${digest}`.execute(tx.db)
  return found[0]?.kept ?? false
}

/** Throws `in-generation` where a kept generation states the manifest. */
export const refuseStated = async (tx: Context, packageId: PackageId, digest: string): Promise<void> => {
  const { rows: found } = await sql<{ id: string; line: string; number: number }>`select generation.id, line, number
    from artifact_generation_tag stated join artifact_generation generation on generation.id = stated.generation_id
    where stated.package_id = ${packageId} and stated.digest = ${digest} order by line, number limit 1`.execute(tx.db)
  const [one] = found
  if (one)
    throw inGeneration(
      `Generation ${one.number} of ${one.line} names ${digest}. Discard that generation first, if it is not live.`,
      {
        generation: one.id,
      },
    )
}

/** Throws `in-generation` where the live generation of a line says what the tag names. */
export const refuseGoverned = async (tx: Context, packageId: PackageId, tag: string): Promise<void> => {
  const { rows: found } = await sql<{ id: string; line: string; number: number }>`select generation.id, generation.line, number
    from artifact_generation_live live join artifact_generation generation on generation.id = live.generation_id
    join artifact_generation_tag stated on stated.generation_id = generation.id
    where stated.package_id = ${packageId} and stated.tag = ${tag} order by generation.line limit 1`.execute(tx.db)
  const [one] = found
  if (one)
    throw inGeneration(
      `Generation ${one.number} of ${one.line} is live and says what ${tag} names. Make another generation, and switch to it.`,
      { generation: one.id },
    )
}
