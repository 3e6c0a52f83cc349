import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { testApp, type Caller } from '../../test/app.ts'
import { registryClient } from '../../test/registry.ts'

const stocked = async (t: TestContext) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const owner = await app.as('owner')
  const [one, two] = [await client.push('apps/web', 'v1'), await client.push('models', 'llama')]
  return { app, client, owner, one, two, ...lineOf(owner) }
}

const lineOf = (who: Caller) => {
  const make = (tags: object[], more = {}) => who.post('/api/v1/generations', { line: 'main', tags, ...more })
  return {
    make,
    made: async (tags: object[], more = {}) => {
      const { status, body } = await make(tags, more)
      assert.equal(status, 201, JSON.stringify(body))
      return body
    },
    go: (id: string) => who.post(`/api/v1/generations/${id}/switch`),
    back: (body = {}) => who.post('/api/v1/generations/rollback', { line: 'main', ...body }),
  }
}

const prod = (path: string, digest?: string, tag = 'prod') => ({ path, tag, ...(digest === undefined ? {} : { digest }) })

test('a generation is switched to and rolled back from as one, in all its repositories', async (t) => {
  const { client, one, two, made, go, back, owner } = await stocked(t)
  const named = async (path: string, tag = 'prod') =>
    (await client.ask('HEAD', `/v2/${path}/manifests/${tag}`)).headers.get('docker-content-digest')
  const first = await made([prod('apps/web', one), prod('models', two), prod('models', two, 'extra')], { switch: true })
  assert.deepEqual([await named('apps/web'), await named('models'), await named('models', 'extra')], [one, two, two])

  const newer = await client.push('apps/web', 'v2')
  const second = await made([prod('apps/web', newer), prod('models', two)])
  assert.equal(await named('apps/web'), one, 'made, and not live yet')
  assert.deepEqual((await go(second.id)).body, { line: 'main', live: 2, was: 1, moved: 1, removed: 1 })
  assert.deepEqual([await named('apps/web'), await named('models'), await named('models', 'extra')], [newer, two, null])
  const { body: shown } = await owner.get(`/api/v1/generations/${second.id}`)
  assert.deepEqual(shown.changed, [
    { path: 'apps/web', tag: 'prod', was: one, becomes: newer },
    { path: 'models', tag: 'extra', was: two, becomes: null },
  ])
  assert.deepEqual((await back()).body, { line: 'main', live: 1, was: 2, moved: 2, removed: 0 })
  assert.deepEqual([await named('apps/web'), await named('models', 'extra')], [one, two])
  assert.equal((await back()).status, 409, 'nothing was live before it')
  assert.equal((await back({ to: 2 })).body.live, 2)
  assert.equal((await owner.delete(`/api/v1/generations/${second.id}`)).status, 409)
  assert.equal((await owner.delete(`/api/v1/generations/${first.id}`)).status, 204)
})

