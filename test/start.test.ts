// What keeps a site from starting, told in words and with what to do; and a start on a PostgreSQL that is not ours.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { silentLog } from '#platform/log.ts'
import { createPool } from '#platform/db.ts'
import { startPostgres } from '#platform/postgres.ts'
import { createTestDatabase } from './postgres.ts'
import { becomeOwner, newHome, refusedStart, startSite, urlOf } from './site-process.ts'

const database = async () => urlOf(await createTestDatabase())

const listening = async (t: TestContext, onSocket: (socket: import('node:net').Socket) => void = () => {}): Promise<number> => {
  const server = createServer(onSocket).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => void server.close())
  return (server.address() as AddressInfo).port // it listens
}

test('a port in use is told, with the setting that chooses another', async (t) => {
  const port = await listening(t)
  const env = { HOLDFAST_HOME: newHome(t), HOLDFAST_PORT: String(port), DATABASE_URL: await database() }
  const said = await refusedStart(t, env)
  assert.match(said, /^Holdfast did not start\.\nThe port is in use by another program\..*HOLDFAST_PORT/m)
})

test('a home of a newer version is refused, and nothing in it is changed', async (t) => {
  const home = newHome(t)
  writeFileSync(join(home, 'version'), '99.0.0\n')
  const said = await refusedStart(t, { HOLDFAST_HOME: home, DATABASE_URL: await database() })
  assert.match(said, /This home was last used by version 99\.0\.0.*Start that version or a newer one/)
  assert.equal(readFileSync(join(home, 'version'), 'utf8'), '99.0.0\n')
  assert.ok(!existsSync(join(home, 'secrets')))
})

test('a second start on the same home is refused while the first runs, and by whom it runs', async (t) => {
  const env = { HOLDFAST_HOME: newHome(t), DATABASE_URL: await database() }
  const site = await startSite(t, env)
  assert.match(await refusedStart(t, env), new RegExp(`in use by a running site \\(process ${site.child.pid},`))
  assert.equal((await fetch(new URL('/readyz', site.url))).status, 200)
  await site.stop()
})

const passwordOfHarbour = 'tide-and-lamp'

/** A PostgreSQL as an operator runs one: over TCP, with a role and a password, and an empty database of that role. */
const ownPostgres = async (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-own-pg-'))
  const rules = join(mkdtempSync(join(tmpdir(), 'holdfast-own-hba-')), 'pg_hba.conf')
  writeFileSync(rules, 'local all harbour scram-sha-256\nlocal all all trust\n', { mode: 0o644 })
  const postgres = await startPostgres({
    home: folder,
    assetsDir: process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets',
    log: silentLog,
    durable: false,
  })
  t.after(async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const pool = createPool(postgres.connection, 1)
  await pool.query(`create role harbour login password '${passwordOfHarbour}'`)
  await pool.query('create database harbour owner harbour')
  writeFileSync(join(folder, 'pg', 'pg_hba.conf'), readFileSync(rules))
  await pool.query('select pg_reload_conf()')
  await pool.end()
  const socket = join(postgres.connection.host, '.s.PGSQL.5432')
  const port = await listening(t, (client) => {
    const server = connect(socket)
    client.pipe(server).on('error', () => client.destroy())
    server.pipe(client).on('error', () => server.destroy())
  })
  return (user = `harbour:${passwordOfHarbour}`, name = 'harbour') => `postgres://${user}@127.0.0.1:${port}/${name}`
}

test('a site lives in a PostgreSQL of the operator’s own, and makes none', async (t) => {
  const url = await ownPostgres(t)
  const home = newHome(t)
  const site = await startSite(t, { HOLDFAST_HOME: home, DATABASE_URL: url() })
  await becomeOwner(site.url)
  await site.stop()
  assert.ok(!existsSync(join(home, 'pg')))

  const file = join(home, 'database-url')
  writeFileSync(file, `${url()}\n`, { mode: 0o600 })
  const again = await startSite(t, { HOLDFAST_HOME: home, DATABASE_URL_FILE: file })
  assert.equal(again.url.pathname, '/', 'it is set up already')
  await again.stop()
})

test('a PostgreSQL that does not answer, a password it refuses and a database it has not are told apart, and no password is printed', async (t) => {
  const url = await ownPostgres(t)
  const refused = (address: string) => refusedStart(t, { HOLDFAST_HOME: newHome(t), DATABASE_URL: address })
  const away = await refused(`postgres://harbour:${passwordOfHarbour}@127.0.0.1:9/harbour`)
  assert.match(away, /No PostgreSQL answers at DATABASE_URL\. Start it, or correct the address\./)
  const wrong = await refused(url('harbour:guessed-wrong'))
  assert.match(wrong, /PostgreSQL refuses the password of DATABASE_URL/)
  const missing = await refused(url(undefined, 'elsewhere'))
  assert.match(missing, /PostgreSQL has no database of the name in DATABASE_URL\. Create it/)
  for (const said of [away, wrong, missing]) assert.ok(!said.includes(passwordOfHarbour) && !said.includes('guessed-wrong'), said)
})
