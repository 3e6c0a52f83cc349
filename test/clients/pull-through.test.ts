import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSocket, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { forgetTags } from '#artifacts'
import { testApp } from '../app.ts'
import { digestOf, emptyConfig, manifestOf, manifestType, registryClient } from '../registry.ts'
import { lacking } from './oci-tools.ts'

const skip = lacking('registry')

const freePort = async (): Promise<number> => {
  const server = createSocket().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a listening socket
  server.close()
  return port
}

/** CNCF distribution, with nothing in it. */
const startUpstream = async (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'upstream-'))
  const url = `http://127.0.0.1:${await freePort()}`
  writeFileSync(
    join(folder, 'config.yml'),
    `version: 0.1\nlog: {level: error, accesslog: {disabled: false}}\nstorage: {inmemory: {}}\nhttp: {addr: '${new URL(url).host}', secret: none}\n`,
  )
  const child = spawn(resolve('.cache/go-bin/registry'), ['serve', join(folder, 'config.yml')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text))
  const gone = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await gone
  }
  t.after(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  while (!(await fetch(`${url}/v2/`).catch(() => undefined))) assert.equal(child.exitCode, null)
  const push = async (path: string, tag: string, layer: Buffer) => {
    for (const content of [emptyConfig, layer]) {
      const begun = await fetch(`${url}/v2/${path}/blobs/uploads/`, { method: 'POST' })
      const at = new URL(begun.headers.get('location')!, url)
      at.searchParams.set('digest', digestOf(content))
      assert.equal((await fetch(at, { method: 'PUT', body: new Uint8Array(content) })).status, 201)
    }
    const body = manifestOf([layer])
    const put = await fetch(`${url}/v2/${path}/manifests/${tag}`, {
      method: 'PUT',
      headers: { 'content-type': manifestType },
      body: new Uint8Array(body),
    })
    assert.equal(put.status, 201)
    return digestOf(body)
  }
  const gets = (of: string) => log.split('\n').filter((line) => line.includes('"GET ') && line.includes(of)).length
  return { url, push, stop, gets }
}

const connected = { HOLDFAST_CONNECTED: 'yes' }
const mirrored = async (t: TestContext, url: string, { env = connected as Record<string, string>, spec = {} } = {}) => {
  const app = await testApp(t, { env })
  const client = await registryClient(app)
  const owner = await app.as('owner')
  const made = await owner.put('/api/v1/repositories', {
    scope: '/',
    name: 'hub',
    spec: { format: 'oci', upstream: { url, path: 'library', ...spec } },
  })
  assert.ok(made.status < 300, made.text)
  return { app, client, owner }
}

test(
  'what is missing is fetched once for all who ask, checked, recorded with where it came from, and stays when the upstream is gone',
  { skip },
  async (t) => {
    const upstream = await startUpstream(t)
    const layer = randomBytes(300_000)
    const digest = await upstream.push('library/tools/jq', 'latest', layer)
    const { app, client } = await mirrored(t, upstream.url)

    const manifest = await client.ask('GET', '/v2/hub/tools/jq/manifests/latest')
    assert.deepEqual([manifest.status, manifest.headers.get('docker-content-digest')], [200, digest])
    const told = await Promise.all([1, 2, 3, 4, 5].map(() => client.ask('GET', `/v2/hub/tools/jq/blobs/${digestOf(layer)}`)))
    for (const { status, body } of told) assert.ok(status === 200 && body.equals(layer))
    assert.equal(upstream.gets(digestOf(layer)), 1)

    await upstream.stop()
    const again = await client.ask('GET', '/v2/hub/tools/jq/manifests/latest')
    assert.deepEqual([again.status, again.headers.get('warning')], [200, null], 'within the minutes nobody is asked')
    assert.equal(
      (await client.ask('GET', `/v2/hub/tools/jq/blobs/${digestOf(emptyConfig)}`)).status,
      502,
      'what was not fetched is not here',
    )
    const pushes = (await app.audit()).filter(({ action }) => action === 'repository.push')
    assert.equal(pushes.length, 2)
    for (const { actor, facts } of pushes) {
      assert.equal(actor, 'system')
      assert.ok(facts.origin.startsWith(`${upstream.url}/v2/library/tools/jq/`) && facts.pulledBy.startsWith('user_'))
    }
  },
)

test(
  'a tag that moved upstream is followed after a start; without the upstream what is held is served, with a warning',
  { skip },
  async (t) => {
    const upstream = await startUpstream(t)
    await upstream.push('library/thing', 'latest', randomBytes(10))
    const { app, client } = await mirrored(t, upstream.url)
    const first = await client.ask('GET', '/v2/hub/thing/manifests/latest')
    const moved = await upstream.push('library/thing', 'latest', randomBytes(10))
    assert.equal(
      (await client.ask('GET', '/v2/hub/thing/manifests/latest')).headers.get('docker-content-digest'),
      first.headers.get('docker-content-digest'),
    )

    forgetTags(app.app.site)
    assert.equal((await client.ask('GET', '/v2/hub/thing/manifests/latest')).headers.get('docker-content-digest'), moved)

    forgetTags(app.app.site)
    await upstream.stop()
    const held = await client.ask('GET', '/v2/hub/thing/manifests/latest')
    assert.deepEqual([held.status, held.headers.get('docker-content-digest')], [200, moved])
    assert.match(held.headers.get('warning') ?? '', /^110 holdfast /)
    assert.equal((await client.ask('GET', '/v2/hub/thing/manifests/other')).status, 502)
  },
)

