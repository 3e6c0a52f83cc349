// Of which chunks stored content consists, so that of something new only what is not held yet is carried.
import type { Context } from '#platform/context.ts'
import { isDigest } from '#platform/blobs.ts'
import { recipeFor } from '#platform/recipes.ts'
import type { Recipe } from '#platform/recipe-form.ts'
import { blobDamaged, blobUnknown, digestInvalid } from './content.ts'
import { rows } from './tables.ts'

/**
 * Made when it is first asked for: some three seconds a gigabyte. Who may know it is for the caller to decide: it tells of the content, by hashes. Throws
 * `blob-unknown`, `blob-damaged`, and `recipe-too-large` for what is carried whole.
 */
export const recipeOf = async (ctx: Context, digest: string): Promise<Recipe> => {
  if (!isDigest(digest)) throw digestInvalid(`${JSON.stringify(digest.slice(0, 160))} is not a sha256 digest.`)
  const row = await rows(ctx).selectFrom('artifact').select('damaged_at').where('digest', '=', digest).executeTakeFirst()
  if (!row) throw blobUnknown(`No content with the digest ${digest} is stored here.`, { digest })
  if (row.damaged_at !== null) throw damaged(digest)
  return recipeFor(ctx.site.blobs, digest).catch((error: unknown) => {
    throw hasCode(error, 'digest-mismatch') ? damaged(digest, error) : error
  })
}

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code

const damaged = (digest: string, cause?: unknown) =>
  blobDamaged(
    'The stored bytes are no longer what their digest says. Push the content again, and it is mended.',
    { digest },
    cause,
  )
