import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { createEmptyDatabase } from '../../test/postgres.ts'
import { createPool, type Connection } from './db.ts'
import { migrate } from './migrate.ts'

const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)

/** A program that brings a database to this version and says what it did. */
const migrating = (connection: Connection) => `
  import { createPool } from ${here('./db.ts')}
  import { migrate } from ${here('./migrate.ts')}
  const pool = createPool(${JSON.stringify(connection)}, 2)
  process.stdout.write(JSON.stringify(await migrate(pool)))
  await pool.end()`

const elsewhere = async (connection: Connection): Promise<string[]> => {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', migrating(connection)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(await text(child.stdout)) as string[]
}

const emptyDatabase = async (t: TestContext) => {
  const connection = await createEmptyDatabase()
  const pool = createPool(connection, 2)
  t.after(() => pool.end())
  return { connection, pool }
}

const migrations = (t: TestContext, files: Record<string, string>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-migrations-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql)
  return folder
}

test('two sites that start on an empty database at the same moment make it once', async (t) => {
  const { connection, pool } = await emptyDatabase(t)
  const both = await Promise.all([elsewhere(connection), elsewhere(connection)])
  const { rows } = await pool.query<{ name: string }>('select name from schema_migration order by version')
  assert.ok(rows.length > 0)
  assert.deepEqual(
    both.flat().sort(),
    rows.map(({ name }) => name),
  )
  assert.deepEqual(await migrate(pool), [])
})

test('a database of a newer version is refused and left as it is', async (t) => {
  const { pool } = await emptyDatabase(t)
  await migrate(pool, migrations(t, { '0001_a.sql': 'create table a ()', '0002_b.sql': 'create table b ()' }))
  const older = migrations(t, { '0001_a.sql': 'create table a ()' })
  await assert.rejects(migrate(pool, older), { code: 'database-newer', message: /0002_b.*Start the newer version/ })
  assert.equal((await pool.query("select to_regclass('b') as b")).rows[0].b, 'b')
})

test('a migration that was edited after it was applied is refused by its name', async (t) => {
  const { pool } = await emptyDatabase(t)
  await migrate(pool, migrations(t, { '0001_a.sql': 'create table a ()' }))
  const edited = migrations(t, { '0001_a.sql': 'create table a (id int)' })
  await assert.rejects(migrate(pool, edited), { code: 'migration-changed', message: /0001_a/ })
})

test('a migration that fails leaves nothing of itself, and the lock free for the next try', async (t) => {
  const { pool } = await emptyDatabase(t)
  const broken = migrations(t, { '0001_a.sql': 'create table a ()', '0002_b.sql': 'create table b (); select 1 / 0' })
  await assert.rejects(migrate(pool, broken), /0002_b failed; the database is as it was before it/)
  const mended = migrations(t, { '0001_a.sql': 'create table a ()', '0002_b.sql': 'create table b ()' })
  assert.deepEqual(await migrate(pool, mended), ['0002_b'])
})
