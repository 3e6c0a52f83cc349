// Tags: names of manifests, which move unless something says that they stay.
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { beforeDiscard, refuseHeld, refuseMoved } from './holds.ts'
import { refuseGoverned } from './keeping.ts'
import { specOf, type Place } from './repositories.ts'
import { rows, type PackageId } from './tables.ts'

export const tagImmutable = problem('tag-immutable', 409, 'The tag stays what it is')
export const tagInvalid = problem('tag-invalid', 400, 'Not a tag')

/** OCI Distribution 1.1, `<reference>` as a tag. */
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

export const checkTag = (tag: string): string => {
  if (!tagPattern.test(tag))
    throw tagInvalid(
      `${JSON.stringify(tag.slice(0, 160))} is not a tag: at most 128 letters, digits, and _ . - which do not begin it, but _.`,
    )
  return tag
}

export const moveTag = async (
  tx: Context,
  place: Place,
  packageId: PackageId,
  { name, digest }: { name: string; digest: string },
): Promise<void> => {
  const { repository, path } = place
  const values = { package_id: packageId, name, digest, set_by: tx.actor.id, set_at: tx.now() }
  const { numInsertedOrUpdatedRows: made = 0n } = await rows(tx)
    .insertInto('artifact_tag')
    .values(values)
    .onConflict((on) => on.columns(['package_id', 'name']).doNothing())
    .executeTakeFirst()
  if (made > 0n) return
  const now = await rows(tx)
    .selectFrom('artifact_tag')
    .select('digest')
    .where('package_id', '=', packageId)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst()
  if (now?.digest === digest) return
  if (now) {
    refuseImmutable(specOf(repository).immutableTags, { name, path, digest: now.digest })
    await beforeDiscard(tx, packageId)
    await refuseMoved(tx, place, name)
    await refuseGoverned(tx, packageId, name)
  }
  await rows(tx)
    .insertInto('artifact_tag')
    .values(values)
    .onConflict((on) => on.columns(['package_id', 'name']).doUpdateSet(values))
    .execute()
}

/** `*` stands for any text. Pure. */
export const matchesAny = (patterns: readonly string[] | undefined, name: string): boolean =>
  (patterns ?? []).some((pattern) => new RegExp(patternSource(pattern)).test(name))

/** As a regular expression that JavaScript and PostgreSQL read alike. Pure. */
export const patternSource = (pattern: string): string =>
  `^${pattern
    .split('*')
    .map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, '\\$&'))
    .join('.*')}$`

export const refuseImmutable = (
  patterns: readonly string[] | undefined,
  { name, path, digest }: { name: string; path: string; digest: string },
): void => {
  if (!matchesAny(patterns, name)) return
  throw tagImmutable(`${path}:${name} names ${digest}, and tags like it stay what they are. Push under another tag.`, {
    tag: name,
    digest,
  })
}

export type Gone = { tags?: string[]; digest?: string }

export const dropTag = async (tx: Context, place: Place, packageId: PackageId, name: string): Promise<Gone | undefined> => {
  const { repository, path } = place
  const tag = await rows(tx)
    .deleteFrom('artifact_tag')
    .where('package_id', '=', packageId)
    .where('name', '=', name)
    .returning('digest')
    .executeTakeFirst()
  if (!tag) return undefined
  refuseImmutable(specOf(repository).immutableTags, { name, path, digest: tag.digest })
  await refuseHeld(tx, place, { tags: [name], digests: [tag.digest] })
  await refuseGoverned(tx, packageId, name)
  return { digest: tag.digest }
}
