// The database killed under a running site: what people are told meanwhile, that all goes on afterwards, and how the site ends when it cannot.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { becomeOwner, newHome, startSite } from './site-process.ts'

const assets = resolve(process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets')

/** With a PostgreSQL and no default model, so that no engine takes the machine's time. */
const siteOfItsOwn = async (t: TestContext) => {
  const home = newHome(t)
  const bare = newHome(t)
  symlinkSync(join(assets, 'postgresql'), join(bare, 'postgresql'))
  const site = await startSite(t, { HOLDFAST_HOME: home, HOLDFAST_ASSETS_DIR: bare })
  const headers = await becomeOwner(site.url)
  const ask = (method: string, path: string, body?: object) =>
    fetch(new URL(path, site.url), {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const pid = () => Number(readFileSync(join(home, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0])
  return { ...site, home, bare, ask, pid }
}

test('kill -9 of the database: requests are told to come back, then all goes on, and the log is whole', async (t) => {
  const { ask, pid, stop, err } = await siteOfItsOwn(t)
  const killed = pid()
  process.kill(killed, 'SIGKILL')
  const told: { status: number; retryAfter: string | null; type: string | undefined }[] = []
  for (let n = 0; ; n++) {
    const reply = await ask('PUT', '/api/v1/projects', { name: `p-${n}`, spec: {} })
    const body = (await reply.json()) as { type?: string }
    told.push({ status: reply.status, retryAfter: reply.headers.get('retry-after'), type: body.type })
    if (reply.ok && told.length > 1) break
    await sleep(5)
  }
  const refusals = told.filter(({ status }) => status >= 300)
  assert.ok(refusals.length > 0, 'the database was never seen to be away')
  for (const refusal of refusals) assert.deepEqual(refusal, { status: 503, retryAfter: '2', type: '/problems/database-down' })
  assert.notEqual(pid(), killed)
  assert.equal((await ask('GET', '/readyz')).status, 200)
  const verdict = (await (await ask('GET', '/api/v1/audit/verify')).json()) as { faults: string[] }
  assert.deepEqual(verdict.faults, [])
  await stop()
  assert.doesNotMatch(err(), /not cleanly/)
})

test('a database that cannot be started again ends the site, which says why', async (t) => {
  const { ask, pid, home, child, err } = await siteOfItsOwn(t)
  renameSync(join(home, 'pg', 'global', 'pg_control'), join(home, 'pg_control.away'))
  process.kill(pid(), 'SIGKILL')
  const [code] = (await once(child, 'exit')) as [number]
  assert.equal(code, 1)
  assert.match(err(), /The database ended and could not be started again, so the site ends\.\n.*damaged/)
  await assert.rejects(ask('GET', '/healthz'))
})

test('stopped while its database is away, the site still ends', async (t) => {
  const { bare, pid, child } = await siteOfItsOwn(t)
  // Without its programs it cannot come back, and there is time to say stop.
  renameSync(join(bare, 'postgresql'), join(bare, 'away'))
  mkdirSync(join(bare, 'postgresql'))
  process.kill(pid(), 'SIGKILL')
  child.kill('SIGTERM')
  await once(child, 'exit')
  assert.ok(child.exitCode !== null, `ended by ${child.signalCode}`)
})
