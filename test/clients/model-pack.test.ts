// Models as CNCF ModelPacks, pushed and pulled by our command line and by ORAS, over the same repository.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { between } from '../models.ts'
import { digestOf } from '../registry.ts'
import { shell } from '../shell.ts'
import { lacking, toolBench } from './oci-tools.ts'

const files = {
  LICENSE: Buffer.from('As you like'),
  'README.md': Buffer.from('# Small'),
  'config.json': Buffer.from('{"architectures":["Small"]}'),
  'model.safetensors': randomBytes(20 * 1024 ** 2),
  'onnx/model.onnx': randomBytes(1_000),
  'run.py': Buffer.from('print(1)'),
}

const write = (folder: string, content: Record<string, Buffer>): string => {
  for (const [path, bytes] of Object.entries(content)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  return folder
}

const read = (folder: string): Record<string, Buffer> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path))]),
  )

const modelType = 'application/vnd.cncf.model.manifest.v1+json'

/** The bytes of `run.py`, said to lie at a path. */
const layerAt = (path: string, mediaType: string) => ({
  mediaType,
  digest: digestOf(files['run.py']),
  size: files['run.py'].length,
  annotations: { 'org.cncf.model.filepath': path },
})

const withFolder = async (t: TestContext) => {
  const bench = await toolBench(t)
  const way = await between(bench.client.url)
  t.after(() => way.close())
  const { folder, run: inShell } = shell(t, way.url)
  const key = join(folder, 'key')
  writeFileSync(key, bench.client.secret)
  const run = (args: string[]) => inShell(args, '', { HOLDFAST_KEY_FILE: key })
  const model = write(join(folder, 'small'), files)
  const holdfast = async (...args: string[]) => {
    const { code, out, err } = await run([...args, '--json'])
    assert.equal(code, 0, err)
    return JSON.parse(out)
  }
  return { client: bench.client, host: bench.host, tool: bench.run, toolFolder: bench.folder, run, folder, way, model, holdfast }
}

test('a folder is pushed as a ModelPack, once, and ORAS pulls the same files', { skip: lacking('oras') }, async (t) => {
  const { client, holdfast, model, tool, folder, host } = await withFolder(t)
  const name = 'weights/team/small:v1'
  const first = await holdfast('artifact', 'push-model', model, name, '--licence', 'apache-2.0', '--family', 'small')
  assert.equal(first.sentBytes, first.sizeBytes)
  const again = await holdfast('artifact', 'push-model', model, name, '--licence', 'apache-2.0', '--family', 'small')
  assert.deepEqual([again.sentBytes, again.digest], [0, first.digest])
  const { json: manifest } = await client.ask('GET', '/v2/weights/team/small/manifests/v1')
  assert.equal(manifest.artifactType, 'application/vnd.cncf.model.manifest.v1+json')
  assert.equal(manifest.config.mediaType, 'application/vnd.cncf.model.config.v1+json')
  const kinds = Object.fromEntries(
    manifest.layers.map((layer: any) => [layer.annotations['org.cncf.model.filepath'], layer.mediaType]),
  )
  assert.deepEqual(kinds, {
    LICENSE: 'application/vnd.cncf.model.doc.v1.raw',
    'README.md': 'application/vnd.cncf.model.doc.v1.raw',
    'config.json': 'application/vnd.cncf.model.weight.config.v1.raw',
    'model.safetensors': 'application/vnd.cncf.model.weight.v1.raw',
    'onnx/model.onnx': 'application/vnd.cncf.model.weight.v1.raw',
    'run.py': 'application/vnd.cncf.model.code.v1.raw',
  })
  const { body } = await client.ask('GET', `/v2/weights/team/small/blobs/${manifest.config.digest}`)
  assert.deepEqual(JSON.parse(body.toString()), {
    descriptor: { name: 'small', family: 'small', licenses: ['apache-2.0'] },
    config: { format: 'safetensors' },
    modelfs: { type: 'layers', diffIds: manifest.layers.map(({ digest }: any) => digest) },
  })
  await tool('oras', 'pull', '--plain-http', `${host}/${name}`, '-o', join(folder, 'pulled'))
  assert.deepEqual(read(join(folder, 'pulled')), files)
})

test('a model is pulled, what is there and right is kept, and what was changed is put right', async (t) => {
  const { holdfast, model, folder } = await withFolder(t)
  await holdfast('artifact', 'push-model', model, 'weights/team/small:v1')
  const to = join(folder, 'there')
  const first = await holdfast('artifact', 'pull-model', 'weights/team/small:v1', to)
  assert.deepEqual([read(to), first.keptBytes], [files, 0])
  writeFileSync(join(to, 'config.json'), Buffer.alloc(files['config.json'].length))
  const second = await holdfast('artifact', 'pull-model', `weights/team/small@${first.digest}`, to)
  assert.equal(second.keptBytes, second.sizeBytes - files['config.json'].length)
  assert.deepEqual(read(to), files)
})

