import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../../test/app.ts'
import { digestOf, emptyConfig, manifestOf, manifestType, registryClient, type RegistryClient } from '../../test/registry.ts'

test('a manifest is refused where it is too large, of no form, or needs what is not here', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  await client.pushBlob('lib', emptyConfig)
  const pad = (bytes: number) => {
    const bare = manifestOf([], { annotations: { pad: '' } }).length
    return manifestOf([], { annotations: { pad: 'x'.repeat(bytes - bare) } })
  }
  const limit = 4 * 1024 ** 2
  assert.equal((await client.pushManifest('lib', 'large', pad(limit))).status, 201)
  const larger = await client.pushManifest('lib', 'larger', pad(limit + 1))
  assert.deepEqual([larger.status, larger.code], [413, 'SIZE_INVALID'])

  const needy = await client.pushManifest('lib', 'needy', manifestOf([randomBytes(10)]))
  assert.deepEqual([needy.status, needy.code], [404, 'MANIFEST_BLOB_UNKNOWN'])
  const lied = manifestOf([], { layers: [{ mediaType: 'application/octet-stream', digest: digestOf(emptyConfig), size: 3 }] })
  const lying = await client.pushManifest('lib', 'lying', lied)
  assert.deepEqual([lying.status, lying.code], [400, 'MANIFEST_INVALID'])
  for (const body of [
    '',
    'null',
    '[]',
    '{}',
    '{"schemaVersion":1}',
    '{'.repeat(100_000),
    `{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`,
  ]) {
    const told = await client.pushManifest('lib', 'odd', Buffer.from(body))
    assert.deepEqual([told.status, told.code], [400, 'MANIFEST_INVALID'], body.slice(0, 40))
  }
  const html = await client.ask('PUT', '/v2/lib/manifests/html', manifestOf([]), { 'content-type': 'text/html' })
  assert.deepEqual([html.status, html.code], [400, 'MANIFEST_INVALID'])
  assert.equal((await client.ask('GET', '/v2/lib/tags/list')).json.tags.join(), 'large')
})

