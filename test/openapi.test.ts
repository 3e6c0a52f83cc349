import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openapiOf, openapiText } from '../scripts/gen.ts'
import { clientOf } from '../scripts/gen-client.ts'
import { testApp } from './app.ts'

test('the published API and the client are what the routes are; `npm run gen` makes them so', async (t) => {
  const { app } = await testApp(t)
  const document = openapiOf(app.http.swagger())
  assert.ok(openapiText(document) === readFileSync('openapi.json', 'utf8'), 'openapi.json is stale: run `npm run gen`')
  assert.ok(clientOf(document) === readFileSync('client/api.ts', 'utf8'), 'client/api.ts is stale: run `npm run gen`')
})

test('every operation has a name of its own, says what it does, and belongs somewhere', () => {
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8'))
  const operations = Object.values<Record<string, { operationId?: string; summary?: string; tags?: string[] }>>(paths).flatMap(
    (methods) => Object.values(methods),
  )
  const ids = operations.map(({ operationId }) => operationId)
  assert.equal(new Set(ids).size, operations.length)
  for (const operation of operations)
    assert.ok(operation.operationId && operation.summary && operation.tags?.length, JSON.stringify(operation).slice(0, 200))
})

test('every form of a reply can be written, though a site makes the writer only when it first replies so', () => {
  type Replies = Record<string, { content?: Record<string, { schema?: object }> }>
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { responses: Replies }>>
  }
  const compile = SerializerSelector()({}, {})
  let written = 0
  for (const [url, methods] of Object.entries(paths))
    for (const [method, { responses }] of Object.entries(methods))
      for (const [httpStatus, { content = {} }] of Object.entries(responses))
        for (const { schema } of Object.values(content))
          if (schema) {
            assert.equal(typeof compile({ schema, method, url, httpStatus }), 'function')
            written++
          }
  assert.ok(written > Object.keys(paths).length)
})

test('no route answers nobody-in-particular, unless it is one of these doors', async (t) => {
  const app = await testApp(t)
  const anyone = app.anyone()
  const open: string[] = []
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8'))
  for (const path of Object.keys(paths)) {
    if (!paths[path].get) continue
    const { status } = await anyone.get(path.replaceAll(/\{[^}]+\}/g, 'x'))
    assert.notEqual(status, 500, path)
    if (status < 400) open.push(path)
  }
  assert.deepEqual(open.sort(), ['/api/v1/setup', '/healthz', '/readyz'])
})
