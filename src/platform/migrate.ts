// Forward-only SQL migrations, one transaction each, taken under one advisory lock so that two starting processes do not race.
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runMigrations } from 'graphile-worker'
import type pg from 'pg'
import { problem } from './problem.ts'

export const databaseNewer = problem('database-newer', 500, 'The database belongs to a newer version of Holdfast')
export const migrationChanged = problem('migration-changed', 500, 'A migration that was already applied has been edited')

const lockKey = 4_600_001
export const migrationsFolder = join(import.meta.dirname, '../../migrations')

type Migration = { version: number; name: string; sql: string; sha256: string }

const readMigrations = (folder: string): Migration[] =>
  globSync('[0-9][0-9][0-9][0-9]_*.sql', { cwd: folder })
    .sort()
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8')
      return {
        version: Number(file.slice(0, 4)),
        name: basename(file, '.sql'),
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      }
    })

/** Brings the database to this version. Returns the names applied now. */
export const migrate = async (pool: pg.Pool, folder = migrationsFolder): Promise<string[]> => {
  const known = readMigrations(folder)
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query(`create table if not exists schema_migration (
      version int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())`)
    const { rows } = await client.query<{ version: number; name: string; sha256: string }>(
      'select version, name, sha256 from schema_migration',
    )
    refuseForeign(rows, known)
    const done = new Set(rows.map((row) => row.version))
    const applied: string[] = []
    for (const migration of known.filter(({ version }) => !done.has(version))) {
      await applyOne(client, migration)
      applied.push(migration.name)
    }
    await runMigrations({ pgPool: pool })
    return applied
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lockKey]).catch(() => {})
    client.release()
  }
}

const refuseForeign = (rows: { version: number; name: string; sha256: string }[], known: Migration[]): void => {
  const newest = known.at(-1)?.version ?? 0
  for (const row of rows) {
    if (row.version > newest)
      throw databaseNewer(
        `The database has migration ${row.name}, which this version does not know. Start the newer version, or restore a backup made by this one.`,
      )
    const ours = known.find(({ version }) => version === row.version)
    if (ours && ours.sha256 !== row.sha256)
      throw migrationChanged(`Migration ${row.name} differs from what this database was made with. Restore the released file.`)
  }
}

const applyOne = async (client: pg.PoolClient, migration: Migration): Promise<void> => {
  await client.query('begin')
  try {
    await client.query(migration.sql)
    await client.query('insert into schema_migration (version, name, sha256) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.sha256,
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`Migration ${migration.name} failed; the database is as it was before it`, { cause: error })
  }
}
