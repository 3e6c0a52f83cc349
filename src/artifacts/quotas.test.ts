import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { testApp } from '../../test/app.ts'
import { digestOf, registryClient } from '../../test/registry.ts'

const kib = 1024

const governed = async (t: TestContext, spec: object) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/projects', { name: 'lab', spec: {} })
  const made = await owner.put('/api/v1/storage-quotas', { scope: '/lab', name: 'small', spec })
  assert.equal(made.status, 201, made.text)
  return { app, owner, client: await registryClient(app) }
}

test('what does not fit is refused with the numbers, at any door of an upload, and other places are not asked', async (t) => {
  const { client, owner } = await governed(t, { bytesMax: 10 * kib })
  const first = randomBytes(6 * kib)
  await client.pushBlob('lab/models', first)
  const second = randomBytes(5 * kib)
  const whole = await client.ask('POST', `/v2/lab/images/blobs/uploads/?digest=${digestOf(second)}`, second)
  assert.deepEqual([whole.status, whole.code], [403, 'DENIED'])
  const { requestId: _, ...numbers } = whole.json.errors[0].detail
  assert.deepEqual(numbers, {
    quota: 'small',
    scope: '/lab',
    bytesMax: 10 * kib,
    usedBytes: 6 * kib,
    objectsMax: null,
    usedObjects: 1,
    neededBytes: 5 * kib,
  })
  const begun = await client.ask('POST', '/v2/lab/images/blobs/uploads/')
  const streamed = await client.ask('PATCH', begun.headers.get('location')!, new Blob([second]).stream())
  assert.equal(streamed.code, 'DENIED', 'also where the length is not told beforehand')

  await client.pushBlob('elsewhere', second)
  const mounted = await client.ask('POST', `/v2/lab/images/blobs/uploads/?mount=${digestOf(second)}&from=elsewhere`)
  assert.equal(mounted.code, 'DENIED', 'a mount counts too')
  await client.pushBlob('lab/models', randomBytes(4 * kib))
  const { body } = await owner.get('/api/v1/storage/usage')
  assert.deepEqual(
    body.scopes.map((it: any) => [it.name, it.bytes, it.objects]),
    [
      ['/lab', 10 * kib, 2],
      ['/', 5 * kib, 1],
    ],
  )
  assert.equal(body.quotas[0].bytes, 10 * kib)
})

test('two who each fit alone do not fit together, also in repositories of their own', async (t) => {
  const { client, owner } = await governed(t, { bytesMax: 10 * kib })
  for (const path of ['lab/a', 'lab/b', 'lab/c', 'lab/d']) await client.pushBlob(path, Buffer.from(path))
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((name) => client.pushBlob(`lab/${name}`, randomBytes(3 * kib))),
  )
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 3)
  const { body } = await owner.get('/api/v1/storage/usage')
  assert.ok(body.quotas[0].bytes <= 10 * kib)
})

test('files are counted too, the same file in a package once, and what is discarded makes room', async (t) => {
  const { client } = await governed(t, { bytesMax: 100 * kib, objectsMax: 2 })
  const content = randomBytes(10)
  const digest = await client.pushBlob('lab/models', content)
  await client.pushBlob('lab/images', content)
  await assert.rejects(client.pushBlob('lab/models', randomBytes(10)), /files.*another does not fit/)
  assert.equal((await client.ask('DELETE', `/v2/lab/images/blobs/${digest}`)).status, 202)
  await client.pushBlob('lab/models', randomBytes(10))
})

test('a quota holds for all that lies below its place', async (t) => {
  const { client, owner } = await governed(t, { bytesMax: 10 * kib })
  await owner.put('/api/v1/storage-quotas', { name: 'all', spec: { bytesMax: 4 * kib } })
  await assert.rejects(client.pushBlob('lab/models', randomBytes(5 * kib)), /The quota all at \//)
})
