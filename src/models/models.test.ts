import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, truncateSync, copyFileSync, mkdtempSync, rmSync, openAsBlob } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ensureDefaults } from '../inference/index.ts'
import { systemContext } from '#platform/context.ts'
import { collect } from '#artifacts'
import { testApp, type Caller, type TestApp } from '../../test/app.ts'

const smollm = join(process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets', 'smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf')
const octets = { 'content-type': 'application/octet-stream' }
const upload = (who: Caller, content: Buffer, headers = {}) => who.post('/api/v1/uploads', content, { ...octets, ...headers })
const incoming = ({ home }: TestApp) => readdirSync(join(home, 'blobs', 'incoming'))
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

test('what is uploaded is known by its digest, counted once, and recorded', async (t) => {
  const app = await testApp(t)
  const operator = await app.as('operator')
  const content = Buffer.from('not a model at all')
  const [first, again] = [await upload(operator, content), await upload(operator, content)]
  assert.deepEqual(
    [first.status, first.body],
    [201, { digest: `sha256:${sha256(content)}`, sizeBytes: content.length, mended: false }],
  )
  assert.deepEqual(again.body, first.body)
  assert.equal((await app.audit()).findLast(({ action }) => action === 'artifact.upload')?.resource.id, first.body.digest)
})

test('an upload that is too large, not what it was announced to be, or not permitted leaves nothing behind', async (t) => {
  const app = await testApp(t, { env: { HOLDFAST_UPLOAD_BYTES_MAX: '2048' } })
  const operator = await app.as('operator')
  const large = await upload(operator, Buffer.alloc(4096))
  assert.deepEqual([large.status, large.body.type], [413, '/problems/too-large'])
  const other = await upload(operator, Buffer.from('a'), { 'x-content-sha256': '0'.repeat(64) })
  assert.deepEqual([other.status, other.body.type], [400, '/problems/digest-mismatch'])
  assert.equal((await upload(await app.as('member'), Buffer.from('a'))).status, 403)
  assert.deepEqual(incoming(app), [])
})

test('a model needs content that is here and is a model; what is wrong is said', async (t) => {
  const app = await testApp(t)
  const operator = await app.as('operator')
  const apply = (digest: string) => operator.put('/api/v1/models', { name: 'model', spec: { digest } })
  assert.equal((await apply(`sha256:${'0'.repeat(64)}`)).body.type, '/problems/artifact-missing')
  const { body } = await upload(operator, Buffer.concat([Buffer.from('GGUF\u0003\0\0\0'), Buffer.alloc(16, 0xff)]))
  const refused = await apply(body.digest)
  assert.deepEqual([refused.status, refused.body.type], [422, '/problems/model-unreadable'])
  assert.match(refused.body.detail, /number of/)
  assert.deepEqual((await operator.get('/api/v1/models')).body.items, [])
})

const listening = async (t: TestContext) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.post('/api/v1/keys', { name: 'upload' })
  const url = await app.listen()
  const send = async (path: string) =>
    (await (
      await fetch(`${url}/api/v1/uploads`, {
        method: 'POST',
        headers: { ...octets, authorization: `Bearer ${body.secret}` },
        body: await openAsBlob(path),
      })
    ).json()) as { digest: string }
  return { app, owner, send }
}

test('a model file cut short is refused with the reason; whole it has a passport, and goes when nothing uses it', async (t) => {
  const { app, owner, send } = await listening(t)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-model-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  copyFileSync(smollm, join(folder, 'short.gguf'))
  truncateSync(join(folder, 'short.gguf'), 50_000_000)
  const short = await owner.put('/api/v1/models', {
    name: 'short',
    spec: { digest: (await send(join(folder, 'short.gguf'))).digest },
  })
  assert.deepEqual([short.status, short.body.type], [422, '/problems/model-unreadable'])
  const { digest } = await send(smollm)
  const made = await owner.put('/api/v1/models', { name: 'small', spec: { digest } })
  assert.equal(made.status, 201, made.text)
  assert.equal(made.body.resource.status.passport.architecture, 'llama')
  const deployed = await owner.put('/api/v1/deployments', { name: 'd', spec: { model: 'small' } })
  assert.equal(deployed.status, 201, deployed.text)
  assert.equal((await owner.delete('/api/v1/models/small')).status, 409)
  await owner.delete('/api/v1/deployments/d')
  assert.equal((await owner.delete('/api/v1/models/small')).status, 204)
  const hex = digest.slice('sha256:'.length)
  const path = join(app.home, 'blobs', 'sha256', hex.slice(0, 2), hex)
  const collected = async () => {
    app.clock.advance(25 * 3_600_000)
    return collect(systemContext(app.app.site, 'test'))
  }
  assert.equal((await collected()).condemned, 1) // the short one still waits to be used
  assert.equal(existsSync(path), true)
  assert.equal((await collected()).removed, 1)
  assert.equal(existsSync(path), false)
})

test('the default model comes once: what was deleted is not brought back', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const ctx = systemContext(app.app.site, 'test')
  await ensureDefaults(ctx)
  await ensureDefaults(ctx)
  assert.deepEqual(
    (await owner.get('/api/v1/deployments')).body.items.map(({ name }: { name: string }) => name),
    ['smollm2'],
  )
  assert.equal((await owner.delete('/api/v1/deployments/smollm2')).status, 204)
  assert.equal((await owner.delete('/api/v1/models/smollm2-135m-instruct')).status, 204)
  await ensureDefaults(ctx)
  assert.deepEqual((await owner.get('/api/v1/models')).body.items, [])
})
