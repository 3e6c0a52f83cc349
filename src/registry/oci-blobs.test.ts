import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { test } from 'node:test'
import { testApp } from '../../test/app.ts'
import { digestOf, emptyConfig, manifestOf, registryClient } from '../../test/registry.ts'

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

test('the first push may come in many pieces at once: the repository is made once', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const told = await Promise.all(Array.from({ length: 6 }, () => client.ask('POST', '/v2/new/thing/blobs/uploads/')))
  assert.deepEqual(
    told.map(({ status }) => status),
    Array.from({ length: 6 }, () => 202),
  )
})
