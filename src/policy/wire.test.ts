import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { parseConfig } from '#platform/config.ts'
import { atomically, createContext, systemContext } from '#platform/context.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import type { Site } from '#platform/site.ts'
import { createApp } from '../app.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import { createOrganisation } from './facts.ts'
import { putGrant, removeGrant } from './grants.ts'
import { startPolicy } from './wire.ts'

const at = 'org_0'
const invoke = (site: Site) =>
  createContext(site, { actor: { kind: 'user', id: 'user_ann', factors: [] } }).permits('deployment.invoke', {
    kind: 'deployment',
  })

const twoProcesses = async (t: TestContext): Promise<[Site, Site]> => {
  const connection = await createTestDatabase()
  const home = mkdtempSync(join(tmpdir(), 'holdfast-test-')) // they are one site: its keys are there
  const open = async (): Promise<Site> => {
    const pool = createPool(connection, 4)
    const app = await createApp({ config: parseConfig({ HOLDFAST_HOME: home }), pool, log: silentLog })
    const listening = await startPolicy(app.site, pool)
    t.after(async () => {
      await listening.stop()
      await app.http.close()
      await pool.end()
      rmSync(home, { recursive: true, force: true })
    })
    return app.site
  }
  return [await open(), await open()]
}

test('a role taken away in one process is gone in another soon after, and at once in its own', async (t) => {
  const [here, there] = await twoProcesses(t)
  const system = systemContext(here, 'test')
  await atomically(system, async (tx) => {
    await createOrganisation(tx, { id: at, name: 'Test' })
    await putGrant(tx, { principalId: 'user_boss', role: 'owner', scopeId: at })
    await putGrant(tx, { id: 'grant_1', principalId: 'user_ann', role: 'member', scopeId: at })
  })
  const seen = async (site: Site, expected: boolean): Promise<void> => {
    const start = performance.now()
    while ((await invoke(site)) !== expected) {
      assert.ok(performance.now() - start < 10_000, 'the change was never seen')
      await setImmediate()
    }
  }
  await seen(there, true)
  assert.equal(await invoke(here), true)

  await atomically(system, (tx) => removeGrant(tx, 'grant_1'))

  assert.equal(await invoke(here), false)
  await seen(there, false) // how long that takes: `npm run bench policy`
})

test('what a transaction decides on its own changes is not remembered when it is undone', async (t) => {
  const [here] = await twoProcesses(t)
  const system = systemContext(here, 'test')
  await atomically(system, async (tx) => {
    await createOrganisation(tx, { id: at, name: 'Test' })
    await putGrant(tx, { principalId: 'user_boss', role: 'owner', scopeId: at })
  })
  const undone = atomically(system, async (tx) => {
    await putGrant(tx, { principalId: 'user_ann', role: 'member', scopeId: at })
    const verdict = await here.wiring.decider!.decide(
      { ...tx, actor: { kind: 'user', id: 'user_ann', factors: [] } },
      'deployment.invoke',
      {
        kind: 'deployment',
      },
    )
    assert.equal(verdict.allowed, true)
    throw new Error('changed my mind')
  })
  await assert.rejects(undone, /changed my mind/)

  assert.equal(await invoke(here), false)
})

test('many decisions at once, inside transactions, do not wait for each other for ever', async (t) => {
  const [here] = await twoProcesses(t)
  await atomically(systemContext(here, 'test'), async (tx) => {
    await createOrganisation(tx, { id: at, name: 'Test' })
    await putGrant(tx, { principalId: 'user_boss', role: 'owner', scopeId: at })
  })
  const refuse = (i: number) =>
    atomically(createContext(here, { actor: { kind: 'user', id: `user_${i}`, factors: [] } }), (tx) =>
      tx.authorize('deployment.apply', { kind: 'deployment' }),
    ).catch(({ status }: { status: number }) => status)

  // More than the pool has connections, each in a transaction that needs facts and records a refusal.
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 24 }, (_, i) => refuse(i)))), new Set([403]))
})
