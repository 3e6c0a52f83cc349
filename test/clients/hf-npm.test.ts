// A second opinion on the Hub's doors: Hugging Face's own client for JavaScript.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { testApp } from '../app.ts'
import { pushFiles } from '../models.ts'
import { registryClient } from '../registry.ts'

const program = resolve('.cache/hub-npm/node_modules/@huggingface/hub/dist/index.mjs')
const skip = !existsSync(program) && 'not installed: @huggingface/hub (scripts/test-tools.sh)'

const files = { 'config.json': Buffer.from('{"a":1}'), 'onnx/model.onnx': Buffer.alloc(100_000, 7) }

test('the Hub’s client for JavaScript lists, looks and downloads, and hears refusals', { skip }, async (t) => {
  const hub = await import(pathToFileURL(program).href)
  const app = await testApp(t)
  const client = await registryClient(app)
  await pushFiles(client, 'hub/team/small', 'main', files)
  const as = { hubUrl: `${client.url}/hf`, accessToken: client.secret }
  const repo = { type: 'model', name: 'Team/Small' }
  const listed = []
  for await (const { path, type, size } of hub.listFiles({ ...as, repo, recursive: true })) listed.push([type, path, size])
  assert.deepEqual(listed, [
    ['file', 'config.json', 7],
    ['directory', 'onnx', 0],
    ['file', 'onnx/model.onnx', 100_000],
  ])
  const blob = await hub.downloadFile({ ...as, repo, path: 'onnx/model.onnx' })
  assert.ok(Buffer.from(await blob.arrayBuffer()).equals(files['onnx/model.onnx']))
  assert.deepEqual(Buffer.from(await blob.slice(10, 20).arrayBuffer()), Buffer.alloc(10, 7))
  assert.equal(await hub.fileExists({ ...as, repo, path: 'absent' }), false)
  assert.match((await hub.modelInfo({ ...as, name: repo.name, additionalFields: ['sha'] })).sha, /^[0-9a-f]{40}$/)
  assert.equal((await hub.whoAmI(as)).name, 'owner')
  const names = []
  for await (const { name } of hub.listModels({ ...as, search: { query: 'small' } })) names.push(name)
  assert.deepEqual(names, ['team/small'])
  const { secret } = await registryClient(app, { role: 'auditor' })
  await assert.rejects(hub.downloadFile({ ...as, accessToken: secret, repo, path: 'config.json' }), /repository.pull|403/)
  await assert.rejects(hub.modelInfo({ ...as, name: 'team/absent' }), { statusCode: 404 })
})
