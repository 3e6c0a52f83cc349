import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { openBlob, putBlob, blobPath } from '#platform/blobs.ts'
import { atomically, systemContext, type Context } from '#platform/context.ts'
import { Problem } from '#platform/problem.ts'
import { testApp, type TestApp } from '../../test/app.ts'
import { chance } from '../../test/chance.ts'
import { digestOf, emptyConfig, manifestOf, manifestType, registryClient } from '../../test/registry.ts'
import { collect } from './collect.ts'
import { mount } from './content.ts'
import { releaseArtifact, requireArtifact } from './files.ts'
import { discardManifest, putManifest } from './manifests.ts'
import { pushBlob } from './releases.ts'
import { placeToPush, type Place } from './repositories.ts'
import { lastCollection, listFreeable } from './storage.ts'

const hourMs = 3_600_000
const contextOf = ({ app }: TestApp): Context => systemContext(app.site, 'test')

test('a dry run says what could be freed, why and when; a collection takes it then, and says so', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  await client.push('stock', 'kept')
  const loose = Buffer.from('in no manifest')
  await client.pushBlob('stock', loose)
  await client.push('stock', 'gone', [Buffer.from('of a release that goes')])
  assert.equal((await client.ask('DELETE', `/v2/stock/manifests/gone`)).status, 202)
  const freeable = () => listFreeable(contextOf(app))
  const { items, sums } = await freeable()
  assert.deepEqual(
    [items.map((it) => [it.id, it.reason]), sums],
    [[[digestOf(loose), 'in-no-manifest']], [{ reason: 'in-no-manifest', count: 1, bytes: loose.length }]],
  )
  const took = async () => {
    app.clock.advance(25 * hourMs)
    return collect(contextOf(app))
  }
  assert.deepEqual(await took(), { uploads: 0, links: 1, condemned: 1, removed: 0, removedBytes: 0 })
  assert.equal((await freeable()).sums[0]?.reason, 'condemned')
  assert.deepEqual(await took(), { uploads: 0, links: 0, condemned: 0, removed: 1, removedBytes: loose.length })
  assert.equal(existsSync(blobPath(app.app.site.blobs, digestOf(loose))), false)
  assert.deepEqual((await freeable()).items, [])
  assert.equal((await lastCollection(contextOf(app)))?.removed, 1)
})

test('a file without a record, as a kill leaves it, is collected; one that is being recorded is not', async (t) => {
  const app = await testApp(t)
  const { digest } = await putBlob(app.app.site.blobs, Readable.from([Buffer.from('nobody’s')]), { sizeBytesMax: 100 })
  const collected = async (hours: number) => {
    app.clock.advance(hours * hourMs)
    return (await collect(contextOf(app))).removed
  }
  assert.deepEqual([await collected(1), await collected(24), await collected(25)], [0, 0, 1])
  assert.equal(existsSync(blobPath(app.app.site.blobs, digest)), false)
})

test('one collection at a time', async (t) => {
  const app = await testApp(t)
  const outcomes = await Promise.allSettled([collect(contextOf(app)), collect(contextOf(app))])
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.equal((await (await app.as('member')).post('/api/v1/storage/collect')).status, 403)
})

const actsAtOnce = 6
const acts = 240
const contents = Array.from({ length: 12 }, (_, i) => Buffer.from(`content ${i}`))

/** What acts of one site did and were told is done. */
type Promised = { manifests: Map<string, { place: Place; digest: string; layers: Buffer[] }>; pinned: Map<string, string> }

