import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { testApp } from '../app.ts'
import { between, pushFiles, type Between } from '../models.ts'
import { digestOf, registryClient, type RegistryClient } from '../registry.ts'

const run = promisify(execFile)

const weights = randomBytes(24 * 1024 ** 2)
const files = {
  'config.json': Buffer.from('{"architectures":["Small"]}'),
  'README.md': Buffer.from('# Small\n'),
  'model-00001-of-00002.safetensors': weights,
  'model-00002-of-00002.safetensors': randomBytes(300_000),
  'onnx/model.onnx': randomBytes(10_000),
  'onnx/deep/ä b%2F.txt': Buffer.from('named with care'),
}

type Hf = {
  readonly owner: RegistryClient
  readonly way: Between
  readonly cache: string
  /** Any program of the Python environment, with the Hub pointed at the site. */
  program(name: string, args: readonly string[], env?: Record<string, string>): Promise<string>
  /** The library, by the script beside this file. */
  ask(args: readonly string[], env?: Record<string, string>): Promise<any>
  keyOf(role: 'auditor' | 'nobody' | 'member'): Promise<string>
}

/** A site with a repository `hub`, and a client's cache of its own. */
const withModel = async (t: TestContext): Promise<Hf> => {
  const app = await testApp(t)
  const owner = await registryClient(app)
  await pushFiles(owner, 'hub/team/small', 'v1', files)
  const way = await between(owner.url)
  const cache = mkdtempSync(join(tmpdir(), 'holdfast-hf-'))
  t.after(() => {
    way.close()
    rmSync(cache, { recursive: true, force: true })
  })
  const program: Hf['program'] = async (name, args, env = {}) => {
    const { stdout } = await run(`.cache/py/bin/${name}`, [...args], {
      env: {
        PATH: process.env['PATH'],
        HF_HOME: cache,
        HF_ENDPOINT: `${way.url}/hf`,
        HF_TOKEN: owner.secret,
        HF_HUB_DISABLE_TELEMETRY: '1',
        HF_HUB_DISABLE_UPDATE_CHECK: '1', // the command would ask PyPI for a newer one of itself
        NO_COLOR: '1',
        ...env,
      },
      timeout: 100_000,
      maxBuffer: 16 * 1024 ** 2,
    })
    return stdout
  }
  return {
    owner,
    way,
    cache,
    program,
    ask: async (args, env) => JSON.parse(await program('python', ['test/clients/hf.py', ...args], env)),
    keyOf: async (role) => (await registryClient(app, { role })).secret,
  }
}

const read = (folder: string): Record<string, Buffer> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('.cache'))
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(folder.length + 1),
        readFileSync(join(entry.parentPath, entry.name)),
      ]),
  )

const bodies = ({ passed }: Between): string[] =>
  passed.filter(({ method, url }) => method === 'GET' && url.includes('/resolve/')).map(({ url }) => url)

test('`hf download` brings a whole model, with Xet switched off and without', async (t) => {
  const { program, cache, way } = await withModel(t)
  for (const xet of ['1', '0']) {
    const folder = join(cache, `whole-${xet}`)
    await program('hf', ['download', 'Team/Small', '--revision', 'v1', '--local-dir', folder], { HF_HUB_DISABLE_XET: xet })
    assert.deepEqual(read(folder), files)
  }
  assert.ok(
    way.passed.every(({ headers }) => !Object.keys(headers).some((name) => name.startsWith('x-xet') || name === 'location')),
  )
})

test('the library sees what the model holds, and what else there is', async (t) => {
  const { ask, owner } = await withModel(t)
  await pushFiles(owner, 'hub/team/small', 'main', files)
  await pushFiles(owner, 'hub/team/other', 'latest', { 'config.json': files['config.json'] })
  const seen = await ask(['look', 'team/small'])
  const named = Object.keys(files).sort()
  assert.match(seen.sha, /^[0-9a-f]{40}$/)
  assert.deepEqual(seen.files.sort(), named)
  assert.deepEqual(
    seen.siblings.sort(),
    Object.entries(files)
      .map(([path, content]) => [path, content.length, digestOf(content).slice('sha256:'.length)])
      .sort(),
  )
  assert.deepEqual(seen.top, [
    ['RepoFile', 'README.md'],
    ['RepoFile', 'config.json'],
    ['RepoFile', 'model-00001-of-00002.safetensors'],
    ['RepoFile', 'model-00002-of-00002.safetensors'],
    ['RepoFolder', 'onnx'],
  ])
  assert.deepEqual(seen.inside, [
    ['RepoFile', 'onnx/model.onnx'],
    ['RepoFolder', 'onnx/deep'],
  ])
  assert.deepEqual(seen.paths, [
    ['RepoFile', 'config.json'],
    ['RepoFolder', 'onnx'],
  ])
  assert.deepEqual([seen.branches, seen.tags], [['main'], ['v1']])
  assert.deepEqual(seen.exists, [true, true, true, false, false, false])
  assert.equal(seen.who, 'owner')
  assert.deepEqual([seen.listed, seen.found, seen.by], [['team/other', 'team/small'], ['team/other'], ['team/other']])
  assert.equal(seen.access, null)
})

