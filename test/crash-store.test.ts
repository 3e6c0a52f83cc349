// The store's hardest ends: a site killed at a drawn moment of uploads, their last act, collections, scrubs and switches of generations, again and again.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import pg from 'pg'
import { chance, type Chance } from './chance.ts'
import { createTestDatabase } from './postgres.ts'
import { digestOf, emptyConfig, manifestOf, manifestType } from './registry.ts'
import { becomeOwner, killSite, newHome, overHttp, startSite, urlOf } from './site-process.ts'

const rounds = 4
const writers = 3
const pieceBytes = 64 * 1024
const piecesMax = 4
const sharedContents = 6
/** Acknowledgements after which a site is killed: at least so many, and at most as many more. */
const acknowledgedBefore = 12

type Upload = { location: string; content: Buffer; acknowledged: number }
/** What was promised. */
type World = {
  readonly draw: Chance
  readonly uploads: Set<Upload>
  readonly manifests: Map<string, Buffer[]>
  readonly generations: { id: string; says: Record<string, string> }[]
  readonly counts: Map<string, number>
}

/** Told of each acknowledgement; what is cut off or refused was promised to nobody. */
type Client = { ask(method: string, path: string, body?: Buffer, headers?: Record<string, string>): Promise<Response> }

const bytesOf = (draw: Chance, length: number): Buffer =>
  createHash('shake256', { outputLength: length })
    .update(`${draw.below(2 ** 31)}`)
    .digest()
const shared = Array.from({ length: sharedContents }, (_, i) => Buffer.alloc(pieceBytes, i + 1))

const ask = async (client: Client, method: string, path: string, body?: Buffer, headers?: Record<string, string>) => {
  const reply = await client.ask(method, path, body, headers)
  await reply.clone().arrayBuffer()
  return reply
}

const upload = async (client: Client, { draw, uploads }: World, content: Buffer): Promise<void> => {
  const begun = await ask(client, 'POST', '/v2/kept/blobs/uploads/')
  assert.equal(begun.status, 202)
  const one: Upload = { location: begun.headers.get('location')!, content, acknowledged: 0 }
  uploads.add(one)
  await goOn(client, one, 1 + draw.below(piecesMax))
  uploads.delete(one)
}

const goOn = async (client: Client, one: Upload, pieces: number): Promise<void> => {
  const { content, location } = one
  const length = Math.max(1, Math.ceil(content.length / pieces))
  while (one.acknowledged < content.length) {
    const piece = content.subarray(one.acknowledged, one.acknowledged + length)
    const range = `${one.acknowledged}-${one.acknowledged + piece.length - 1}`
    const told = await ask(client, 'PATCH', location, piece, { 'content-range': range })
    assert.equal(told.status, 202, await told.text())
    one.acknowledged += piece.length
  }
  const told = await ask(client, 'PUT', `${location}?digest=${digestOf(content)}`)
  assert.equal(told.status, 201, await told.text())
}

const acts = (client: Client, world: World) => {
  const { draw, manifests, generations } = world
  const pushed = async (path: string, content: Buffer) => {
    const told = await ask(client, 'POST', `/v2/${path}/blobs/uploads/?digest=${digestOf(content)}`, content)
    assert.ok([201, 409].includes(told.status), await told.text())
    return told.status === 201
  }
  return {
    release: async () => {
      const layers = [bytesOf(draw, 1 + draw.below(pieceBytes * piecesMax)), draw.one(shared)]
      for (const layer of layers) await upload(client, world, layer)
      if (!(await pushed('kept', emptyConfig))) return
      const body = manifestOf(layers, { annotations: { nonce: String(draw.below(2 ** 31)) } })
      const told = await ask(client, 'PUT', `/v2/kept/manifests/${digestOf(body)}`, body, { 'content-type': manifestType })
      assert.equal(told.status, 201, await told.text())
      manifests.set(digestOf(body), [emptyConfig, ...layers])
    },
    garbage: async () => void (await pushed('garbage', draw.one([...shared, bytesOf(draw, 1_000)]))),
    collect: async () => {
      const told = await ask(client, 'POST', '/api/v1/storage/collect')
      assert.ok([200, 409].includes(told.status), await told.text())
    },
    scrub: async () => assert.equal((await ask(client, 'POST', '/api/v1/storage/scrub')).status, 202),
    switch: async () =>
      assert.equal((await ask(client, 'POST', `/api/v1/generations/${draw.one(generations).id}/switch`)).status, 200),
  }
}

/** What lies in garbage becomes old enough to be condemned, and what is condemned to be removed. */
const aged = (pool: pg.Pool) =>
  pool.query(`with loose as (update artifact_link set linked_at = linked_at - interval '3 days' where package_id in (
      select package.id from artifact_package package join resource on resource.id = repository_id where resource.name = 'garbage'))
    update artifact set created_at = created_at - interval '3 days', condemned_at = condemned_at - interval '3 days'
      where not exists (select from artifact_link link join artifact_package package on package.id = package_id
        join resource on resource.id = repository_id where link.blob = artifact.digest and resource.name <> 'garbage')`)

