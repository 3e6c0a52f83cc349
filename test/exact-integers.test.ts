// An integer that JavaScript cannot hold would be another one from there on, silently: no border takes it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from '../cli/documents.ts'
import { parseCall } from '../src/inference/engine/text.ts'
import { testApp, type Caller, type TestApp } from './app.ts'

type Operation = {
  operationId: string
  requestBody?: { content: Record<string, unknown> }
  parameters?: { in: string; name: string; schema: { type?: string } }[]
}
const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, Record<string, Operation>> }
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    method: method.toUpperCase() as 'GET' | 'POST' | 'PUT' | 'PATCH',
    url: path.replaceAll(/\{[^}]+\}/g, 'x'),
  })),
)
const beyond = ['9007199254740993', '-9007199254740992', '1e300']

const send = async (
  { app }: TestApp,
  { headers }: Caller,
  request: { method: 'GET' | 'POST' | 'PUT' | 'PATCH'; url: string; payload?: string },
) => {
  const json = request.payload === undefined ? {} : { 'content-type': 'application/json' }
  const { statusCode, body } = await app.http.inject({ ...request, headers: { host: 'localhost', ...headers, ...json } })
  return { status: statusCode, body }
}

test('no door that takes JSON takes an integer beyond ±2^53, wherever it stands', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const taking = operations.filter(({ requestBody }) => requestBody && 'application/json' in requestBody.content)
  assert.ok(taking.length > 40, String(taking.length))
  for (const { method, url, operationId } of taking)
    for (const number of beyond)
      for (const payload of [`{"spec":{"n":[${number}]}}`, number]) {
        const { status, body } = await send(app, owner, { method, url, payload })
        assert.equal(status, 400, `${operationId} ${payload}: ${body}`)
        assert.match(body, /cannot be held exactly/, operationId)
      }
})

test('no address holds one either', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const counted = operations.flatMap(({ parameters = [], ...operation }) =>
    parameters.filter((one) => one.in === 'query' && one.schema.type === 'integer').map(({ name }) => ({ ...operation, name })),
  )
  assert.ok(counted.length > 10, String(counted.length))
  for (const { method, url, name, operationId } of counted)
    for (const number of beyond) {
      const { status, body } = await send(app, owner, { method, url: `${url}?${name}=${number}` })
      assert.equal(status, 400, `${operationId} ${name}=${number}: ${body}`)
    }
})

test('no file that the command line reads holds one, in YAML or JSON, nor what is no number at all', () => {
  for (const number of [...beyond, '0x20000000000001', '.inf', '-.inf', '.nan'])
    for (const source of [
      `kind: project\nname: p\nspec:\n  n: ${number}\n`,
      `{"kind": "project", "name": "p", "labels": [${number}]}`,
    ])
      assert.throws(() => parse(source, 'site/p.yaml'), /^Error: site\/p.yaml, document 1: .* cannot be held exactly/, source)
  const [read] = parse('kind: project\nname: p\nspec:\n  n: [9007199254740991, "9007199254740993", 0.5]\n', 'p.yaml')
  assert.deepEqual(read?.spec, { n: [9007199254740991, '9007199254740993', 0.5] })
})

test('a call that a model makes with one is no call, rather than a call with another number', () => {
  for (const number of beyond) assert.equal(parseCall(`{"name": "f", "arguments": {"id": ${number}}}`), undefined)
  assert.deepEqual(parseCall('{"name": "f", "arguments": {"id": 9007199254740991}}'), {
    name: 'f',
    arguments: '{"id":9007199254740991}',
  })
})