test('a site that is not connected fetches nothing, and what the upstream does not have is not there', { skip }, async (t) => {
  const upstream = await startUpstream(t)
  await upstream.push('library/thing', 'latest', randomBytes(10))
  const { client } = await mirrored(t, upstream.url, { env: {} })
  const refused = await client.ask('GET', '/v2/hub/thing/manifests/latest')
  assert.deepEqual([refused.status, refused.code, upstream.gets('/manifests/')], [404, 'MANIFEST_UNKNOWN', 0])
  const open = await mirrored(t, upstream.url)
  const none = await open.client.ask('GET', '/v2/hub/thing/manifests/none')
  assert.deepEqual([none.status, none.code], [404, 'MANIFEST_UNKNOWN'])
  const nothing = await open.client.ask('GET', `/v2/hub/thing/blobs/${digestOf(Buffer.from('nothing'))}`)
  assert.deepEqual([nothing.status, nothing.code], [404, 'BLOB_UNKNOWN'])
})

test('an upstream that lies, breaks off or points elsewhere is not believed, and its key goes nowhere else', async (t) => {
  const content = randomBytes(1000)
  const seen: (string | undefined)[] = []
  const elsewhere = createServer((request, reply) => {
    seen.push(request.headers.authorization)
    reply.end(content)
  }).listen(0, '127.0.0.1')
  const liar = createServer((request, reply) => {
    if (request.headers.authorization === undefined) return reply.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    if (request.url!.includes(digestOf(content))) {
      const { port } = elsewhere.address() as AddressInfo // it listens
      return reply.writeHead(307, { location: `http://127.0.0.1:${port}/there` }).end()
    }
    if (request.url!.includes('outside')) return reply.writeHead(307, { location: 'http://registry.example/' }).end()
    if (request.url!.includes('manifests'))
      return reply.writeHead(200, { 'docker-content-digest': `sha256:${'a'.repeat(64)}`, 'content-type': manifestType }).end('{}')
    if (request.url!.includes(digestOf(Buffer.from('short')))) {
      reply.writeHead(200, { 'content-length': '100' }).write('sho')
      return setImmediate(() => reply.destroy())
    }
    return reply.end('something else')
  }).listen(0, '127.0.0.1')
  t.after(() => [liar, elsewhere].forEach((server) => server.close().closeAllConnections()))
  await Promise.all([liar, elsewhere].map(async (server) => server.listening || once(server, 'listening')))
  const { port } = liar.address() as AddressInfo // it listens
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'keys'), `127.0.0.1:${port} robot:secret\n`)
  const env = { ...connected, HOLDFAST_UPSTREAM_KEYS_FILE: join(folder, 'keys') }
  const { client } = await mirrored(t, `http://127.0.0.1:${port}`, { env })
  const status = async (what: string) => (await client.ask('GET', `/v2/hub/x/${what}`)).status

  assert.equal(await status(`blobs/${digestOf(content)}`), 200)
  assert.deepEqual(seen, [undefined], 'a key is for its own host')
  assert.equal(await status(`blobs/${digestOf(Buffer.from('altered'))}`), 502)
  assert.equal(await status(`blobs/${digestOf(Buffer.from('short'))}`), 502)
  assert.equal(await status('manifests/latest'), 502)
  assert.equal(await status('manifests/outside'), 502)
})

test('an upstream is set by who may mirror, on hosts that were let in, for images only, and never with a key in it', async (t) => {
  const app = await testApp(t)
  const set = async (role: 'operator' | 'ai-engineer', spec: object) =>
    (await (await app.as(role)).put('/api/v1/repositories', { scope: '/', name: 'hub', spec })).status
  const upstream = { url: 'http://127.0.0.1:5000', path: 'library' }
  assert.equal(await set('ai-engineer', { format: 'oci', upstream }), 403)
  assert.equal(await set('operator', { format: 'pypi', upstream }), 400)
  assert.equal(await set('operator', { format: 'oci', upstream: { ...upstream, url: 'https://registry.example' } }), 400)
  assert.equal(
    await set('operator', { format: 'oci', upstream: { ...upstream, url: 'http://robot:secret@127.0.0.1:5000' } }),
    400,
  )
  assert.equal(await set('operator', { format: 'oci', upstream }), 201)
  assert.equal(
    await set('ai-engineer', { format: 'oci', upstream, description: 'as it was' }),
    200,
    'what stays as it is needs no leave',
  )
})
