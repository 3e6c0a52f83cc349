import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { blobPath, openBlobs, putBlob, recipePath, removeBlob, type Blobs, type Digest } from './blobs.ts'
import { Problem } from './problem.ts'
import { chunksMax, chunksOf, commonWith, readRecipe, startRows } from './recipe-form.ts'
import { recipeFor } from './recipes.ts'

const mib = 1024 ** 2
const store = async (t: TestContext) => {
  const root = mkdtempSync(join(tmpdir(), 'recipes-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  return openBlobs(root)
}
const put = async (blobs: Blobs, bytes: Buffer): Promise<Digest> =>
  (await putBlob(blobs, Readable.from([bytes]), { sizeBytesMax: 64 * mib })).digest
const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const refused = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

test('the chunks of a recipe, one after the other, are the blob', async (t) => {
  const blobs = await store(t)
  for (const bytes of [randomBytes(9 * mib), Buffer.alloc(5 * mib), Buffer.from('small'), Buffer.alloc(0)]) {
    const recipe = await recipeFor(blobs, await put(blobs, bytes))
    assert.equal(recipe.sizeBytes, bytes.length)
    let at = 0
    for (const { offset, length, digest } of chunksOf(recipe)) {
      assert.equal(offset, at)
      assert.equal(digest, sha256(bytes.subarray(offset, offset + length)))
      at += length
    }
    assert.equal(at, bytes.length)
  }
})

test('of a changed copy, only what is near the changes is new; and what is common and what is new make it whole', async (t) => {
  const blobs = await store(t)
  const before = randomBytes(24 * mib)
  const after = Buffer.concat([
    randomBytes(1_000),
    before.subarray(0, 11 * mib),
    randomBytes(3),
    before.subarray(11 * mib + 70_000),
  ])
  const [base, wanted] = [await recipeFor(blobs, await put(blobs, before)), await recipeFor(blobs, await put(blobs, after))]

  const { runs, sharedBytes } = commonWith(base, wanted)

  assert.ok(sharedBytes > before.length - 8 * mib, `${sharedBytes} bytes are common`)
  assert.ok(runs.length <= 5, 'what follows each other is one run')
  const made = runs.map(({ offset, length, baseOffset }) =>
    baseOffset === undefined ? after.subarray(offset, offset + length) : before.subarray(baseOffset, baseOffset + length),
  )
  assert.ok(Buffer.concat(made).equals(after))
  assert.equal(
    commonWith(wanted, base).runs.reduce((sum, { length }) => sum + length, 0),
    before.length,
  )
  assert.deepEqual(commonWith(base, base), {
    runs: [{ offset: 0, length: before.length, baseOffset: 0 }],
    sharedBytes: before.length,
  })
})

test('a recipe is made when it is first asked for, once, and goes with its blob', async (t) => {
  const blobs = await store(t)
  const digest = await put(blobs, randomBytes(3 * mib))
  assert.ok(!existsSync(recipePath(blobs, digest)))

  const all = await Promise.all([1, 2, 3].map(() => recipeFor(blobs, digest)))

  assert.equal(new Set(all).size, 1, 'who asked at once share it')
  const { ino } = statSync(recipePath(blobs, digest))
  assert.deepEqual((await recipeFor(blobs, digest)).rows, all[0]!.rows)
  assert.equal(statSync(recipePath(blobs, digest)).ino, ino)
  await removeBlob(blobs, digest)
  assert.ok(!existsSync(recipePath(blobs, digest)))
  await assert.rejects(recipeFor(blobs, digest), refused('not-found'))
})

test('content that rotted gets no recipe, and keeps none from others', async (t) => {
  const blobs = await store(t)
  const [rotten, sound] = [await put(blobs, randomBytes(mib)), await put(blobs, randomBytes(mib))]
  chmodSync(blobPath(blobs, rotten), 0o600)
  truncateSync(blobPath(blobs, rotten), mib - 1)

  const [first, second] = await Promise.allSettled([recipeFor(blobs, rotten), recipeFor(blobs, sound)])

  assert.ok(first.status === 'rejected' && refused('digest-mismatch')(first.reason))
  assert.ok(second.status === 'fulfilled')
  assert.ok(!existsSync(recipePath(blobs, rotten)))
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
})

test('a recipe that rotted, was cut short or speaks of another blob is noticed and made again', async (t) => {
  const blobs = await store(t)
  const digest = await put(blobs, randomBytes(2 * mib))
  const recipe = await recipeFor(blobs, digest)
  const path = recipePath(blobs, digest)
  const whole = readFileSync(path)
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at]! ^= 1 << (at % 8)
    assert.equal(readRecipe(changed, digest), undefined, `a bit of byte ${at}`)
  }
  for (const length of [0, 7, 63, 96, whole.length - 1]) assert.equal(readRecipe(whole.subarray(0, length), digest), undefined)
  assert.equal(readRecipe(whole, sha256(Buffer.from('other')) as Digest), undefined)

  chmodSync(path, 0o600)
  writeFileSync(path, whole.subarray(0, 100))

  assert.deepEqual((await recipeFor(blobs, digest)).rows, recipe.rows)
  assert.deepEqual(readFileSync(path), whole)
})

test('a recipe has an end: what would need more chunks is carried whole', () => {
  const rows = startRows()
  const hash = Buffer.alloc(32)
  for (let row = 0; row < chunksMax; row++) rows.add(131_072, hash)
  assert.throws(() => rows.add(1, hash), refused('recipe-too-large'))
})
