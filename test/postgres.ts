// A real PostgreSQL for tests: one throwaway server a run (or a test file run alone), one migrated template, one clone a database.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import pg from 'pg'
import { createPool, type Connection } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { migrate } from '#platform/migrate.ts'
import { startPostgres } from '#platform/postgres.ts'

type Server = { host: string; user: string; stop(): Promise<void> }

const template = 'holdfast_template'
const assetsDir = process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets'

/** A server whose data a power cut may take, with the template every test database is cloned from. */
export const startTestServer = async (): Promise<Server> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-pg-'))
  const postgres = await startPostgres({ home, assetsDir, log: silentLog, durable: false, settings: { max_connections: '300' } })
  const { host, user } = postgres.connection
  await execute({ host, user }, `create database ${template}`)
  const pool = createPool({ host, user, database: template }, 2)
  await migrate(pool)
  await pool.end()
  return {
    host,
    user,
    stop: async () => {
      await postgres.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

const execute = async (at: { host: string; user: string }, text: string): Promise<void> => {
  const client = new pg.Client({ ...at, database: 'postgres' })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

let server: Promise<Server> | undefined

/** The run's server (HOLDFAST_TEST_PG, set by scripts/test.ts), or one of this file's own when it is run by itself. */
const theServer = (): Promise<Pick<Server, 'host' | 'user'>> => {
  const given = process.env['HOLDFAST_TEST_PG']
  if (given !== undefined) return Promise.resolve({ host: given, user: 'holdfast' })
  server ??= startTestServer()
  return server
}

// At the file's own level: inside a test it would end the server with that test.
if (process.env['NODE_TEST_CONTEXT'] !== undefined) after(async () => (await server)?.stop())

/** Nothing in it: as an operator gives one. */
export const createEmptyDatabase = async (): Promise<Exclude<Connection, string>> => {
  const at = await theServer()
  const database = `e_${randomUUID().replaceAll('-', '')}`
  await execute(at, `create database ${database} template template0`)
  return { ...at, database }
}

export const createTestDatabase = async (): Promise<Exclude<Connection, string>> => {
  const at = await theServer()
  const database = `t_${randomUUID().replaceAll('-', '')}`
  // file_copy: a clone is a copy of 8 MB of files, not of their log.
  await execute(at, `create database ${database} template ${template} strategy file_copy`)
  return { ...at, database }
}
