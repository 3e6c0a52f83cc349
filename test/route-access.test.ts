// Every operation of openapi.json × everyone who might ask. Whoever adds a route says here, in one row, who may use it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { complianceRows } from './route-access/compliance.ts'
import { complianceStateRows } from './route-access/compliance-state.ts'
import { packageRows } from './route-access/packages.ts'
import { peopleRows } from './route-access/people.ts'
import { registryRows } from './route-access/registry.ts'
import { resourceRows } from './route-access/resources.ts'
import type { Row } from './route-access/row.ts'
import { siteRows } from './route-access/site.ts'
import { callers, world, type Answer, type World } from './route-access/world.ts'

const rows: Row[] = [
  ...resourceRows,
  ...complianceRows,
  ...complianceStateRows,
  ...siteRows,
  ...registryRows,
  ...packageRows,
  ...peopleRows,
]
const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, { operationId: string }>>
}
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ operationId, door: `${method.toUpperCase()} ${path}` })),
)

test('every operation has a row that says who may use it, and every row an operation', () => {
  const named = new Set(rows.map(({ operationId }) => operationId))
  const missing = operations.filter(({ operationId }) => !named.has(operationId))
  assert.deepEqual(
    missing.map(({ operationId, door }) => `row('${operationId}', '+ - - - - - - !', …)   for ${door}`),
    [],
    'Add these rows under test/route-access/ (a new kind takes one line, kind(…)); the marks are in row.ts, in the order of `callers` in world.ts',
  )
  const known = new Set(operations.map(({ operationId }) => operationId))
  assert.deepEqual(
    rows.filter(({ operationId }) => !known.has(operationId)).map(({ name }) => name),
    [],
    'openapi.json has no such operations: take these rows away, or run `npm run gen`',
  )
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length, 'two rows have the same name')
  for (const { name, expected } of rows)
    assert.match(expected, /^[+0ah!-]( [+0ah!-]){7}$/, `${name}: eight marks, one for each caller`)
})

test('each answers each as its row says', async (t) => {
  const w = await world(t)
  for (const row of rows) await t.test(row.name, () => holds(w, row))
})

const holds = async (w: World, { expected, request }: Row): Promise<void> => {
  const got: string[] = []
  const told: string[] = []
  for (const [at, by] of w.who.entries()) {
    const asked = await request(w, by)
    const answer = await w.send(by, asked)
    got.push(markOf(answer))
    told.push(
      `${callers[at]}: ${asked.method} ${asked.url} → ${answer.status} ${JSON.stringify(answer.body ?? '').slice(0, 300)}`,
    )
  }
  assert.equal(got.join(' '), expected, `of ${callers.join(' ')}\n${told.join('\n')}\n`)
}

/** A refusal is one only when it says so in the form of all refusals; a request that was not valid, or broke something, proves nothing. */
const markOf = ({ status, headers, body }: Answer): string => {
  const code = codeOf(body) ?? helpOf(headers)
  if (code === 'approval-needed') return 'a'
  const refusal = ({ 401: '!', 403: '-', 404: 'h' } as Record<number, string>)[status]
  if (refusal !== undefined) return code === undefined ? '?' : refusal
  if (status === 500 || code === 'invalid-request') return '?'
  const items = Array.isArray(body) ? body : (body?.items ?? body?.data)
  return Array.isArray(items) && items.length === 0 ? '0' : '+'
}

/** Of a refusal in the words of a client that reads none of these. */
const helpOf = ({ link }: Answer['headers']): string | undefined =>
  /^<\/problems\/([a-z-]+)>; rel="help"$/.exec(String(link))?.[1]

/** Of a problem, or of an error in the shape of OpenAI, of OCI or of the Hub. */
const codeOf = (body: any): string | undefined =>
  /^\/problems\/([a-z-]+)$/.exec(String(body?.type))?.[1] ??
  [body?.error?.code, body?.errors?.[0]?.code, body?.code].find((code) => typeof code === 'string')
