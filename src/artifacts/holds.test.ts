import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemContext } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { digestOf, registryClient } from '../../test/registry.ts'
import { collect } from './collect.ts'

const dayMs = 86_400_000

const stocked = async (t: TestContext) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const content = Buffer.from('evidence')
  const release = await client.push('stock', 'v1', [content])
  const officer = await app.as('security-officer')
  const hold = (spec: object, name = 'case-7') =>
    officer.put('/api/v1/storage-holds', { name, spec: { reason: 'A court asks.', ...spec } })
  const drop = async (reference: string) => client.ask('DELETE', `/v2/stock/manifests/${reference}`)
  return { app, client, content, release, officer, hold, drop }
}

test('what is held is not discarded, by whatever it was named, until the hold is lifted by whoever may', async (t) => {
  const { app, client, release, officer, hold, drop } = await stocked(t)
  const repository = 'repository:/stock'
  for (const target of [
    { repository },
    { repository, package: '' },
    { repository, tag: 'v1' },
    { repository, digest: release },
    { digest: release },
  ]) {
    const { body, status } = await hold(target)
    assert.ok(status < 300, JSON.stringify(body))
    for (const reference of ['v1', release]) {
      const refused = await drop(reference)
      assert.deepEqual([refused.status, refused.code], [409, 'DENIED'], JSON.stringify(target))
      assert.match(refused.json.errors[0].message, /case-7.*A court asks/)
    }
  }
  const { body } = await officer.get('/api/v1/storage-holds')
  const operator = await app.as('operator')
  assert.equal((await operator.delete(`/api/v1/storage-holds/${body.items[0].id}`)).status, 403)
  const loosened = await operator.put('/api/v1/storage-holds', {
    name: 'case-7',
    spec: { reason: 'Less.', repository, tag: 'v1' },
  })
  assert.equal(loosened.status, 403, 'to hold something else is to lift it')
  assert.equal((await officer.delete(`/api/v1/storage-holds/${body.items[0].id}`)).status, 204)
  assert.equal((await drop(release)).status, 202)
  assert.equal((await client.ask('GET', `/v2/stock/manifests/${release}`)).status, 404)
})

test('a held tag names what it names; other tags move', async (t) => {
  const { client, hold } = await stocked(t)
  await client.push('stock', 'v2')
  await hold({ repository: 'repository:/stock', tag: 'v1' })
  await assert.rejects(client.push('stock', 'v1'), /409/)
  await client.push('stock', 'v2')
})

test('what speaks of held content stays with it, and content that no release needs stays where its package is held', async (t) => {
  const { app, client, release, hold, drop } = await stocked(t)
  const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: release, size: 1 }
  const signature = await client.push('stock', 'signature', undefined, { subject })
  const loose = await client.pushBlob('stock', Buffer.from('loose'))
  await hold({ repository: 'repository:/stock', digest: release })
  assert.equal((await drop(signature)).status, 409)
  await hold({ repository: 'repository:/stock' }, 'all')
  assert.equal((await client.ask('DELETE', `/v2/stock/blobs/${loose}`)).status, 409)
  for (let day = 0; day < 3; day++) {
    app.clock.advance(2 * dayMs)
    assert.equal((await collect(systemContext(app.app.site, 'test'))).links, 0)
  }
  assert.equal((await client.ask('GET', `/v2/stock/blobs/${loose}`)).status, 200)
})

test('a hold on what is not there, or lies elsewhere, is refused', async (t) => {
  const { app, officer, hold } = await stocked(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/projects', { name: 'legal', spec: {} })
  for (const spec of [
    { repository: 'repository:/other' },
    { repository: 'repository:/stock', tag: 'v9' },
    { repository: 'repository:/stock', digest: digestOf(Buffer.from('never seen')) },
    { tag: 'v1' },
    {},
  ])
    assert.equal((await hold(spec)).status, 400, JSON.stringify(spec))
  const elsewhere = await officer.put('/api/v1/storage-holds', {
    scope: '/legal',
    name: 'elsewhere',
    spec: { repository: 'repository:/stock', reason: 'Mine.' },
  })
  assert.equal(elsewhere.status, 400)
})

test('a hold and a discard at the same moment: one of them comes first, and what is held is there', async (t) => {
  const { client, hold, drop, officer } = await stocked(t)
  for (let n = 0; n < 8; n++) {
    const digest = await client.push('stock', 'race')
    const [held, dropped] = await Promise.all([hold({ repository: 'repository:/stock', digest }, `race-${n}`), drop(digest)])
    const there = (await client.ask('GET', `/v2/stock/manifests/${digest}`)).status === 200
    assert.equal(there, held.status < 300, `held ${held.status}, dropped ${dropped.status}`)
    assert.equal(dropped.status === 202, !there)
    if (there) await officer.delete(`/api/v1/storage-holds/${held.body.resource.id}`)
  }
})