const actor = (app: TestApp, places: readonly Place[], promised: Promised, draw: ReturnType<typeof chance>) => {
  const ctx = contextOf(app)
  const put = async (place: Place, layers: Buffer[]) => {
    const body = manifestOf(layers, { annotations: { nonce: randomBytes(8).toString('hex') } })
    const { digest } = await putManifest(ctx, place, { reference: digestOf(body), body, mediaType: manifestType })
    promised.manifests.set(digest, { place, digest, layers })
  }
  return {
    blob: () => pushBlob(ctx, draw.one(places), Readable.from([draw.one(contents)])),
    release: async () => {
      const [place, layers] = [draw.one(places), [draw.one(contents), draw.one(contents)]]
      for (const content of [emptyConfig, ...layers]) await pushBlob(ctx, place, Readable.from([content]))
      await put(place, layers)
    },
    // Of what lies there already, however old: as a client does that asked first and was told it is there.
    manifestOnly: () => put(draw.one(places), [draw.one(contents)]),
    mount: () => mount(ctx, draw.one(places), { digest: digestOf(draw.one(contents)), from: draw.one(places) }),
    discard: async () => {
      const known = [...promised.manifests.values()]
      if (known.length === 0) return
      const { place, digest } = draw.one(known)
      promised.manifests.delete(digest)
      await discardManifest(ctx, place, digest)
    },
    pin: async () => {
      const [digest, holder] = [digestOf(draw.one(contents)), `holder-${randomBytes(4).toString('hex')}`]
      await atomically(ctx, (tx) => requireArtifact(tx, digest, holder))
      promised.pinned.set(holder, digest)
    },
    unpin: async () => {
      const [held] = promised.pinned
      if (!held) return
      promised.pinned.delete(held[0])
      await atomically(ctx, (tx) => releaseArtifact(tx, held[1], held[0]))
    },
    collect: () => collect(ctx),
    tomorrow: async () => app.clock.advance(25 * hourMs),
  }
}

/** Expected where acts meet: something was not there (yet, any more), or another collection works. */
const refusals = new Set(['artifact-missing', 'manifest-blob-unknown', 'manifest-unknown', 'conflict'])

const requireKept = async (app: TestApp, { manifests, pinned }: Promised): Promise<void> => {
  const db = app.app.site.db
  const served = async (digest: string) => digestOf(await buffer(openBlob(app.app.site.blobs, digest)))
  for (const { place, digest, layers } of manifests.values())
    for (const wanted of [emptyConfig, ...layers].map((content) => digestOf(content))) {
      const { rows: held } = await sql`select from artifact_link link join artifact_package package on package.id = package_id
        join artifact on artifact.digest = link.blob
        where repository_id = ${place.repository.id} and package.name = ${place.name} and link.digest = ${wanted}`.execute(db)
      assert.deepEqual([held.length, await served(wanted)], [1, wanted], `${digest} needs ${wanted}`)
    }
  for (const digest of pinned.values()) assert.equal(await served(digest), digest)
  const { rows: miscounted } = await sql`select repository_id from artifact_usage group by repository_id having sum(bytes) <> (
    select coalesce(sum(size_bytes), 0) from artifact_link link join artifact_package package on package.id = package_id
    where package.repository_id = artifact_usage.repository_id)`.execute(db)
  assert.deepEqual(miscounted, [], 'what a repository holds is what it is counted for')
}

test('random pushes, mounts, pins and discards beside collections: nothing that was acknowledged is collected', async (t: TestContext) => {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
  t.diagnostic(`seed ${seed}`)
  const draw = chance(seed)
  const app = await testApp(t)
  const places = []
  for (const path of ['one', 'two', 'two/below']) places.push(await placeToPush(contextOf(app), path, 'oci'))
  const promised: Promised = { manifests: new Map(), pinned: new Map() }
  const act = actor(app, places, promised, draw)
  const kinds = [
    'blob',
    'release',
    'release',
    'manifestOnly',
    'mount',
    'discard',
    'pin',
    'unpin',
    'collect',
    'collect',
    'tomorrow',
  ] as const
  const done = new Map<string, number>()
  for (let n = 0; n < acts; n += actsAtOnce) {
    const round = Array.from({ length: actsAtOnce }, () => draw.one(kinds))
    await Promise.all(
      round.map((kind) =>
        act[kind]().then(
          () => done.set(kind, (done.get(kind) ?? 0) + 1),
          (error: unknown) =>
            assert.ok(error instanceof Problem && refusals.has(error.code), `seed ${seed}: ${kind}: ${String(error)}`),
        ),
      ),
    )
    await requireKept(app, promised).catch((error: unknown) =>
      assert.fail(`seed ${seed}, after ${round.join(' ')}: ${String(error)}`),
    )
  }
  for (const kind of kinds) assert.ok((done.get(kind) ?? 0) > 0, `seed ${seed}: no ${kind} succeeded`)
})
