import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { freshBucket, s3Missing } from '../../test/s3.ts'
import {
  blobKey,
  blobPath,
  listBlobs,
  openBlob,
  openBlobs,
  putBlob,
  removeBlob,
  statBlob,
  verifyBlob,
  type Blobs,
} from './blobs.ts'
import { Problem } from './problem.ts'

const sizeBytesMax = 1024 ** 2
const backends = ['files', 'bucket'] as const
type Backend = (typeof backends)[number]

const store = async (t: TestContext, keepIn: Backend = 'files') => {
  const root = mkdtempSync(join(tmpdir(), 'blobs-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  if (keepIn === 'files') return openBlobs(root)
  return openBlobs(root, { bucket: await freshBucket(), keepIn })
}

/** The last byte of what is stored is lost, past us. */
const rot = async (blobs: Blobs, digest: string, data: Buffer) => {
  const path = blobs.bucket ? join(blobs.root, 'rotten') : blobPath(blobs, digest)
  if (!blobs.bucket) chmodSync(path, 0o600)
  writeFileSync(path, data.subarray(0, -1))
  if (blobs.bucket)
    await blobs.bucket.put(blobKey(digest), path, { sha256: sha256(data.subarray(0, -1)).slice(7), overwrite: true })
}

/** The same promise, whichever place keeps it. */
const promise = (name: string, run: (t: TestContext, backend: Backend) => Promise<void>) => {
  for (const backend of backends)
    test(`${name} (${backend})`, { skip: backend === 'bucket' && s3Missing }, (t) => run(t, backend))
}

const sha256 = (data: string | Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`
const refused = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

promise('what is put is found under its own digest, whole and read-only', async (t, backend) => {
  const blobs = await store(t, backend)
  const put = await putBlob(blobs, Readable.from([Buffer.from('hold'), Buffer.from('fast')]), { sizeBytesMax })
  assert.deepEqual(put, { digest: sha256('holdfast'), sizeBytes: 8, mended: false })
  assert.equal(await text(openBlob(blobs, put.digest)), 'holdfast')
  assert.equal(await text(openBlob(blobs, put.digest, { start: 4, end: 5 })), 'fa')
  if (backend === 'files') assert.equal(statSync(blobPath(blobs, put.digest)).mode & 0o777, 0o400)
})

promise('content that is not what was announced is refused and leaves nothing', async (t, backend) => {
  const blobs = await store(t, backend)
  await assert.rejects(
    putBlob(blobs, Readable.from([Buffer.from('x')]), { sizeBytesMax, expectedDigest: sha256('y') }),
    refused('digest-mismatch'),
  )
  assert.equal(await statBlob(blobs, sha256('x')), undefined)
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
})

promise('a file larger than allowed is stopped where the limit is, and leaves nothing', async (t, backend) => {
  const blobs = await store(t, backend)
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

promise('two who put the same content at once both succeed, and it is stored once', async (t, backend) => {
  const blobs = await store(t, backend)
  const data = randomBytes(300_000)
  const both = await Promise.all([1, 2, 3].map(() => putBlob(blobs, Readable.from([data]), { sizeBytesMax })))
  assert.equal(new Set(both.map(({ digest }) => digest)).size, 1)
  assert.ok(await verifyBlob(blobs, both[0]!.digest))
})

promise('a blob that rotted is noticed', async (t, backend) => {
  const blobs = await store(t, backend)
  const data = randomBytes(1000)
  const { digest } = await putBlob(blobs, Readable.from([data]), { sizeBytesMax })
  await rot(blobs, digest, data)
  assert.equal(await verifyBlob(blobs, digest), false)
})

promise('content that is put again takes the place of what rotted, and of nothing else', async (t, backend) => {
  const blobs = await store(t, backend)
  const data = randomBytes(1000)
  const put = () => putBlob(blobs, Readable.from([data]), { sizeBytesMax })
  const { digest } = await put()
  const path = blobPath(blobs, digest)
  const before = backend === 'files' && statSync(path).ino
  assert.equal((await put()).mended, false)
  if (backend === 'files') assert.equal(statSync(path).ino, before)
  await rot(blobs, digest, data)

  const both = await Promise.all([put(), put()])

  assert.ok(both.some(({ mended }) => mended))
  assert.ok(await verifyBlob(blobs, digest))
  if (backend === 'files') assert.equal(statSync(path).mode & 0o777, 0o400)
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
})

promise('what lies there can be listed, and is gone when it is removed', async (t, backend) => {
  const blobs = await store(t, backend)
  const put = async (data: string) => (await putBlob(blobs, Readable.from([Buffer.from(data)]), { sizeBytesMax })).digest
  const digests = [await put('one'), await put('three')]
  const listed = async () => {
    const found: { digest: string; sizeBytes: number }[] = []
    for await (const { prefix, lying } of listBlobs(blobs))
      for (const { digest, sizeBytes, since } of lying) {
        assert.ok(digest.startsWith(`sha256:${prefix}`) && Math.abs(Date.now() - since.getTime()) < 600_000)
        found.push({ digest, sizeBytes })
      }
    return found.sort((one, two) => one.sizeBytes - two.sizeBytes)
  }
  assert.deepEqual(await listed(), [
    { digest: digests[0], sizeBytes: 3 },
    { digest: digests[1], sizeBytes: 5 },
  ])

  await removeBlob(blobs, digests[0]!)

  assert.deepEqual(
    (await listed()).map(({ digest }) => digest),
    [digests[1]],
  )
  assert.equal(await statBlob(blobs, digests[0]!), undefined)
  await removeBlob(blobs, digests[0]!)
})

promise('what a crash left half-written is gone after the next start', async (t, backend) => {
  const blobs = await store(t, backend)
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