test('a download that broke off goes on where it stopped', async (t) => {
  const { ask, way } = await withModel(t)
  way.cut(weights.length)
  const path = await ask(['file', 'team/small', 'model-00001-of-00002.safetensors', 'v1'])
  assert.ok(readFileSync(path).equals(weights))
  const [first, second] = way.passed.filter(({ method, url }) => method === 'GET' && url.includes('model-00001'))
  assert.equal(first?.range, undefined)
  assert.equal(second?.status, 206)
  assert.ok(Number(/^bytes=(\d+)-/.exec(second?.range ?? '')?.[1]) > 0)
})

test('what is in the cache is not fetched again, and of a new revision only what changed', async (t) => {
  const { ask, way, owner } = await withModel(t)
  const first = await ask(['whole', 'team/small', 'v1'])
  assert.equal(bodies(way).length, Object.keys(files).length)
  way.passed.length = 0
  assert.equal(await ask(['whole', 'team/small', 'v1']), first)
  assert.deepEqual(bodies(way), [])
  way.passed.length = 0
  assert.equal(await ask(['whole', 'team/small', 'v1'], { HF_HUB_OFFLINE: '1' }), first)
  assert.deepEqual(way.passed, [])
  const digest = await pushFiles(owner, 'hub/team/small', 'v2', { ...files, 'config.json': Buffer.from('{"v":2}') })
  const second = await ask(['whole', 'team/small', 'v2'])
  assert.deepEqual(
    bodies(way).map((url) => url.split('/').at(-1)),
    ['config.json'],
  )
  const commit = digest.slice('sha256:'.length, 'sha256:'.length + 40)
  assert.ok(second.endsWith(commit))
  assert.equal(readFileSync(await ask(['file', 'team/small', 'config.json', commit]), 'utf8'), '{"v":2}')
  assert.equal(readFileSync(await ask(['file', 'team/small', 'config.json', 'v1']), 'utf8'), '{"architectures":["Small"]}')
})

test('who may not is refused in the Hub’s words', async (t) => {
  const { ask, keyOf, owner } = await withModel(t)
  await pushFiles(owner, 'hub/team/small', 'main', files)
  const named = (seen: Record<string, [string, number]>) =>
    Object.fromEntries(Object.entries(seen).map(([what, told]) => [what, told?.slice(0, 2) ?? null]))
  const all = (told: unknown) => ({ info: told, file: told, revision: told, entry: told })
  assert.partialDeepStrictEqual(
    named(await ask(['refused', 'team/small'], { HF_TOKEN: await keyOf('auditor') })),
    all(['GatedRepoError', 403]),
  )
  assert.partialDeepStrictEqual(
    named(await ask(['refused', 'team/small'], { HF_TOKEN: await keyOf('nobody') })),
    all(['RepositoryNotFoundError', 404]),
  )
  assert.partialDeepStrictEqual(
    named(await ask(['refused', 'team/small'], { HF_TOKEN: '' })),
    all(['RepositoryNotFoundError', 401]),
  )
  assert.partialDeepStrictEqual(
    named(await ask(['refused', 'team/small'], { HF_TOKEN: `hf_${'x'.repeat(43)}` })),
    all(['HfHubHTTPError', 401]),
  )
  const owners = await ask(['refused', 'team/small'])
  assert.deepEqual(named(owners), {
    info: null,
    file: null,
    revision: ['RevisionNotFoundError', 404],
    entry: ['RemoteEntryNotFoundError', 404],
    whole: null,
  })
  assert.match(owners.entry[2], /has no file "absent.json"/)
})

test('a listing goes on page after page', async (t) => {
  const { ask, owner, way } = await withModel(t)
  const shard = Buffer.from('one shard under many names')
  const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, i) => [`part/${Math.floor(i / 100)}/${i}.bin`, shard]))
  await pushFiles(owner, 'hub/team/wide', 'main', many)
  assert.deepEqual((await ask(['names', 'team/wide'])).sort(), Object.keys(many).sort())
  const pages = way.passed.filter(({ url }) => url.includes('/tree/'))
  assert.equal(pages.length, 3)
  const onward = pages.flatMap(({ headers }) => (typeof headers['link'] === 'string' ? [headers['link']] : []))
  assert.ok(onward.length === 2 && onward.every((link) => link.startsWith(`<${way.url}/hf/`)))
})