/** `fetch` would tidy the address first. */
const asWritten = (client: RegistryClient, method: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${client.secret}` }
    request(new URL(client.url), { method, path, headers }, (reply) => resolve(reply.resume().statusCode!))
      .on('error', reject)
      .end()
  })

test('names that lead elsewhere are no names', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  for (const name of [
    '..',
    '../etc',
    'lib/../other',
    'lib//x',
    'LIB',
    'lib/%2e%2e',
    'lib/',
    '.lib',
    'lib/-x',
    'lib%5cx',
    'l'.repeat(256),
    '0day',
  ]) {
    const status = await asWritten(client, 'POST', `/v2/${name}/blobs/uploads/`)
    assert.ok([400, 404].includes(status), `${name} ${status}`)
  }
  for (const tag of ['-x', '.x', 'x'.repeat(129), 'ü', 'a%2Fb']) {
    const told = await client.pushManifest('lib', tag, manifestOf([]))
    assert.ok([400, 404].includes(told.status), `${tag} ${told.status}`)
  }
  const repositories = await (await app.as('owner')).get('/api/v1/repositories')
  assert.deepEqual(
    repositories.body.items.map(({ name }: { name: string }) => name),
    ['lib'],
  )
})

test('what one may not pull cannot be mounted, listed or told from what is not there', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const name of ['red', 'blue']) await owner.put('/api/v1/projects', { name, spec: {} })
  const red = await registryClient(app, { role: 'ai-engineer', scope: '/red', name: 'reader' })
  const all = await registryClient(app)
  const content = randomBytes(500)
  await all.push('blue/secret', 'v1', [content])

  const mount = await red.ask('POST', `/v2/red/mine/blobs/uploads/?mount=${digestOf(content)}&from=blue/secret`)
  assert.equal(mount.status, 202) // an upload begins, as for any blob that is not here
  const hidden = await red.ask('GET', '/v2/blue/secret/manifests/v1')
  const absent = await red.ask('GET', '/v2/blue/nothing/manifests/v1')
  const alike = (told: typeof hidden) => [told.status, told.code, told.json.errors[0].message.replace(/blue\/\w+/, '…')]
  assert.deepEqual(alike(hidden), alike(absent))
  assert.equal(hidden.status, 404)
  const pushed = await red.ask('POST', '/v2/blue/new/blobs/uploads/')
  assert.deepEqual([pushed.status, pushed.code], [404, 'NAME_UNKNOWN'])

  await red.push('red/mine', 'v1')
  assert.deepEqual((await red.ask('GET', '/v2/_catalog')).json.repositories, ['red/mine'])
  assert.deepEqual((await all.ask('GET', '/v2/_catalog?n=1')).json.repositories, ['blue/secret'])
  const second = await all.ask('GET', '/v2/_catalog?n=1&last=blue/secret')
  assert.deepEqual([second.json.repositories, second.headers.get('link')], [['red/mine'], null])
  const browsed = await (await app.as('ai-engineer', { scope: '/red', name: 'reader' })).get('/api/v1/artifacts')
  assert.deepEqual(
    browsed.body.items.map(({ path }: { path: string }) => path),
    ['red/mine'],
  )
})

test('an immutable tag keeps what it first named, whoever asks', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const owner = await app.as('owner')
  await owner.put('/api/v1/repositories', { name: 'lib', spec: { format: 'oci', immutableTags: ['v*', 'release-*.0'] } })
  const digest = await client.push('lib', 'v1')
  await client.push('lib', 'edge')
  await client.push('lib', 'edge')
  const moved = await client.pushManifest('lib', 'v1', manifestOf([], { annotations: { other: 'yes' } }))
  assert.deepEqual([moved.status, moved.code], [409, 'DENIED'])
  for (const reference of ['v1', digest]) assert.equal((await client.ask('DELETE', `/v2/lib/manifests/${reference}`)).status, 409)
  assert.equal((await client.ask('DELETE', '/v2/lib/manifests/edge')).status, 202)
  assert.equal((await client.ask('HEAD', '/v2/lib/manifests/v1')).headers.get('docker-content-digest'), digest)
  // The same again is no change.
  const again = await client.ask('GET', '/v2/lib/manifests/v1')
  assert.equal((await client.pushManifest('lib', 'v1', again.body)).status, 201)
})

test('two who push different manifests to one tag at once leave it with one of them, whole', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  await client.pushBlob('lib', emptyConfig)
  const bodies = Array.from({ length: 8 }, (_, at) => manifestOf([], { annotations: { at: String(at) } }))
  const told = await Promise.all(bodies.map((body) => client.pushManifest('lib', 'latest', body)))
  assert.deepEqual([...new Set(told.map(({ status }) => status))], [201])
  const { body } = await client.ask('GET', '/v2/lib/manifests/latest')
  assert.ok(bodies.some((one) => one.equals(body)))
})

test('a deep chain of referrers is listed link by link, and pages hold what they say', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  let subject = await client.push('lib', 'base')
  const describe = (digest: string) => ({ subject: { mediaType: manifestType, digest, size: 1 } })
  for (let depth = 0; depth < 30; depth++) {
    const told = await client.pushManifest(
      'lib',
      `depth-${depth}`,
      manifestOf([], { ...describe(subject), annotations: { depth: String(depth) } }),
    )
    assert.equal(told.headers.get('oci-subject'), subject)
    const listed = await client.ask('GET', `/v2/lib/referrers/${subject}`)
    assert.equal(listed.json.manifests.length, 1)
    assert.equal(listed.json.manifests[0].annotations.depth, String(depth))
    subject = told.headers.get('docker-content-digest')!
  }
  const filtered = await client.ask('GET', `/v2/lib/referrers/${digestOf(emptyConfig)}?artifactType=application/none`)
  assert.deepEqual([filtered.json.manifests, filtered.headers.get('oci-filters-applied')], [[], 'artifactType'])
})

test('a million tags are listed in pages, from anywhere among them', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  await client.push('lib', 'first')
  await sql`insert into artifact_tag (package_id, name, digest, set_by, set_at)
    select package_id, 't' || lpad(n::text, 7, '0'), digest, set_by, set_at from artifact_tag, generate_series(1, 1000000) n`.execute(
    app.app.site.db,
  )
  const whole = await client.ask('GET', '/v2/lib/tags/list')
  assert.equal(whole.json.tags.length, 10_000)
  assert.match(whole.headers.get('link')!, /last=t0009999.*rel="next"/)
  const page = await client.ask('GET', '/v2/lib/tags/list?n=2&last=t0700000')
  assert.deepEqual(page.json.tags, ['t0700001', 't0700002'])
  const end = await client.ask('GET', '/v2/lib/tags/list?n=2&last=t0999999')
  assert.deepEqual([end.json.tags, end.headers.get('link')], [['t1000000'], null])
  assert.deepEqual((await client.ask('GET', '/v2/lib/tags/list?n=0')).json.tags, [])
})

test('a token stands for the key for minutes, and ends with it', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  await client.push('lib', 'v1')
  const bare = await fetch(`${client.url}/v2/lib/manifests/v1`)
  assert.equal(bare.status, 401)
  const [, realm = '', service = '', scope = ''] =
    /^Bearer realm="([^"]+)",service="([^"]+)",scope="([^"]+)"$/.exec(bare.headers.get('www-authenticate') ?? '') ?? []
  assert.equal(scope, 'repository:lib:pull')
  assert.equal((await fetch(`${realm}?service=${service}`)).headers.get('www-authenticate'), 'Basic realm="Holdfast"')
  const { json } = await client.ask('GET', `/v2/token?service=${service}&scope=${scope}`)
  const with_ = (token: string) => fetch(`${client.url}/v2/lib/manifests/v1`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal((await with_(json.token)).status, 200)
  assert.equal((await with_(`${json.token.slice(0, -2)}AA`)).status, 401)
  assert.equal(
    (
      await fetch(`${client.url}/api/v1/projects`, {
        headers: { authorization: `Basic ${Buffer.from(`x:${client.secret}`).toString('base64')}` },
      })
    ).status,
    401,
  )
  app.clock.advance(301_000)
  assert.equal((await with_(json.token)).status, 401)
  const fresh = (await client.ask('GET', '/v2/token')).json.token
  assert.equal((await with_(fresh)).status, 200)
  await (await app.as('owner')).delete(`/api/v1/keys/${client.keyId}`)
  assert.equal((await with_(fresh)).status, 401)
})

test('pushes, pulls and refusals are on record, a pull once an hour for each who pulls', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const digest = await client.push('lib', 'v1', [])
  const { writePulls } = await import('#artifacts')
  for (let i = 0; i < 5; i++) {
    await client.ask('GET', '/v2/lib/manifests/v1')
    if (i === 2) await writePulls(app.app.site)
  }
  await writePulls(app.app.site)
  const nobody = await registryClient(app, { role: 'auditor' })
  assert.equal((await nobody.ask('GET', '/v2/lib/manifests/v1')).code, 'DENIED')
  const entries = (await app.audit()).filter(({ action }) => action.startsWith('repository.'))
  assert.deepEqual(
    entries.map(({ action, outcome, facts }) => [action, outcome, facts?.manifest ?? facts?.blob]),
    [
      ['repository.apply', 'done', undefined],
      ['repository.push', 'done', digestOf(emptyConfig)],
      ['repository.push', 'done', digest],
      ['repository.pull', 'done', digest],
      ['repository.pull', 'denied', undefined],
    ],
  )
  const { body } = await (await app.as('owner')).get('/api/v1/artifacts/manifest?path=lib&reference=v1')
  assert.deepEqual([body.pulls, body.pullers.length, body.tags, body.files.length], [5, 1, ['v1'], 1])
  const seen = await (await app.as('member')).get(`/api/v1/artifacts/manifest?path=lib&reference=${digest}`)
  assert.deepEqual([seen.body.pulls, seen.body.pullers], [5, undefined])
})
