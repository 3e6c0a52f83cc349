// Keys are made once, for a site that is new. A known site whose keys are gone stays shut: on new ones it would be another site under the old name.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { awaitLog, recordAlone } from '#audit'
import { createApp, type App } from '../app.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import { parseConfig } from './config.ts'
import { systemContext } from './context.ts'
import { createPool } from './db.ts'
import { silentLog } from './log.ts'
import { openSecrets } from './secrets.ts'

const homeFor = (t: TestContext): string => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-keys-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  return home
}

/** A site that ran once and signed its log, and a way to start it again. */
const siteThatRan = async (t: TestContext) => {
  const home = homeFor(t)
  const pool = createPool(await createTestDatabase(), 6)
  t.after(() => pool.end())
  const start = async (): Promise<App> => {
    const app = await createApp({ config: parseConfig({ HOLDFAST_HOME: home }), pool, log: silentLog })
    try {
      await app.start({ engines: false })
    } catch (error) {
      await app.http.close()
      throw error
    }
    return app
  }
  const app = await start()
  await recordAlone(systemContext(app.site, 'test'), 'site.test', { kind: 'site' }, {})
  await awaitLog(systemContext(app.site, 'test'))
  await app.stop()
  return { home, start, secrets: join(home, 'secrets') }
}

test('a site whose keys were lost does not start on new ones: it says what is missing, and goes on when they are back', async (t) => {
  const { home, start, secrets } = await siteThatRan(t)
  renameSync(secrets, join(home, 'elsewhere'))
  await assert.rejects(start, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'keys-missing')
    assert.match(error.message, /secrets\/master\.key and .*log-signing\.pem.*backup/)
    return true
  })
  assert.equal(existsSync(secrets), false, 'nothing may be made in their place')
  renameSync(join(home, 'elsewhere'), secrets)
  const again = await start()
  await again.stop()
})

test('one key of the two is not enough', async (t) => {
  const { start, secrets } = await siteThatRan(t)
  rmSync(join(secrets, 'master.key'))
  await assert.rejects(start, { code: 'keys-missing' })
  assert.equal(existsSync(join(secrets, 'master.key')), false)
})

test('a key that is another site’s signs nothing in this log', async (t) => {
  const { start, secrets } = await siteThatRan(t)
  const other = homeFor(t)
  openSecrets(other)
  const path = join(secrets, 'log-signing.pem')
  rmSync(path)
  writeFileSync(path, readFileSync(join(other, 'secrets', 'log-signing.pem')))
  await assert.rejects(start, { code: 'log-key-foreign' })
})

test('a key file that holds something else is told as such', (t) => {
  const home = homeFor(t)
  openSecrets(home)
  const path = join(home, 'secrets', 'master.key')
  chmodSync(path, 0o600)
  writeFileSync(path, 'short')
  assert.throws(() => openSecrets(home, 'known'), { code: 'keys-missing', message: /not what was written/ })
})
