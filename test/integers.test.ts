// Integers beyond ±(2^53 − 1) are other integers once JavaScript has read them, and a policy would judge those: refused at every door that takes JSON.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { testApp } from './app.ts'

type Operation = { operationId: string; requestBody?: { content?: Record<string, unknown> } }
const described = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>
}
const taking = Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { operationId, requestBody }]) =>
    requestBody?.content?.['application/json'] ? [{ operationId, method, url: path.replaceAll(/\{[^}]+\}/g, 'x') }] : [],
  ),
)

test('no route takes an integer that could not be held exactly, however deep it lies', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  assert.ok(taking.length > 40, `${taking.length} routes take JSON`)
  const send = async (method: string, url: string, payload: string) => {
    const reply = await app.app.http.inject({
      method: method.toUpperCase() as 'POST',
      url,
      payload,
      headers: { host: 'localhost', 'content-type': 'application/json', ...owner.headers },
    })
    return { status: reply.statusCode, text: reply.body }
  }
  for (const { operationId, method, url } of taking)
    for (const number of ['9007199254740993', '-9007199254740992', '1e400']) {
      const { status, text } = await send(method, url, `{"spec":{"deep":[{"in":[${number}]}]}}`)
      assert.equal(status, 400, `${operationId} ${number}: ${text.slice(0, 200)}`)
      assert.match(text, /cannot be held exactly/, operationId)
    }
})
