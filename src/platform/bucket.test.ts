import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { freshBucket, s3Missing, startS3 } from '../../test/s3.ts'
import { fileOf } from './blob-cache.ts'
import { blobKey, blobPath, openBlob, openBlobs, putBlob, sendBlob, statBlob, verifyBlob, type Blobs } from './blobs.ts'
import { openBucket, partBytes, type Bucket } from './bucket.ts'
import { moveBlobs } from './move-blobs.ts'
import { Problem } from './problem.ts'
import { s3Caller } from './s3-call.ts'
import { sign } from './s3-sign.ts'

const mib = 1024 ** 2
const skip = s3Missing
const sizeBytesMax = 256 * mib
const never = new AbortController().signal
const hexOf = (data: Buffer) => createHash('sha256').update(data).digest('hex')
const refused = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

const folder = (t: TestContext): string => {
  const root = mkdtempSync(join(tmpdir(), 'bucket-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  return root
}
const store = async (t: TestContext, bucket?: Bucket) =>
  openBlobs(folder(t), { bucket: bucket ?? (await freshBucket()), keepIn: 'bucket' })
const put = async (blobs: Blobs, data: Buffer) => (await putBlob(blobs, Readable.from([data]), { sizeBytesMax })).digest
/** Past us. */
const alter = async (blobs: Blobs, digest: string, data: Buffer) => {
  const path = join(blobs.root, 'altered')
  writeFileSync(path, data)
  await blobs.bucket!.put(blobKey(digest), path, { sha256: hexOf(data), overwrite: true })
}

test('requests are signed as the service signs its own examples', () => {
  const key = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
  const signed = (path: string, headers: Record<string, string>) =>
    sign(
      { method: 'GET', url: new URL(path, 'https://examplebucket.s3.amazonaws.com'), headers, bodyHash: hexOf(Buffer.alloc(0)) },
      { key, region: 'us-east-1', at: new Date('2013-05-24T00:00:00Z') },
    )['authorization']!.split('Signature=')[1]
  assert.equal(signed('/test.txt', { Range: 'bytes=0-9' }), 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')
  assert.equal(signed('/?max-keys=2&prefix=J', {}), '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7')
})

test('a file larger than a part goes up in parts, comes back by ranges, and is not overwritten', { skip }, async (t) => {
  const blobs = await store(t)
  const data = randomBytes(partBytes + 3 * mib)
  const digest = await put(blobs, data)
  assert.ok(!existsSync(blobPath(blobs, digest)))
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
  assert.ok(
    (await buffer(openBlob(blobs, digest, { start: partBytes - 5, end: partBytes + 4 }))).equals(
      data.subarray(partBytes - 5, partBytes + 5),
    ),
  )
  assert.ok(await verifyBlob(blobs, digest))
  assert.equal((await putBlob(blobs, Readable.from([data]), { sizeBytesMax })).mended, false)
  assert.equal(await blobs.bucket!.abortLeft(), 0, 'no upload is left over')
})

test('while the server is away everything is refused with when to try again, and nothing is half done', { skip }, async (t) => {
  const away = await startS3(t)
  const blobs = await openBlobs(folder(t), { bucket: away.bucket, keepIn: 'bucket' })
  const digest = await put(blobs, randomBytes(1000))
  await away.stop()
  const tellsWhen = (error: unknown) => refused('store-unreachable')(error) && (error as Problem).headers['retry-after'] === '30'

  await assert.rejects(put(blobs, randomBytes(1000)), tellsWhen)
  await assert.rejects(statBlob(blobs, digest), tellsWhen, 'away is not the same as not there')
  await assert.rejects(buffer(openBlob(blobs, digest)), tellsWhen)
  await assert.rejects(
    sendBlob(blobs, digest, { start: 0, end: 999 }, () => assert.fail('nothing is begun')),
    tellsWhen,
  )
  assert.deepEqual(readdirSync(join(blobs.root, 'incoming')), [])
  await openBlobs(blobs.root, blobs) // and the site starts without it
})

test(
  'a key that the server does not know, and a bucket that is not there, are told as that and not as missing content',
  { skip },
  async (t) => {
    const strict = await startS3(t, { checksKeys: true })
    const blobs = await openBlobs(folder(t), { bucket: strict.bucket, keepIn: 'bucket' })
    const isRefused = (error: unknown) => refused('store-refused')(error) && !String(error).includes('testing')
    await assert.rejects(put(blobs, randomBytes(10)), isRefused)
    await assert.rejects(statBlob(blobs, `sha256:${'a'.repeat(64)}`), isRefused)
    const { settings } = await freshBucket()
    const nowhere = openBucket({ ...settings, bucket: 'not-there' }, () => new Date())
    t.after(nowhere.close)
    await assert.rejects(statBlob({ ...blobs, bucket: nowhere }, `sha256:${'a'.repeat(64)}`), refused('store-refused'))
    await assert.rejects(buffer(openBlob({ ...blobs, bucket: nowhere }, `sha256:${'a'.repeat(64)}`)), refused('store-refused'))
  },
)

test('an object that lost its end is not sent at all, and one that was altered never as a whole', { skip }, async (t) => {
  const blobs = await store(t)
  const data = randomBytes(3 * mib)
  const digest = await put(blobs, data)
  const sink = new PassThrough()
  const sent = buffer(sink)
  await sendBlob(blobs, digest, { start: 0, end: data.length - 1 }, () => sink)
  assert.ok((await sent).equals(data))

  await alter(blobs, digest, data.subarray(0, -1))
  await assert.rejects(
    sendBlob(blobs, digest, { start: 0, end: data.length - 1 }, () => assert.fail('nothing is begun')),
    refused('store-unreachable'),
  )
  await assert.rejects(
    sendBlob(blobs, digest, { start: data.length - 10, end: data.length - 1 }, () => assert.fail('nothing is begun')),
    refused('store-unreachable'),
  )
  data[0]! ^= 1
  await alter(blobs, digest, data)
  const cut = new PassThrough()
  const got: Buffer[] = []
  cut.on('data', (chunk: Buffer) => got.push(chunk)).on('error', () => {})
  await assert.rejects(sendBlob(blobs, digest, { start: 0, end: data.length - 1 }, () => cut))
  assert.ok(cut.destroyed && Buffer.concat(got).length < data.length)
  await assert.rejects(fileOf(blobs, digest), refused('stored-altered'))
})

test('killed while it uploads, a site leaves no object, and its next start clears away what it began', { skip }, async (t) => {
  const bucket = await freshBucket()
  const root = folder(t)
  const data = randomBytes(2 * partBytes + 1)
  writeFileSync(join(root, 'file'), data)
  const key = `sha256/aa/${hexOf(data)}`
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { openBucket } from ${JSON.stringify(new URL('./bucket.ts', import.meta.url))}
       const settings = ${JSON.stringify(bucket.settings)}
       await openBucket({ ...settings, endpoint: new URL(settings.endpoint) }, () => new Date())
         .put(${JSON.stringify(key)}, ${JSON.stringify(join(root, 'file'))}, { sha256: ${JSON.stringify(hexOf(data))}, overwrite: false })`,
    ],
    { stdio: 'ignore' },
  )
  const caller = s3Caller(bucket.settings, () => new Date())
  t.after(caller.close)
  const begun = async () => (await text(await caller.call({ method: 'GET', query: { uploads: '' } }))).includes('<Upload>')
  while (!(await begun())) assert.equal(child.exitCode, null, 'it ended before it was killed')
  child.kill('SIGKILL')
  await once(child, 'exit')

  assert.equal(await bucket.size(key), undefined)
  await openBlobs(root, { bucket, keepIn: 'bucket' })
  assert.equal(await begun(), false)
})

test('programs that read files get one that was checked, and no more lie here than was set', { skip }, async (t) => {
  const blobs = await store(t) // 4 MiB
  const digests = [
    await put(blobs, randomBytes(2 * mib)),
    await put(blobs, randomBytes(1.5 * mib)),
    await put(blobs, randomBytes(mib)),
  ]
  const [first, second, third] = digests as [string, string, string]
  const paths = await Promise.all([fileOf(blobs, first), fileOf(blobs, first)])
  assert.equal(paths[0], paths[1])
  assert.equal(`sha256:${hexOf(readFileSync(paths[0]))}`, first)
  const other = await fileOf(blobs, second)
  await fileOf(blobs, first)
  await fileOf(blobs, third)
  assert.deepEqual([existsSync(paths[0]), existsSync(other)], [true, false], 'what was used last stays')

  rmSync(paths[0])
  writeFileSync(paths[0], 'rotten')
  assert.equal(`sha256:${hexOf(readFileSync(await fileOf(blobs, first)))}`, first)
  await assert.rejects(fileOf(blobs, await put(blobs, randomBytes(4 * mib + 1))), refused('cache-too-small'))
})

test(
  'content moves to the bucket and back, each piece checked; what is damaged stays where it is; both are served meanwhile',
  { skip },
  async (t) => {
    const far = { bucket: await freshBucket() }
    const files = await openBlobs(folder(t), { ...far, keepIn: 'files' })
    const data = [randomBytes(1000), randomBytes(2000), randomBytes(3000)]
    const digests = await Promise.all(data.map((each) => put(files, each)))
    const damaged = blobPath(files, digests[2]!)
    rmSync(damaged)
    writeFileSync(damaged, 'damaged')
    const up = { ...files, keepIn: 'bucket' as const }

    assert.deepEqual(await moveBlobs(up, never), { moved: 2, bytes: 3000, left: 1 })

    assert.deepEqual(
      digests.map((digest) => existsSync(blobPath(files, digest))),
      [false, false, true],
    )
    for (const [index, digest] of digests.slice(0, 2).entries())
      assert.ok((await buffer(openBlob(files, digest))).equals(data[index]!))
    await alter(files, digests[1]!, Buffer.from('altered'))

    assert.deepEqual(await moveBlobs(files, never), { moved: 1, bytes: 1000, left: 1 })

    assert.ok((await buffer(openBlob({ ...files, bucket: undefined }, digests[0]!))).equals(data[0]!))
    assert.equal(await far.bucket.size(blobKey(digests[0]!)), undefined)
    assert.equal(existsSync(blobPath(files, digests[1]!)), false)
  },
)
