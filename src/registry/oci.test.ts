import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../../test/app.ts'
import { digestOf, emptyConfig, manifestOf, manifestType, registryClient, type RegistryClient } from '../../test/registry.ts'

const missing = `sha256:${'0'.repeat(64)}`

test('bytes that are not what their digest says are not stored, whichever way they come', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const content = randomBytes(1_000)

  const single = await client.ask('POST', `/v2/lib/blobs/uploads/?digest=${missing}`, content)
  assert.deepEqual([single.status, single.code], [400, 'DIGEST_INVALID'])

  const { headers } = await client.ask('POST', '/v2/lib/blobs/uploads/')
  const at = headers.get('location')!
  assert.equal((await client.ask('PATCH', at, content)).status, 202)
  const wrong = await client.ask('PUT', `${at}?digest=${missing}`)
  assert.deepEqual([wrong.status, wrong.code], [400, 'DIGEST_INVALID'])
  // What arrived is still there: the sender may know better now.
  assert.equal((await client.ask('PUT', `${at}?digest=${digestOf(content)}`)).status, 201)

  const manifest = await client.pushManifest('lib', missing, manifestOf([content]))
  assert.deepEqual([manifest.status, manifest.code], [400, 'DIGEST_INVALID'])
  const odd = await client.ask('GET', '/v2/lib/blobs/sha256:ABC')
  assert.deepEqual([odd.status, odd.code], [400, 'DIGEST_INVALID'])
})

test('an upload that breaks off goes on from where it came to', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const content = randomBytes(3_000_000)
  const { headers } = await client.ask('POST', '/v2/lib/blobs/uploads/')
  const at = headers.get('location')!
  const url = new URL(client.url)
  const socket = connect(Number(url.port), '127.0.0.1')
  socket.write(
    `PATCH ${at} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${client.secret}\r\ncontent-length: ${content.length}\r\ncontent-type: application/octet-stream\r\n\r\n`,
  )
  socket.write(content.subarray(0, 2_000_000), () => socket.destroy())

  let received = 0
  for (let i = 0; i < 500 && received < 2; i++) {
    const told = await client.ask('GET', at)
    assert.equal(told.status, 204)
    received = Number(told.headers.get('range')!.split('-')[1]) + 1
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.ok(received > 1 && received <= 2_000_000, String(received))
  const ahead = await client.ask('PATCH', at, content.subarray(received + 1), {
    'content-range': `${received + 1}-${content.length - 1}`,
  })
  assert.deepEqual([ahead.status, ahead.code], [416, 'BLOB_UPLOAD_INVALID'])
  const rest = await client.ask('PATCH', at, content.subarray(received), { 'content-range': `${received}-${content.length - 1}` })
  assert.equal(rest.status, 202)
  assert.equal((await client.ask('PUT', `${at}?digest=${digestOf(content)}`)).status, 201)
  const back = await client.ask('GET', `/v2/lib/blobs/${digestOf(content)}`)
  assert.ok(back.body.equals(content))
})

test('an upload is its sender’s own, and pieces that contradict their length are refused', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const other = await registryClient(app, { role: 'operator' })
  const { headers } = await client.ask('POST', '/v2/lib/blobs/uploads/')
  const at = headers.get('location')!
  for (const [method, content] of [['GET'], ['PATCH', emptyConfig], ['DELETE']] as const) {
    const told = await other.ask(method, at, content)
    assert.deepEqual([told.status, told.code], [404, 'BLOB_UPLOAD_UNKNOWN'], method)
  }
  const lying = await client.ask('PATCH', at, Buffer.alloc(10), { 'content-range': '0-99' })
  assert.equal(lying.status, 400)
  const elsewhere = await client.ask(
    'PUT',
    `${at.replace('/v2/lib/', '/v2/lib/other/')}?digest=${digestOf(emptyConfig)}`,
    emptyConfig,
  )
  assert.deepEqual([elsewhere.status, elsewhere.code], [404, 'BLOB_UPLOAD_UNKNOWN'])
  assert.equal((await client.ask('DELETE', at)).status, 204)
  assert.equal((await client.ask('GET', at)).status, 404)
})

test('a range is given exactly, or refused with the size', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const content = randomBytes(1_000)
  const at = `/v2/lib/blobs/${await client.pushBlob('lib', content)}`
  const ranged = (range: string) => client.ask('GET', at, undefined, { range })
  for (const [range, from, to] of [
    ['bytes=0-0', 0, 1],
    ['bytes=10-19', 10, 20],
    ['bytes=990-', 990, 1000],
    ['bytes=-7', 993, 1000],
    ['bytes=0-99999', 0, 1000],
  ] as const) {
    const told = await ranged(range)
    assert.deepEqual([told.status, told.headers.get('content-range')], [206, `bytes ${from}-${to - 1}/1000`], range)
    assert.ok(told.body.equals(content.subarray(from, to)), range)
  }
  for (const range of ['bytes=1000-', 'bytes=5-4', 'bytes=-0', 'bytes=9999999999999999-']) {
    const told = await ranged(range)
    assert.deepEqual([told.status, told.headers.get('content-range')], [416, 'bytes */1000'], range)
  }
  for (const range of ['lines=1-2', 'bytes=0-1,5-6', 'bytes=-', 'bytes=99999999999999999999-']) {
    const told = await ranged(range)
    assert.deepEqual([told.status, told.body.length], [200, 1000], range)
  }
})

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

test('a mounted blob is held by both, and stays when the first lets go', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const content = randomBytes(500)
  const digest = await client.pushBlob('one', content)
  const mounted = await client.ask('POST', `/v2/two/blobs/uploads/?mount=${digest}&from=one`)
  assert.deepEqual([mounted.status, mounted.headers.get('location')], [201, `/v2/two/blobs/${digest}`])
  assert.equal((await client.ask('DELETE', `/v2/one/blobs/${digest}`)).status, 202)
  assert.equal((await client.ask('GET', `/v2/one/blobs/${digest}`)).status, 404)
  assert.ok((await client.ask('GET', `/v2/two/blobs/${digest}`)).body.equals(content))
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

test('the first push may come in many pieces at once: the repository is made once', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const told = await Promise.all(Array.from({ length: 6 }, () => client.ask('POST', '/v2/new/thing/blobs/uploads/')))
  assert.deepEqual(
    told.map(({ status }) => status),
    Array.from({ length: 6 }, () => 202),
  )
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
