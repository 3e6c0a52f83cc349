import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createPool } from './db.ts'
import { claimHome } from './home.ts'
import { silentLog } from './log.ts'
import { PostgresFault, startPostgres } from './postgres.ts'
import { Problem } from './problem.ts'

const assetsDir = process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets'
const newHome = (t: TestContext) => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  return home
}
const startIn = (home: string) => startPostgres({ home, assetsDir, log: silentLog })

test('the database has checksums, vectors, and no port', async (t) => {
  const postgres = await startIn(newHome(t))
  const pool = createPool(postgres.connection)
  await pool.query('create extension vector')
  const { rows } = await pool.query(
    "select current_setting('data_checksums') as checksums, current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses, '[1,2]'::vector <-> '[1,4]' as distance",
  )
  assert.deepEqual(rows, [{ checksums: 'on', fsync: 'on', addresses: '', distance: 2 }])
  await pool.end()
  await postgres.stop()
})

test('kill -9 of the site while it writes: the database goes with it, and the last acknowledged row is there after the next start', async (t) => {
  const home = newHome(t)
  const program = join(home, 'writer.ts')
  const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
  writeFileSync(
    program,
    `
    import { createPool } from ${here('./db.ts')}
    import { silentLog } from ${here('./log.ts')}
    import { startPostgres } from ${here('./postgres.ts')}
    const { connection } = await startPostgres({ home: ${JSON.stringify(home)}, assetsDir: ${JSON.stringify(assetsDir)}, log: silentLog })
    const pool = createPool(connection)
    await pool.query('create table if not exists kept (n bigserial primary key)')
    for (;;) { const { rows } = await pool.query('insert into kept default values returning n'); process.stdout.write(rows[0].n + '\\n') }`,
  )
  const writer = spawn(process.execPath, [program], { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'inherit'] })
  let acknowledged = 0
  writer.stdout.setEncoding('utf8').on('data', (text: string) => (acknowledged = Number(text.trim().split('\n').at(-1))))
  while (acknowledged < 50) await once(writer.stdout, 'data')
  writer.kill('SIGKILL')
  await once(writer, 'exit')
  const postgres = await startIn(home)
  const pool = createPool(postgres.connection)
  const { rows } = await pool.query('select max(n) as n from kept')
  assert.ok(rows[0].n >= acknowledged, `row ${acknowledged} was acknowledged, ${rows[0].n} is the last kept`)
  await pool.end()
  await postgres.stop()
})

test('a crash while the database is made leaves a home that starts', async (t) => {
  const home = newHome(t)
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(home, 'pg.new', 'base'), { recursive: true })
  const postgres = await startIn(home)
  await postgres.stop()
})

test('a damaged control file is told as damage, with what to do', async (t) => {
  const home = newHome(t)
  await (await startIn(home)).stop()
  truncateSync(join(home, 'pg', 'global', 'pg_control'), 100)
  await assert.rejects(
    startIn(home),
    (error) => error instanceof PostgresFault && error.code === 'damaged' && /Restore the home from a backup/.test(error.message),
  )
})

test('a missing file of the database is told as damage', async (t) => {
  const home = newHome(t)
  await (await startIn(home)).stop()
  rmSync(join(home, 'pg', 'global', 'pg_filenode.map'))
  await assert.rejects(startIn(home), (error) => error instanceof PostgresFault && error.code === 'damaged')
})

test('without PostgreSQL at hand the message says how to get it', async (t) => {
  const home = newHome(t)
  await assert.rejects(
    startPostgres({ home, assetsDir: join(home, 'none'), log: silentLog }),
    (error) => error instanceof PostgresFault && /npm start/.test(error.message),
  )
})

test('a home has one site at a time, and takes the next when the first is killed', async (t) => {
  const home = newHome(t)
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module-typescript',
      '-e',
      `
    import { claimHome } from ${JSON.stringify(new URL('./home.ts', import.meta.url).href)}
    await claimHome(${JSON.stringify(home)}, '1.0.0'); console.log('held'); setInterval(() => {}, 1000)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(holder.stdout, 'data')
  await assert.rejects(
    claimHome(home, '1.0.0'),
    (error) => error instanceof Problem && error.code === 'home-in-use' && error.message.includes(String(holder.pid)),
  )
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const { release } = await claimHome(home, '1.0.0')
  release()
})

test('a home of a newer version is left alone', async (t) => {
  const home = newHome(t)
  ;(await claimHome(home, '1.10.0')).release()
  await assert.rejects(claimHome(home, '1.9.9'), (error) => error instanceof Problem && error.code === 'home-newer')
  ;(await claimHome(home, '1.10.1')).release()
})
