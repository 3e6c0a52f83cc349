import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { blobKey, blobPath } from '#platform/blobs.ts'
import { systemContext } from '#platform/context.ts'
import { startHasher } from '#platform/hasher.ts'
import { testApp } from '../../test/app.ts'
import { digestOf, registryClient } from '../../test/registry.ts'
import { s3Missing, startS3 } from '../../test/s3.ts'
import { listDamaged } from './damage.ts'
import { scrubNext } from './scrub.ts'

const skip = s3Missing
const pace = { share: 1, bytesPerSecondMax: Number.MAX_SAFE_INTEGER }

const stocked = async (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'bucket-store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startS3(t)
  const { endpoint, bucket, key } = server.settings
  writeFileSync(join(folder, 'key'), `${key.id}\n${key.secret}\n`)
  const app = await testApp(t, {
    env: {
      HOLDFAST_STORE: 's3',
      HOLDFAST_S3_ENDPOINT: endpoint.href,
      HOLDFAST_S3_BUCKET: bucket,
      HOLDFAST_S3_KEY_FILE: join(folder, 'key'),
    },
  })
  const client = await registryClient(app)
  const content = randomBytes(100_000)
  await client.push('stock', 'latest', [content])
  const { blobs } = app.app.site
  const ctx = systemContext(app.app.site, 'test')
  const hasher = startHasher()
  t.after(() => hasher.stop())
  const scrub = async () => {
    while (await scrubNext(ctx, hasher, pace)) continue
  }
  return { app, client, content, digest: digestOf(content), blobs, ctx, scrub, server, folder }
}

test('a registry keeps its content in the bucket, and clients see no difference', { skip }, async (t) => {
  const { client, content, digest, blobs } = await stocked(t)
  assert.equal(existsSync(blobPath(blobs, digest)), false)
  assert.equal(await blobs.bucket!.size(blobKey(digest)), content.length)
  const whole = await client.ask('GET', `/v2/stock/blobs/${digest}`)
  assert.ok(whole.status === 200 && whole.body.equals(content))
  const part = await client.ask('GET', `/v2/stock/blobs/${digest}`, undefined, { range: 'bytes=99990-' })
  assert.ok(part.status === 206 && part.body.equals(content.subarray(99_990)))
})

test('the scrub finds what was altered in the bucket; what is away is not called damaged', { skip }, async (t) => {
  const { app, client, content, digest, blobs, ctx, scrub, server, folder } = await stocked(t)
  const altered = Buffer.from(content)
  altered[5]! ^= 1
  writeFileSync(join(folder, 'altered'), altered)
  await blobs.bucket!.put(blobKey(digest), join(folder, 'altered'), { sha256: digestOf(altered).slice(7), overwrite: true })
  app.clock.advance(15 * 86_400_000)
  await scrub()
  assert.deepEqual(
    (await listDamaged(ctx)).items.map((item) => item.digest),
    [digest],
  )
  assert.equal((await client.ask('GET', `/v2/stock/blobs/${digest}`)).status, 500)
  await client.pushBlob('stock', content)
  assert.ok((await client.ask('GET', `/v2/stock/blobs/${digest}`)).body.equals(content))

  app.clock.advance(15 * 86_400_000)
  await server.stop()
  await assert.rejects(scrub(), { code: 'store-unreachable' })
  assert.deepEqual((await listDamaged(ctx)).items, [])
})

test(
  'while the bucket is away, pulls and pushes are refused with 503 and when to try again, and an upload goes on afterwards',
  { skip },
  async (t) => {
    const { client, digest, server } = await stocked(t)
    const { headers } = await client.ask('POST', '/v2/stock/blobs/uploads/')
    const more = randomBytes(1000)
    const at = headers.get('location')!
    assert.equal((await client.ask('PATCH', at, more)).status, 202)
    await server.stop()
    const told = [await client.ask('GET', `/v2/stock/blobs/${digest}`), await client.ask('PUT', `${at}?digest=${digestOf(more)}`)]
    assert.deepEqual(
      told.map(({ status, headers: said }) => [status, said.get('retry-after')]),
      [
        [503, '30'],
        [503, '30'],
      ],
    )
    const kept = await client.ask('GET', at)
    assert.deepEqual([kept.status, kept.headers.get('range')], [204, '0-999'])
  },
)
