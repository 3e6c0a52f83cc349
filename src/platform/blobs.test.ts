import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { blobPath, openBlob, openBlobs, putBlob, removeBlob, statBlob, verifyBlob } from './blobs.ts'
import { Problem } from './problem.ts'

const sizeBytesMax = 1024 ** 2
const store = async (t: TestContext) => {
  const root = mkdtempSync(join(tmpdir(), 'blobs-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  return openBlobs(root)
}
const sha256 = (data: string | Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`
const refused = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

test('what is put is found under its own digest, whole and read-only', async (t) => {
  const blobs = await store(t)
  const put = await putBlob(blobs, Readable.from([Buffer.from('hold'), Buffer.from('fast')]), { sizeBytesMax })
  assert.deepEqual(put, { digest: sha256('holdfast'), sizeBytes: 8, mended: false })
  assert.equal(await text(openBlob(blobs, put.digest)), 'holdfast')
  assert.equal(await text(openBlob(blobs, put.digest, { start: 4, end: 5 })), 'fa')
  assert.equal(statSync(blobPath(blobs, put.digest)).mode & 0o777, 0o400)
})

test('content that is not what was announced is refused and leaves nothing', async (t) => {
  const blobs = await store(t)
  await assert.rejects(
    putBlob(blobs, Readable.from([Buffer.from('x')]), { sizeBytesMax, expectedDigest: sha256('y') }),
    refused('digest-mismatch'),
  )
  assert.equal(await statBlob(blobs, sha256('x')), undefined)
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
})

test('a file larger than allowed is stopped where the limit is, and leaves nothing', async (t) => {
  const blobs = await store(t)
  let sent = 0
  const endless = Readable.from(
    (function* () {
      for (;;) yield ((sent += 65_536), Buffer.alloc(65_536))
    })(),
  )
  await assert.rejects(putBlob(blobs, endless, { sizeBytesMax }), refused('too-large'))
  assert.ok(sent < sizeBytesMax * 4, `${sent} bytes were read after the limit`)
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
})

test('two who put the same content at once both succeed, and it is stored once', async (t) => {
  const blobs = await store(t)
  const data = randomBytes(300_000)
  const both = await Promise.all([1, 2, 3].map(() => putBlob(blobs, Readable.from([data]), { sizeBytesMax })))
  assert.equal(new Set(both.map(({ digest }) => digest)).size, 1)
  assert.ok(await verifyBlob(blobs, both[0]!.digest))
})

test('a blob that rotted on disk is noticed', async (t) => {
  const blobs = await store(t)
  const { digest } = await putBlob(blobs, Readable.from([randomBytes(1000)]), { sizeBytesMax })
  chmodSync(blobPath(blobs, digest), 0o600)
  truncateSync(blobPath(blobs, digest), 999)
  assert.equal(await verifyBlob(blobs, digest), false)
})

test('content that is put again takes the place of a file that rotted, and of no other', async (t) => {
  const blobs = await store(t)
  const data = randomBytes(1000)
  const put = () => putBlob(blobs, Readable.from([data]), { sizeBytesMax })
  const { digest } = await put()
  const path = blobPath(blobs, digest)
  const { ino } = statSync(path)
  assert.equal((await put()).mended, false)
  assert.equal(statSync(path).ino, ino)
  chmodSync(path, 0o600)
  truncateSync(path, 999)

  const both = await Promise.all([put(), put()])

  assert.ok(both.some(({ mended }) => mended))
  assert.ok(await verifyBlob(blobs, digest))
  assert.equal(statSync(path).mode & 0o777, 0o400)
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
})

test('what a crash left half-written is gone after the next start', async (t) => {
  const blobs = await store(t)
  writeFileSync(join(blobs.root, 'incoming', 'half'), 'half')
  await openBlobs(blobs.root)
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
})

test('a digest is never a path', async (t) => {
  const blobs = await store(t)
  for (const digest of ['../../etc/passwd', 'sha256:../../x', `sha256:${'a'.repeat(63)}/`, `sha256:${'A'.repeat(64)}`])
    assert.throws(() => blobPath(blobs, digest), refused('invalid-request'))
  await assert.rejects(removeBlob(blobs, 'sha256:..'), refused('invalid-request'))
})