test('a repository in a project has an endpoint of its own, datasets too', async (t) => {
  const { ask, owner, way } = await withModel(t)
  await pushFiles(owner, 'weights/team/small', 'latest', { 'config.json': Buffer.from('elsewhere') })
  await pushFiles(owner, 'weights/datasets/team/rows', 'main', { 'data/train.csv': Buffer.from('a,b\n') })
  const there = { HF_ENDPOINT: `${way.url}/hf/weights` }
  assert.equal(readFileSync(await ask(['file', 'team/small', 'config.json'], there), 'utf8'), 'elsewhere')
  assert.deepEqual(read(await ask(['dataset', 'team/rows'], there)), { 'data/train.csv': Buffer.from('a,b\n') })
})

/** Uploads go by plain HTTP. */
const withoutXet = { HF_HUB_DISABLE_XET: '1' }

test('`hf upload` pushes a folder that `hf download` brings back, and sends again only what changed', async (t) => {
  const { program, cache, way, owner } = await withModel(t)
  const folder = join(cache, 'mine')
  const mine: Record<string, Buffer> = { ...files, 'empty.txt': Buffer.alloc(0) }
  for (const [path, content] of Object.entries(mine)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const sent = () => way.passed.filter(({ method }) => method === 'PUT').length
  await program('hf', ['upload', 'Team/Mine', folder], withoutXet)
  assert.equal(sent(), Object.keys(mine).length - 1)
  await program('hf', ['download', 'Team/Mine', '--local-dir', join(cache, 'back')])
  assert.deepEqual(read(join(cache, 'back')), mine)
  writeFileSync(join(folder, 'config.json'), '{"v":2}')
  await program('hf', ['upload', 'Team/Mine', folder], withoutXet)
  assert.equal(sent(), Object.keys(mine).length)
  const { json } = await owner.ask('GET', '/v2/hub/team/mine/manifests/main')
  assert.equal(json.artifactType, 'application/vnd.cncf.model.manifest.v1+json')
  assert.equal(json.layers.length, Object.keys(mine).length)
})

test('a commit adds and deletes over what its revision names, and refuses what is late, empty or leads out', async (t) => {
  const { program, owner, way } = await withModel(t)
  await pushFiles(owner, 'hub/team/small', 'main', files)
  const seen = JSON.parse(await program('python', ['test/clients/hf-upload.py', 'team/small'], withoutXet))
  assert.deepEqual(seen.moved, [true, true])
  assert.ok(seen.url.startsWith(`${way.url}/hf/team/small/commit/`))
  const left = Object.keys(files).filter((path) => path !== 'README.md' && !path.startsWith('onnx/'))
  assert.deepEqual(seen.files, [...left, 'added.json'].sort())
  assert.deepEqual([seen.late[1], seen.nothing[1]], [409, 400])
})

test('who may only pull uploads nothing, and a file that is not what was announced is not kept', async (t) => {
  const { program, keyOf, cache, owner } = await withModel(t)
  writeFileSync(join(cache, 'x.json'), '{}')
  const upload = (token: string) =>
    program('hf', ['upload', 'team/small', join(cache, 'x.json'), 'x.json'], { ...withoutXet, HF_TOKEN: token })
  await assert.rejects(upload(await keyOf('member')), /403|repository.push/)
  await assert.rejects(upload(await keyOf('nobody')), /404|Not Found/i)
  const oid = 'a'.repeat(64)
  const wrong = await owner.ask('PUT', `/hf/hub/team/small.git/info/lfs/objects/${oid}`, Buffer.from('other'))
  assert.deepEqual([wrong.status, wrong.json.code], [400, 'digest-mismatch'])
  const out = JSON.stringify({ key: 'file', value: { path: 'a/../../out', content: 'YQ==', encoding: 'base64' } })
  assert.equal((await owner.ask('POST', '/hf/api/models/team/small/commit/main', Buffer.from(out))).status, 400)
  const missing = JSON.stringify({ key: 'lfsFile', value: { path: 'x', algo: 'sha256', oid, size: 5 } })
  const commit = await owner.ask('POST', '/hf/api/models/team/small/commit/main', Buffer.from(missing))
  assert.deepEqual([commit.status, commit.json.code], [404, 'blob-unknown'])
})

test('commits to one model at the same moment all stay', async (t) => {
  const { owner } = await withModel(t)
  const names = Array.from({ length: 6 }, (_, i) => `file-${i}.json`)
  const replies = await Promise.all(
    names.map((path) =>
      owner.ask(
        'POST',
        '/hf/api/models/team/small/commit/v2',
        Buffer.from(JSON.stringify({ key: 'file', value: { path, content: 'e30=', encoding: 'base64' } })),
      ),
    ),
  )
  assert.deepEqual(
    replies.map(({ status }) => status),
    names.map(() => 200),
  )
  const { json } = await owner.ask('GET', '/hf/api/models/team/small/tree/v2')
  assert.deepEqual(
    json.map(({ path }: any) => path),
    names,
  )
})