test('a generation is signed, follows the one before it, and anyone with the key of the site can check both', async (t) => {
  const { app, one, made, owner } = await stocked(t)
  await made([prod('apps/web', one)])
  const { id } = await made([prod('apps/web', one, 'next')])
  const { body } = await owner.get(`/api/v1/generations/${id}`)
  const { payload, payloadType, signatures } = body.statement
  const bytes = Buffer.from(payload, 'base64')
  const key = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), app.app.site.secrets.signing.publicKeyRaw]),
    format: 'der',
    type: 'spki',
  })
  const text = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `), bytes])
  assert.ok(verify(null, text, key, Buffer.from(signatures[0].sig, 'base64')))
  const said = JSON.parse(bytes.toString())
  assert.deepEqual([said.line, said.number, said.names], ['main', 2, [{ path: 'apps/web', tag: 'next', digest: one }]])
  assert.match(said.previous, /^sha256:[0-9a-f]{64}$/)
})

test('what a generation names stays, and what the live one says is changed by a switch alone', async (t) => {
  const { client, one, made, go, owner } = await stocked(t)
  const { id } = await made([prod('apps/web', one)])
  const refused = async (method: string, path: string) => (await client.ask(method, `/v2/apps/web/manifests/${path}`)).status
  assert.equal(await refused('DELETE', one), 409)
  assert.equal(await refused('DELETE', 'v1'), 202, 'a tag that no generation states goes')
  await go(id)
  assert.equal(await refused('DELETE', 'prod'), 409)
  await assert.rejects(client.push('apps/web', 'prod'), /409.*is live and says/)
  const { id: next } = await made([prod('models', undefined, 'llama')])
  await go(next)
  assert.equal((await owner.delete(`/api/v1/generations/${id}`)).status, 204)
  assert.equal(await refused('DELETE', one), 202)
})

test('a switch keeps tags that are immutable, and asks whether one may push there', async (t) => {
  const { app, client, owner, one, made, go } = await stocked(t)
  const newer = await client.push('apps/web', 'v2')
  const [a, b] = [await made([prod('apps/web', one)], { switch: true }), await made([prod('apps/web', newer)])]
  await owner.put('/api/v1/repositories', { name: 'apps', spec: { format: 'oci', immutableTags: ['prod'] } })
  assert.equal((await go(b.id)).body.type, '/problems/tag-immutable')
  await owner.put('/api/v1/repositories', { name: 'apps', spec: { format: 'oci' } })

  const role = await owner.put('/api/v1/custom-roles', {
    name: 'switcher',
    spec: { title: 'Switcher', actions: ['generation.switch', 'generation.read'] },
  })
  assert.equal(role.status, 201, role.text)
  const switcher = await app.as('member')
  const given = { name: 'switcher', spec: { principal: switcher.userId, role: 'switcher' } }
  assert.equal((await owner.put('/api/v1/role-assignments', given)).status, 201)
  const refused = await lineOf(switcher).go(b.id)
  assert.deepEqual([refused.status, refused.body.action], [403, 'repository.push'])
  assert.equal((await go(b.id)).status, 200)
  assert.equal((await go(a.id)).status, 200)
})

test('what is not there, is named twice, or is stated by another line is refused, and nothing of it is made', async (t) => {
  const { one, make, made, owner } = await stocked(t)
  await made([prod('apps/web', one)], { switch: true })
  for (const tags of [
    [prod('apps/web', `sha256:${'0'.repeat(64)}`)],
    [prod('apps/web', undefined, 'missing')],
    [prod('nowhere/at/all', one)],
    [prod('apps/web', one), prod('apps/web', one)],
    [],
  ])
    assert.ok([400, 404].includes((await make(tags)).status), JSON.stringify(tags))
  assert.equal((await make([prod('apps/web', one)], { line: 'other', switch: true })).status, 409)
  assert.equal((await owner.get('/api/v1/generations')).body.items.length, 1)
})

test('switches, pushes and discards at the same moment leave what one generation says, whole', async (t) => {
  const { client, made, go, back, owner } = await stocked(t)
  const ids: string[] = []
  const says: { web: string; models: string }[] = []
  for (let n = 0; n < 4; n++) {
    const [web, models] = [await client.push('apps/web', `w${n}`), await client.push('models', `m${n}`)]
    ids.push((await made([prod('apps/web', web), prod('models', models)])).id)
    says.push({ web, models })
  }
  for (let round = 0; round < 4; round++) {
    await Promise.all([
      ...ids.map((id) => go(id)),
      back(),
      ...says.map(({ web }) => client.ask('DELETE', `/v2/apps/web/manifests/${web}`)),
      client.ask('DELETE', '/v2/models/manifests/prod'),
    ])
    const live = (await owner.get('/api/v1/generations')).body.items.filter((it: any) => it.live)
    assert.equal(live.length, 1)
    const digest = async (path: string) =>
      (await client.ask('GET', `/v2/${path}/manifests/prod`)).headers.get('docker-content-digest')
    assert.deepEqual({ web: await digest('apps/web'), models: await digest('models') }, says[live[0].number - 1])
  }
})