test('pushes and pulls that break off go on where they stopped', async (t) => {
  const { holdfast, model, folder, way } = await withFolder(t)
  const size = files['model.safetensors'].length
  way.cut(size)
  await holdfast('artifact', 'push-model', model, 'weights/team/small:v1')
  const resumed = way.passed.filter(({ method, sent }) => method === 'PUT' && sent !== undefined && !sent.startsWith('0-'))
  assert.equal(resumed.length, 1)
  assert.ok(resumed[0]?.sent?.endsWith(`-${size - 1}`))
  way.cut(size)
  const to = join(folder, 'there')
  await holdfast('artifact', 'pull-model', 'weights/team/small:v1', to)
  assert.deepEqual(read(to), files)
  const ranges = way.passed.filter(({ method, url }) => method === 'GET' && url.endsWith(digestOf(files['model.safetensors'])))
  assert.deepEqual(
    ranges.map(({ range }) => range !== undefined),
    [false, true],
  )
})

test('a model of other tools that is raw is pulled, and served to `hf`', { skip: lacking('oras') }, async (t) => {
  const { holdfast, tool, toolFolder, host, folder, client } = await withFolder(t)
  write(toolFolder, { 'config.json': files['config.json'] })
  const named = ['config.json:application/vnd.cncf.model.weight.config.v1.raw', `${host}/weights/team/raw:v1`] as const
  await tool('oras', 'push', '--plain-http', '--artifact-type', modelType, named[1], named[0])
  await holdfast('artifact', 'pull-model', 'weights/team/raw:v1', join(folder, 'raw'))
  assert.deepEqual(read(join(folder, 'raw')), { 'config.json': files['config.json'] })
  const served = await client.ask('GET', '/hf/weights/team/raw/resolve/v1/config.json')
  assert.ok(served.body.equals(files['config.json']))
})

test('a model that is packed into archives is listed, and said to be packed', async (t) => {
  const { folder, run, client } = await withFolder(t)
  const layers = [layerAt('model.safetensors', 'application/vnd.cncf.model.weight.v1.tar')]
  await client.push('weights/team/packed', 'v1', [files['run.py']], { artifactType: modelType, layers })
  const listed = await client.ask('GET', '/hf/weights/api/models/team/packed/tree/v1')
  assert.deepEqual(
    listed.json.map(({ path }: any) => path),
    ['model.safetensors'],
  )
  const packed = await client.ask('GET', '/hf/weights/team/packed/resolve/v1/model.safetensors')
  assert.deepEqual([packed.status, packed.headers.get('x-error-code')], [404, 'EntryNotFound'])
  assert.match(packed.headers.get('x-error-message') ?? '', /packed into an archive/)
  const refused = await run(['artifact', 'pull-model', 'weights/team/packed:v1', join(folder, 'there')])
  assert.equal(refused.code, 1)
  assert.match(refused.err, /packed into an archive/)
})

test('a manifest that leads out of the folder writes nothing', async (t) => {
  const { client, run, folder } = await withFolder(t)
  for (const [at, path] of ['../out', '/tmp/out', 'a/../../out', 'a\\b', ''].entries()) {
    const layers = [layerAt(path, 'application/vnd.cncf.model.weight.v1.raw')]
    await client.push('weights/team/evil', `v${at}`, [files['run.py']], { layers })
    const { code, err } = await run(['artifact', 'pull-model', `weights/team/evil:v${at}`, join(folder, 'there')])
    assert.equal(code, 1)
    assert.match(err, /which is no path below a folder/)
    assert.deepEqual((await client.ask('GET', `/hf/weights/api/models/team/evil/tree/v${at}?recursive=true`)).json, [])
  }
  assert.ok(!readdirSync(folder).includes('there'))
})

test('a model is signed and verified from the command line, which ends with 1 where no signature holds', async (t) => {
  const { holdfast, run, model, folder } = await withFolder(t)
  const name = 'weights/team/small:v1'
  await holdfast('artifact', 'push-model', model, name)
  const unsigned = await run(['artifact', 'verify', name])
  assert.deepEqual([unsigned.code, /Not signed/.test(unsigned.out)], [1, true])
  await holdfast('artifact', 'sign', name, '--out', join(folder, 'model.sig'))
  const verified = await run(['artifact', 'verify', name])
  assert.deepEqual([verified.code, /Verified by this site/.test(verified.out)], [0, true])
  const key = await run(['artifact', 'signing-key'])
  writeFileSync(join(folder, 'site.pub'), key.out)
  assert.equal((await run(['artifact', 'verify', name, '--key', join(folder, 'site.pub')])).code, 0)
  await holdfast('artifact', 'push-model', model, 'weights/team/copy:v1')
  await holdfast('artifact', 'sign', 'weights/team/copy:v1', '--bundle', join(folder, 'model.sig'))
  assert.equal((await holdfast('artifact', 'verify', 'weights/team/copy:v1')).verified, true)
  writeFileSync(join(model, 'config.json'), '{"changed":1}')
  await holdfast('artifact', 'push-model', model, 'weights/team/small:v2')
  const refused = await run(['artifact', 'sign', 'weights/team/small:v2', '--bundle', join(folder, 'model.sig')])
  assert.deepEqual([refused.code, /config.json is not what was signed/.test(refused.err)], [1, true])
})
