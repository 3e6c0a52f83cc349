import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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
const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
const nobody = 65_534

/** A program that starts the database in a home, asks it who it is on the system, and stops it. */
const program = (home: string) => `
  import { createPool } from ${here('./db.ts')}
  import { silentLog } from ${here('./log.ts')}
  import { startPostgres } from ${here('./postgres.ts')}
  import { readFileSync } from 'node:fs'
  const postgres = await startPostgres({ home: ${JSON.stringify(home)}, assetsDir: ${JSON.stringify(resolve(assetsDir))}, log: silentLog })
  const pool = createPool(postgres.connection)
  const { rows } = await pool.query('select 6 * 7 as answer')
  const uid = /^Uid:\\s+(\\d+)/m.exec(readFileSync('/proc/' + postgres.pid + '/status', 'utf8'))[1]
  process.stdout.write(rows[0].answer + ' as ' + uid)
  await pool.end()
  await postgres.stop()`
const evaluate = ['--input-type=module-typescript', '-e']

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Why this machine cannot show it, or false: one must be root to become another, and the other must reach our files. */
function cannotBecomeNobody(): string | false {
  if (process.getuid?.() !== 0) return 'needs root; the other tests of this file already run as an ordinary user'
  const reach = spawnSync('setpriv', [
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    '--clear-groups',
    '--',
    process.execPath,
    '-e',
    `fs.accessSync(${JSON.stringify(import.meta.filename)})`,
  ])
  return reach.status === 0 ? false : 'the folder of this checkout is closed to other users'
}

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

test('kill -9 of the site and its database while it writes: the last acknowledged row is there after the next start', async (t) => {
  const home = newHome(t)
  const writing = `
    import { createPool } from ${here('./db.ts')}
    import { silentLog } from ${here('./log.ts')}
    import { startPostgres } from ${here('./postgres.ts')}
    const { connection } = await startPostgres({ home: ${JSON.stringify(home)}, assetsDir: ${JSON.stringify(assetsDir)}, log: silentLog })
    const pool = createPool(connection)
    await pool.query('create table if not exists kept (n bigserial primary key)')
    for (;;) { const { rows } = await pool.query('insert into kept default values returning n'); process.stdout.write(rows[0].n + '\\n') }`
  const writer = spawn(process.execPath, [...evaluate, writing], { stdio: ['ignore', 'pipe', 'inherit'] })
  let acknowledged = 0
  writer.stdout.setEncoding('utf8').on('data', (text: string) => (acknowledged = Number(text.trim().split('\n').at(-1))))
  while (acknowledged < 50) await once(writer.stdout, 'data')
  // The hardest end: site and server at once, so that nobody is left to shut anything down.
  process.kill(Number(readFileSync(join(home, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL')
  writer.kill('SIGKILL')
  await once(writer, 'exit')
  const postgres = await startIn(home)
  const pool = createPool(postgres.connection)
  const { rows } = await pool.query('select max(n) as n from kept')
  assert.ok(rows[0].n >= acknowledged, `row ${acknowledged} was acknowledged, ${rows[0].n} is the last kept`)
  await pool.end()
  await postgres.stop()
})

/** A process that started the database and does nothing more. */
const siteThatHolds = async (home: string) => {
  const holding = `
    import { silentLog } from ${here('./log.ts')}
    import { startPostgres } from ${here('./postgres.ts')}
    const { pid } = await startPostgres({ home: ${JSON.stringify(home)}, assetsDir: ${JSON.stringify(assetsDir)}, log: silentLog })
    process.stdout.write(String(pid)); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, [...evaluate, holding], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [text] = (await once(holder.stdout, 'data')) as [Buffer]
  return { holder, pid: Number(text.toString()) }
}

test('kill -9 of the site alone takes its database with it', async (t) => {
  const home = newHome(t)
  const { holder, pid } = await siteThatHolds(home)
  holder.kill('SIGKILL')
  while (alive(pid)) await sleep(20) // bounded by the runner; a server that stays is the failure
  assert.equal(alive(pid), false)
})

test('as an ordinary user the database runs as that user', { skip: cannotBecomeNobody() }, (t) => {
  const home = newHome(t)
  chownSync(home, nobody, nobody)
  const { stdout, stderr } = spawnSync(
    'setpriv',
    [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--', process.execPath, ...evaluate, program(home)],
    { encoding: 'utf8' },
  )
  assert.equal(stdout, `42 as ${nobody}`, stderr)
})

test('as root without user namespaces the database runs as nobody', { skip: cannotBecomeNobody() }, (t) => {
  const home = newHome(t)
  const without = join(home, 'bin')
  mkdirSync(without)
  writeFileSync(join(without, 'unshare'), '#!/bin/sh\nexit 1\n')
  chmodSync(join(without, 'unshare'), 0o755)
  const { stdout, stderr } = spawnSync(process.execPath, [...evaluate, program(home)], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${without}:${process.env['PATH']}` },
  })
  assert.equal(stdout, `42 as ${nobody}`, stderr)
})

test('a pid file that names a stranger, as after a power cut, does not keep the home from starting', async (t) => {
  const home = newHome(t)
  await (await startIn(home)).stop()
  writeFileSync(join(home, 'pg', 'postmaster.pid'), `${process.pid}\n${join(home, 'pg')}\n1\n5432\n${join(home, 'run')}\n\n`)
  writeFileSync(join(home, 'run', '.s.PGSQL.5432.lock'), `${process.pid}\n${join(home, 'pg')}\n1\n5432\n\n`)
  const postgres = await startIn(home)
  await postgres.stop()
})

test('a server that outlived its site is ended before the next is started', async (t) => {
  const home = newHome(t)
  const { holder, pid } = await siteThatHolds(home)
  t.after(() => holder.kill('SIGKILL'))
  holder.kill('SIGSTOP') // it holds its database up no more, and cannot take it along
  const postgres = await startIn(home)
  const state = /^State:\s+(\S)/m.exec(existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '')?.[1]
  assert.ok(state === undefined || state === 'Z', `the former server is still there: ${state}`)
  await postgres.stop()
})

test('a fault that was mended is not told again at the next start', async (t) => {
  const home = newHome(t)
  await (await startIn(home)).stop()
  writeFileSync(join(home, 'postgres.log'), 'FATAL:  could not write: No space left on device\n')
  await assert.rejects(
    startPostgres({ home, assetsDir, log: silentLog, settings: { shared_buffers: 'much' } }),
    (error) => error instanceof PostgresFault && error.code === 'start' && /shared_buffers/.test(error.message),
  )
})

test('a crash while the database is made leaves a home that starts', async (t) => {
  const home = newHome(t)
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
