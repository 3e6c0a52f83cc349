// `npm run gen`: openapi.json out of the routes, and client/api.ts out of openapi.json; deps.txt out of the lockfile. A test fails when one is stale.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '#platform/config.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { createApp } from '../src/app.ts'
import { startTestServer } from '../test/postgres.ts'
import { writeDeps } from './deps.ts'
import { clientOf, type OpenApi } from './gen-client.ts'

/** Every route's schema, as one document with its keys in a fixed order. */
export const openapiOf = (swagger: unknown): OpenApi => sortKeys(JSON.parse(JSON.stringify(swagger))) as OpenApi // fastify-swagger makes one

const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}

export const openapiText = (document: OpenApi): string => `${JSON.stringify(document, null, 2)}\n`

const main = async (): Promise<void> => {
  const server = await startTestServer()
  const home = mkdtempSync(join(tmpdir(), 'holdfast-gen-'))
  const pool = createPool({ host: server.host, user: server.user, database: 'holdfast_template' }, 2)
  try {
    const { http } = await createApp({ config: parseConfig({ HOLDFAST_HOME: home }), pool, log: silentLog })
    const document = openapiOf(http.swagger())
    writeFileSync('openapi.json', openapiText(document))
    writeFileSync('client/api.ts', clientOf(document))
    process.stdout.write(
      `openapi.json and client/api.ts: ${Object.values(document.paths).flatMap((path) => Object.keys(path)).length} operations\n`,
    )
    await http.close()
  } finally {
    await pool.end()
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  writeDeps()
  await main()
}
