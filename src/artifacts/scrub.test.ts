import assert from 'node:assert/strict'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { awaitLog } from '#audit'
import { blobPath } from '#platform/blobs.ts'
import { systemContext, type Context } from '#platform/context.ts'
import { startHasher } from '#platform/hasher.ts'
import { testApp, type TestApp } from '../../test/app.ts'
import { digestOf, emptyConfig, registryClient } from '../../test/registry.ts'
import { measurements } from '../operations/metrics.ts'
import { overview } from '../operations/overview.ts'
import { listDamaged, markDamaged } from './damage.ts'
import { askScrub, pauseMs, scrubNext } from './scrub.ts'
import { readStorage } from './storage.ts'

const pace = { share: 1, bytesPerSecondMax: Number.MAX_SAFE_INTEGER }
const dayMs = 86_400_000

const contextOf = ({ app }: TestApp): Context => systemContext(app.site, 'test')

const rot = (app: TestApp, digest: string): void => {
  const path = blobPath(app.app.site.blobs, digest)
  chmodSync(path, 0o600)
  writeFileSync(path, Buffer.from('rotten'.padEnd(9)))
}

const recorded = async (app: TestApp, action: string): Promise<number> => {
  await awaitLog(contextOf(app))
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from audit_entry where action = ${action}`.execute(
    app.app.site.db,
  )
  return rows[0]!.count
}

const hasherFor = (t: TestContext) => {
  const hasher = startHasher()
  t.after(() => hasher.stop())
  return hasher
}

const scrubAll = async (t: TestContext, app: TestApp): Promise<number> => {
  const hasher = hasherFor(t)
  let read = 0
  while (await scrubNext(contextOf(app), hasher, pace)) read++
  return read
}

const stocked = async (t: TestContext) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const content = Buffer.from('wholesome')
  await client.push('stock', 'latest', [content])
  return { app, client, content, digest: digestOf(content) }
}

test('what rotted is found, told, served to nobody, and mended by a push of the same content', async (t) => {
  const { app, client, content, digest } = await stocked(t)
  rot(app, digest)
  app.clock.advance(15 * dayMs)
  assert.equal(await scrubAll(t, app), 2)

  const { items, count } = await listDamaged(contextOf(app))
  assert.deepEqual([count, items.map((it) => [it.digest, it.damage, it.places])], [1, [[digest, 'different', ['stock']]]])
  const { checks } = await overview(contextOf(app))
  assert.equal(checks.find(({ name }) => name === 'Content')?.state, 'fail')
  assert.match(await measurements(contextOf(app)), /^holdfast_artifact_damaged 1$/m)
  assert.equal(await recorded(app, 'artifact.damage'), 1)
  assert.equal((await client.ask('GET', `/v2/stock/blobs/${digest}`)).status, 500)
  assert.equal((await client.ask('HEAD', `/v2/stock/blobs/${digest}`)).status, 404, 'a client that pushes must hear it is wanted')
  const mounted = await client.ask('POST', `/v2/other/blobs/uploads/?mount=${digest}&from=stock`)
  assert.equal(mounted.status, 202, 'what is damaged is not mounted')

  await client.pushBlob('stock', content)
  assert.deepEqual((await client.ask('GET', `/v2/stock/blobs/${digest}`)).body, content)
  assert.equal((await readStorage(contextOf(app))).damaged, 0)
})

test('a file that is gone is found by whoever asks for it first, and by the scrub', async (t) => {
  const { app, client, content, digest } = await stocked(t)
  rmSync(blobPath(app.app.site.blobs, digest))
  assert.equal((await client.ask('GET', `/v2/stock/blobs/${digest}`)).status, 500)
  assert.equal((await listDamaged(contextOf(app))).items[0]!.damage, 'missing')

  rmSync(blobPath(app.app.site.blobs, digestOf(emptyConfig)))
  app.clock.advance(15 * dayMs)
  await scrubAll(t, app)
  assert.deepEqual(
    (await listDamaged(contextOf(app))).items.map((it) => it.damage),
    ['missing', 'missing'],
  )
  for (const lost of [content, emptyConfig]) await client.pushBlob('stock', lost)
  assert.equal((await listDamaged(contextOf(app))).count, 0)
})

test('the one that was not read for longest comes first, and a restart goes on where it stopped', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const names = ['one', 'two', 'three']
  for (const name of names) {
    await client.pushBlob('stock', Buffer.from(name))
    app.clock.advance(dayMs)
  }
  app.clock.advance(20 * dayMs)
  const seen: string[] = []
  for (const _ of names) {
    await scrubNext(contextOf(app), hasherFor(t), pace) // a new one each time, as after a restart
    const { rows } = await sql<{ digest: string }>`select digest from artifact order by verified_at desc limit 1`.execute(
      app.app.site.db,
    )
    seen.push(rows[0]!.digest)
  }
  assert.deepEqual(
    seen,
    names.map((name) => digestOf(Buffer.from(name))),
  )
  assert.equal(await scrubAll(t, app), 0, 'none is due now')
  assert.equal((await askScrub(contextOf(app))).count, 3)
  app.clock.advance(1)
  assert.equal(await scrubAll(t, app), 3, 'all of them when somebody asks')
})

test('what was stored anew since it was read is not marked', async (t) => {
  const { app, client, content, digest } = await stocked(t)
  const { rows } = await sql<{ verified_at: Date }>`select verified_at from artifact where digest = ${digest}`.execute(
    app.app.site.db,
  )
  app.clock.advance(1_000)
  await client.pushBlob('stock', content)
  assert.equal(await markDamaged(contextOf(app), { digest, verifiedAt: rows[0]!.verified_at, damage: 'different' }), false)
  assert.equal((await client.ask('GET', `/v2/stock/blobs/${digest}`)).status, 200)
})

test('a pace keeps to its share of the time, and to its bytes a second', () => {
  fc.assert(
    fc.property(
      fc.record({
        share: fc.double({ min: 0.01, max: 1, noNaN: true }),
        bytesPerSecondMax: fc.integer({ min: 1, max: 2 ** 40 }),
      }),
      fc.record({ workedMs: fc.double({ min: 0, max: 10_000, noNaN: true }), bytes: fc.integer({ min: 0, max: 2 ** 23 }) }),
      (given, did) => {
        const wholeMs = did.workedMs + pauseMs(given, did)
        assert.ok(pauseMs(given, did) >= 0)
        assert.ok(did.workedMs <= wholeMs * given.share * (1 + 1e-9) + 1e-9)
        assert.ok(did.bytes * 1_000 <= wholeMs * given.bytesPerSecondMax * (1 + 1e-9) + 1e-6)
      },
    ),
  )
})
