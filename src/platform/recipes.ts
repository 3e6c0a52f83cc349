// Recipes on the disk: `blobs/recipes/sha256/ab/abcd….cdc`, made when one is first asked for and removed with the blob.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { digestMismatch, recipePath, statBlob, type Blobs, type Digest } from './blobs.ts'
import { fileOf } from './blob-cache.ts'
import { asDiskProblem, syncFolderLater } from './files.ts'
import { notFound } from './problem.ts'
import { readRecipe, recipeBytesMax, recipeTooLarge, type Recipe } from './recipe-form.ts'

/** Asked for by several at once, a recipe is made once. */
const making = new WeakMap<Blobs, Map<Digest, Promise<Recipe>>>()
/** One after the other: each keeps a processor busy and a disk reading. */
const last = new WeakMap<Blobs, Promise<unknown>>()

/** Throws `not-found`, `digest-mismatch` where the blob is no longer what its digest says, and `recipe-too-large`. */
export const recipeFor = async (blobs: Blobs, digest: Digest): Promise<Recipe> => {
  if (!(await statBlob(blobs, digest))) throw notFound(`No blob ${digest} is stored here.`)
  const found = await stored(blobs, digest)
  if (found) return found
  const under = making.get(blobs) ?? new Map<Digest, Promise<Recipe>>()
  making.set(blobs, under)
  const made =
    under.get(digest) ??
    (last.get(blobs) ?? Promise.resolve())
      .catch(() => {}) // what became of the one before is told to who asked for it
      .then(() => make(blobs, digest))
      .finally(() => under.delete(digest))
  under.set(digest, made)
  last.set(blobs, made)
  return made
}

const stored = async (blobs: Blobs, digest: Digest): Promise<Recipe | undefined> => {
  const file = await open(recipePath(blobs, digest), 'r').catch(() => undefined)
  if (!file) return undefined
  try {
    const { size } = await file.stat()
    return size > recipeBytesMax ? undefined : readRecipe(await file.readFile(), digest)
  } finally {
    await file.close()
  }
}

const make = async (blobs: Blobs, digest: Digest): Promise<Recipe> => {
  const aside = join(blobs.root, 'incoming', randomUUID())
  try {
    const actual = await runWorker({ path: await fileOf(blobs, digest), aside, digest })
    if (actual !== digest)
      throw digestMismatch(
        'The stored content is no longer what its digest says: the disk is faulty or someone changed the file.',
        {
          expected: digest,
          actual,
        },
      )
    await place(blobs, aside, digest)
    // Removed meanwhile, blob first and recipe next, it would leave a recipe that nobody removes.
    if (!(await statBlob(blobs, digest))) await rm(recipePath(blobs, digest), { force: true })
    const recipe = await stored(blobs, digest)
    if (!recipe) throw notFound(`The blob ${digest} was removed while its recipe was made.`)
    return recipe
  } catch (error) {
    throw asDiskProblem(error)
  } finally {
    await rm(aside, { force: true })
  }
}

const runWorker = async (workerData: { path: string; aside: string; digest: Digest }): Promise<string> => {
  const worker = new Worker(new URL('./recipe-worker.ts', import.meta.url), { workerData })
  try {
    const [answer] = (await once(worker, 'message')) as [{ actual: string } | { refused: string }] // what the worker posts
    if ('refused' in answer) throw recipeTooLarge(answer.refused)
    return answer.actual
  } finally {
    await worker.terminate()
  }
}

const place = async (blobs: Blobs, aside: string, digest: Digest): Promise<void> => {
  const path = recipePath(blobs, digest)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await rename(aside, path)
  await syncFolderLater(dirname(path))
}