/** Several at it until the site is gone; killed once so much was acknowledged. */
const workUntilKilled = async (client: Client, world: World, pool: pg.Pool, kill: () => Promise<void>): Promise<void> => {
  const act = acts(client, world)
  let left = acknowledgedBefore + world.draw.below(acknowledgedBefore)
  let killing: Promise<void> | undefined
  const loop = async (kinds: readonly (keyof typeof act)[]): Promise<void> => {
    while (!killing) {
      const kind = world.draw.one(kinds)
      try {
        await act[kind]()
        if (kind === 'garbage') await aged(pool)
      } catch (error) {
        if (killing && !(error instanceof assert.AssertionError)) return
        throw error
      }
      world.counts.set(kind, (world.counts.get(kind) ?? 0) + 1)
      if (--left === 0) killing = kill()
    }
  }
  await Promise.all([
    ...Array.from({ length: writers }, () => loop(['release'])),
    loop(['garbage', 'garbage', 'collect']),
    loop(['switch', 'scrub', 'collect']),
  ])
  await killing
}

const requirePromises = async (client: Client, { uploads, manifests, generations, draw }: World): Promise<void> => {
  for (const one of uploads) {
    const told = await ask(client, 'GET', one.location)
    if (told.status === 404) {
      const whole = await ask(client, 'HEAD', `/v2/kept/blobs/${digestOf(one.content)}`)
      assert.equal(
        whole.status,
        200,
        `an upload of which ${one.acknowledged} bytes were acknowledged is gone, and so is what it was`,
      )
      continue
    }
    const there = Number(told.headers.get('range')!.split('-')[1]) + 1
    assert.ok(there >= one.acknowledged || one.acknowledged === 0, `${one.acknowledged} were acknowledged, ${there} are there`)
    one.acknowledged = there === 1 && one.acknowledged === 0 ? 0 : there
    if (one.acknowledged === 0) await client.ask('DELETE', one.location)
    else await goOn(client, one, 1 + draw.below(piecesMax))
  }
  uploads.clear()
  for (const [digest, contents] of manifests) {
    assert.equal((await ask(client, 'HEAD', `/v2/kept/manifests/${digest}`)).status, 200, digest)
    for (const content of contents) {
      const told = await client.ask('GET', `/v2/kept/blobs/${digestOf(content)}`)
      assert.equal(digestOf(Buffer.from(await told.arrayBuffer())), digestOf(content))
    }
  }
  const live: Record<string, string> = {}
  for (const path of ['web', 'models'])
    live[path] = (await ask(client, 'HEAD', `/v2/${path}/manifests/prod`)).headers.get('docker-content-digest')!
  assert.ok(
    generations.some(({ says }) => JSON.stringify(says) === JSON.stringify(live)),
    `no generation says ${JSON.stringify(live)}`,
  )
}

const requireWhole = (home: string): void => {
  for (const path of globSync(join(home, 'blobs', 'sha256', '*', '*')))
    assert.equal(digestOf(readFileSync(path)), `sha256:${basename(path)}`, 'half a blob lies under a digest')
}

const prepare = async (client: Client, world: World): Promise<void> => {
  for (let n = 0; n < 3; n++) {
    const says: Record<string, string> = {}
    for (const path of ['web', 'models']) {
      await ask(client, 'POST', `/v2/${path}/blobs/uploads/?digest=${digestOf(emptyConfig)}`, emptyConfig)
      const body = manifestOf([], { annotations: { n: `${path} ${n}` } })
      await ask(client, 'PUT', `/v2/${path}/manifests/${digestOf(body)}`, body, { 'content-type': manifestType })
      says[path] = digestOf(body)
    }
    const tags = Object.entries(says).map(([path, digest]) => ({ path, tag: 'prod', digest }))
    const body = Buffer.from(JSON.stringify({ line: 'main', tags, switch: true }))
    const made = await ask(client, 'POST', '/api/v1/generations', body, { 'content-type': 'application/json' })
    assert.equal(made.status, 201, await made.clone().text())
    world.generations.push({ id: ((await made.json()) as { id: string }).id, says })
  }
}

test('kill -9 of uploads, finishes, collections, scrubs and switches: nothing acknowledged is lost, nothing half is served', async (t: TestContext) => {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
  t.diagnostic(`seed ${seed}`)
  const world: World = { draw: chance(seed), uploads: new Set(), manifests: new Map(), generations: [], counts: new Map() }
  const database = await createTestDatabase()
  assert.ok(typeof database !== 'string')
  const pool = new pg.Pool({ ...database, max: 1 })
  t.after(() => pool.end())
  const home = newHome(t)
  const env = { HOLDFAST_HOME: home, DATABASE_URL: urlOf(database), HOLDFAST_SCRUB_PERCENT: '100' }
  let site = await startSite(t, env)
  const headers = await becomeOwner(site.url)
  const owner = overHttp(site.url, { userId: '', username: 'owner', headers })
  const { body } = await owner.post('/api/v1/keys', { name: 'crash' })
  const client: Client = {
    ask: (method, path, content, more) =>
      fetch(new URL(path, site.url), {
        method,
        headers: { authorization: `Bearer ${body.secret}`, ...more },
        ...(content === undefined ? {} : { body: content as unknown as string }), // fetch takes buffers; Node's types know fewer
      }),
  }
  await prepare(client, world)
  for (let round = 0; round < rounds; round++) {
    await workUntilKilled(client, world, pool, () => killSite(site, pool))
    requireWhole(home)
    site = await startSite(t, env)
    await requirePromises(client, world)
    requireWhole(home)
    const state = (await (await client.ask('GET', '/api/v1/storage')).json()) as { damaged: number }
    assert.equal(state.damaged, 0, `seed ${seed}: nothing is damaged`)
  }
  for (const kind of ['release', 'garbage', 'collect', 'switch', 'scrub'])
    assert.ok((world.counts.get(kind) ?? 0) > 0, `seed ${seed}: no ${kind} was acknowledged`)
})
