import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { apply } from '#resources'
import { atomically, systemContext } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { digestOf, manifestType, registryClient } from '../../test/registry.ts'
import { make } from './generation-switch.ts'
import { requireArtifact } from './files.ts'
import { previewRetention, retainAt } from './retention.ts'
import type { Retention } from './retention-schema.ts'

const dayMs = 86_400_000

const stocked = async (t: TestContext, retention: Retention, more = {}) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const owner = await app.as('owner')
  const set = await owner.put('/api/v1/repositories', { name: 'stock', spec: { format: 'oci', retention, ...more } })
  assert.equal(set.status, 201, set.text)
  const ctx = systemContext(app.app.site, 'test')
  const pushes = async (...tags: string[]) => {
    const digests = []
    for (const tag of tags) {
      digests.push(await client.push('stock', tag))
      app.clock.advance(dayMs)
    }
    return digests
  }
  const preview = async (other?: Retention) =>
    (await previewRetention(ctx, { path: 'stock', ...(other ? { retention: other } : {}) })).items.map(
      (it) => it.tag ?? it.digest,
    )
  const run = () => retainAt(ctx, 'stock')
  const tags = async (): Promise<string[]> => (await client.ask('GET', '/v2/stock/tags/list')).json.tags
  const there = async (digest: string) => (await client.ask('HEAD', `/v2/stock/manifests/${digest}`)).status === 200
  const index = async (tag: string, child: string) => {
    const type = 'application/vnd.oci.image.index.v1+json'
    const size = Number((await client.ask('HEAD', `/v2/stock/manifests/${child}`)).headers.get('content-length'))
    const body = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [{ mediaType: manifestType, digest: child, size }] }),
    )
    const told = await client.ask('PUT', `/v2/stock/manifests/${tag}`, body, { 'content-type': type })
    assert.equal(told.status, 201, told.body.toString())
    return digestOf(body)
  }
  return { app, client, ctx, pushes, preview, run, tags, there, index }
}

test('the preview names exactly what a run takes: tags beyond the newest, and then what has no tag', async (t) => {
  const { app, pushes, preview, run, tags, there } = await stocked(t, { keepLast: 2, untaggedDays: 3 })
  const [one, two, three] = await pushes('v1', 'v2', 'v3', 'v4')
  assert.deepEqual(await preview(), ['v1', 'v2'])
  assert.deepEqual(await preview({ keepLast: 3 }), ['v1'], 'of another retention than is set')
  assert.deepEqual(await tags(), ['v1', 'v2', 'v3', 'v4'], 'a preview takes nothing')
  assert.deepEqual(await run(), { tags: 2, manifests: 0 })
  assert.deepEqual(await tags(), ['v3', 'v4'])
  assert.deepEqual(await preview(), [], 'what lost its tag stays for a while')
  app.clock.advance(4 * dayMs)
  assert.deepEqual((await preview()).sort(), [one!, two!].sort())
  assert.deepEqual(await run(), { tags: 0, manifests: 2 })
  assert.deepEqual([await there(one!), await there(two!), await there(three!)], [false, false, true])
  assert.deepEqual(await run(), { tags: 0, manifests: 0 })
})

test('a tag goes only beyond the number and the days; named and immutable ones stay unless the retention says so', async (t) => {
  const { pushes, preview } = await stocked(t, { keepLast: 1, keepDays: 3, keepTags: ['stable-*'] }, { immutableTags: ['v1'] })
  await pushes('v1', 'stable-1', 'v2', 'v3', 'v4', 'v5')
  assert.deepEqual(await preview(), ['v2', 'v3'])
  assert.deepEqual(await preview({ keepDays: 3, immutableToo: true }), ['v1', 'stable-1', 'v2', 'v3'])
  assert.deepEqual(await preview({ untaggedDays: 1 }), [], 'a retention that says nothing of tags takes none')
})

test('what is held, in a generation, used by a model, listed by an index, or spoken of by what stays, is never taken', async (t) => {
  const { app, client, ctx, pushes, run, preview, there, index } = await stocked(t, { keepLast: 1, untaggedDays: 1 })
  const [held, stated, used, child, subject, loose] = await pushes('held', 'stated', 'used', 'child', 'subject', 'loose')
  const signed = { subject: { mediaType: manifestType, digest: subject!, size: 1 } }
  const signature = await client.push('stock', 'signature', [Buffer.from('signed')], signed)
  const deeper = await client.push('stock', 'deeper', [Buffer.from('deeper')], {
    subject: { mediaType: manifestType, digest: signature, size: 1 },
  })
  const listing = await index('latest', child!)
  const hold = { repository: 'repository:/stock', digest: held!, reason: 'Court.' }
  await apply(ctx, { kind: 'storage-hold', scope: '/', name: 'h', spec: hold })
  await make(ctx, { line: 'main', tags: [{ path: 'stock', tag: 'stated', digest: stated! }] })
  const manifest = (await client.ask('GET', `/v2/stock/manifests/${used}`)).json
  await atomically(ctx, (tx) => requireArtifact(tx, manifest.layers[0].digest, 'model_x'))
  const goes = await client.push('stock', 'keeps-subject')
  const keepsSubject = { subject: { mediaType: manifestType, digest: loose!, size: 1 } }
  app.clock.advance(dayMs)
  await client.push('stock', 'newest', [Buffer.from('newest')], keepsSubject)
  app.clock.advance(2 * dayMs)
  assert.deepEqual(
    (await preview()).filter((it) => ['held', 'stated', 'used'].includes(it)),
    [],
  )
  await run()
  app.clock.advance(2 * dayMs)
  await run()
  const left = { held, stated, used, child, subject, signature, deeper, listing, loose, goes }
  const found: Record<string, boolean> = {}
  for (const [name, digest] of Object.entries(left)) found[name] = await there(digest!)
  // `latest` is not the newest: the index goes, and its child with it, and what is signed goes with its signatures.
  assert.deepEqual(found, {
    held: true,
    stated: true,
    used: true,
    child: false,
    subject: false,
    signature: false,
    deeper: false,
    listing: false,
    loose: true, // the newest speaks of it
    goes: false,
  })
})

test('an index that stays keeps what it lists, and signatures stay with what they sign', async (t) => {
  const { app, client, pushes, run, there, index } = await stocked(t, { keepLast: 1, untaggedDays: 1 })
  const [child] = await pushes('child')
  const signature = await client.push('stock', `sha256-${child!.slice(7)}.sig`)
  const referrer = await client.push('stock', 'referrer', [Buffer.from('sbom')], {
    subject: { mediaType: manifestType, digest: child!, size: 1 },
  })
  app.clock.advance(dayMs)
  await index('latest', child!)
  for (let n = 0; n < 2; n++) {
    app.clock.advance(3 * dayMs)
    await run()
  }
  assert.deepEqual([await there(child!), await there(signature), await there(referrer)], [true, true, true])
})

test('retention beside pushes: what was acknowledged as tagged is there', async (t) => {
  const { app, client, run, there } = await stocked(t, { keepLast: 100, untaggedDays: 1 })
  const layers = [Buffer.from('same')]
  const digest = await client.push('stock', 'v0', layers)
  await client.ask('DELETE', '/v2/stock/manifests/v0')
  await run()
  for (let n = 1; n < 8; n++) {
    app.clock.advance(2 * dayMs)
    const [pushed] = await Promise.all([client.push('stock', `v${n}`, layers), run()])
    assert.equal(pushed, digest)
    assert.ok(await there(`v${n}`), `round ${n}`)
    await client.ask('DELETE', `/v2/stock/manifests/v${n}`)
    await run()
  }
})
