import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { parseConfig } from '#platform/config.ts'
import { atomically, createContext, systemContext, type Context } from '#platform/context.ts'
import { createDb, createPool, type Db } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import type { Site } from '#platform/site.ts'
import { createApp } from '../app.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import { factsChanged, remembered } from './cache.ts'
import { putRole } from './custom-roles.ts'
import { decide } from './decide.ts'
import { createOrganisation, putScope } from './facts.ts'
import { putGrant, removeGrant } from './grants.ts'
import { putClearance, removeClearance, removePrincipal } from './label-facts.ts'
import { labelScope } from './levels.ts'
import { putMember, removeMember } from './members.ts'
import { moveScope } from './move.ts'
import { startPolicy } from './wire.ts'

const people = ['user_ann', 'user_ben', 'user_cem', 'user_dee']
const groups = ['group_1', 'group_2']
const scopes = ['org_0', 'folder_1', 'folder_2', 'project_1']
const actions = ['model.read', 'view.read']
const roles = ['member', 'ai-engineer', 'auditor', 'made']

/** One site by two processes, as far as the database can tell. */
const twoProcesses = async (t: TestContext): Promise<[Site, Site]> => {
  const connection = await createTestDatabase()
  const home = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const open = async (): Promise<Site> => {
    const pool = createPool(connection, 6)
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
  const here = await open()
  await atomically(systemContext(here, 'test'), async (tx) => {
    await createOrganisation(tx, { id: 'org_0', name: 'Test' })
    await putScope(tx, { id: 'folder_1', parentId: 'org_0', kind: 'folder', name: 'f1' })
    await putScope(tx, { id: 'folder_2', parentId: 'folder_1', kind: 'folder', name: 'f2' })
    await putScope(tx, { id: 'project_1', parentId: 'folder_2', kind: 'project', name: 'p1' })
    await putGrant(tx, { principalId: 'user_boss', role: 'owner', scopeId: 'org_0' })
    await putClearance(tx, { id: 'clearance_boss', principalId: 'user_boss', label: { rank: 1000, caveats: ['*'] } })
    await putRole(tx, { name: 'made', title: 'Made', description: 'Here', actions: ['view.read'] })
  })
  return [here, await open()]
}

type Question = { who: string; action: string; scope: string }
const questions: readonly Question[] = people.flatMap((who) =>
  actions.flatMap((action) => scopes.map((scope) => ({ who, action, scope }))),
)

const ask = async (site: Site, { who, action, scope }: Question, db: Db = site.db): Promise<boolean> => {
  const ctx = createContext(site, { actor: { kind: 'user', id: who, factors: [] } })
  return (await decide({ ...ctx, db }, action, { kind: 'model', scope })).allowed
}
const askAll = (site: Site): Promise<boolean[]> => Promise.all(questions.map((question) => ask(site, question)))

/** A site that nobody asked before remembers nothing. */
const afresh = (site: Site): Promise<boolean[]> => askAll({ ...site })

/** A revocation that is never heard of fails here. */
const until = async (isSo: () => Promise<boolean>, what: string): Promise<void> => {
  const startMs = performance.now()
  while (!(await isSo())) {
    assert.ok(performance.now() - startMs < 10_000, `${what}: it is remembered otherwise`)
    await setImmediate()
  }
}

const agree = (site: Site, expected: readonly boolean[], what: string): Promise<void> =>
  until(async () => (await askAll(site)).every((allowed, i) => allowed === expected[i]), what)

type Change = (tx: Context) => Promise<void>
const nth = fc.nat({ max: 3 })
const holder = fc.constantFrom(...people, ...groups, ...groups)
const made = (what: string, run: Change): Made => ({ what, run })
type Made = { what: string; run: Change }

const given = fc
  .record({ id: nth, principalId: holder, role: fc.constantFrom(...roles), scopeId: fc.constantFrom(...scopes) })
  .map((it) => made(`give ${JSON.stringify(it)}`, (tx) => putGrant(tx, { ...it, id: `grant_${it.id}` })))
const denied = fc
  .record({ id: nth, principalId: holder, scopeId: fc.constantFrom(...scopes) })
  .map((it) =>
    made(`deny ${JSON.stringify(it)}`, (tx) =>
      putGrant(tx, { ...it, id: `denial_${it.id}`, effect: 'deny', actions: ['model.*'] }),
    ),
  )
const elevated = fc
  .record({ of: nth, principalId: fc.constantFrom(...people), scopeId: fc.constantFrom(...scopes) })
  .map(({ of, ...it }) =>
    made(`elevate ${JSON.stringify(it)} by grant_${of}`, (tx) =>
      putGrant(tx, {
        ...it,
        id: `elevation_${of}`,
        role: 'ai-engineer',
        assignmentId: `grant_${of}`,
        startsAt: new Date(0),
        expiresAt: new Date(tx.now().getTime() + 3_600_000),
      }),
    ),
  )
const taken = fc
  .tuple(fc.constantFrom('grant', 'grant', 'denial', 'elevation'), nth)
  .map(([what, id]) => made(`take ${what}_${id}`, (tx) => removeGrant(tx, `${what}_${id}`)))
const member = fc
  .tuple(fc.constantFrom(...groups), holder, fc.nat({ max: 3 }))
  .map(([groupId, memberId, into]) =>
    made(`${memberId} ${into ? 'into' : 'out of'} ${groupId}`, (tx) =>
      into ? putMember(tx, { groupId, memberId }) : removeMember(tx, { groupId, memberId }),
    ),
  )
const cleared = fc
  .tuple(fc.constantFrom(...people), nth, fc.boolean())
  .map(([principalId, id, up]) =>
    made(`${up ? 'clear' : 'unclear'} ${principalId} by ${id}`, (tx) =>
      up
        ? putClearance(tx, { id: `clearance_${id}`, principalId, label: { rank: 100 * id, caveats: [] } })
        : removeClearance(tx, `clearance_${id}`),
    ),
  )
const shared = fc.oneof(
  fc
    .tuple(fc.constantFrom('folder_2', 'project_1'), fc.nat({ max: 2 }))
    .map(([id, rank]) => made(`label ${id} ${rank}`, (tx) => labelScope(tx, id, { rank: 100 * rank, caveats: [] }))),
  fc
    .constantFrom('folder_1', 'org_0')
    .map((parentId) => made(`folder_2 to ${parentId}`, (tx) => moveScope(tx, { id: 'folder_2', parentId }))),
  fc
    .subarray([...actions], { minLength: 1 })
    .map((some) =>
      made(`edit made ${some.join()}`, (tx) => putRole(tx, { name: 'made', title: 'Made', description: 'Here', actions: some })),
    ),
)
const removed = holder.map((id) => made(`remove ${id}`, (tx) => removePrincipal(tx, id)))
const change: fc.Arbitrary<Made> = fc.oneof(
  { weight: 6, arbitrary: given },
  { weight: 5, arbitrary: member },
  { weight: 4, arbitrary: taken },
  { weight: 3, arbitrary: elevated },
  { weight: 2, arbitrary: denied },
  { weight: 2, arbitrary: cleared },
  { weight: 2, arbitrary: shared },
  { weight: 1, arbitrary: removed },
)

test('what is remembered is what would be decided afresh, whatever changes and whichever process changes it', async (t) => {
  const sites = await twoProcesses(t)
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 1e9)
  t.diagnostic(`seed ${seed}`)
  let flips = 0
  let before = await afresh(sites[0])

  await fc.assert(
    fc.asyncProperty(change, fc.boolean(), async ({ what, run }, swapped) => {
      const [here, there] = swapped ? [sites[1], sites[0]] : sites
      await agree(there, before, 'at the start')
      // Asked also while it changes: what is read too early must not be kept.
      const asking = [askAll(here), askAll(there)]
      await atomically(systemContext(here, 'test'), run).catch(refused)
      const now = await afresh(here)
      assert.deepEqual(await askAll(here), now, `${what}, in its own process`)
      await agree(there, now, `${what}, in another process`)
      await Promise.all(asking)
      assert.deepEqual(await askAll(here), now, `${what}, after those who asked meanwhile`)
      flips += now.filter((allowed, i) => allowed !== before[i]).length
      before = now
    }),
    { seed, numRuns: 100, endOnFailure: true },
  )
  assert.ok(flips > 20, `only ${flips} answers changed: the changes reach nothing`)
})

/** A grant of a grant that is not there, a circle of groups: nothing has changed then. */
const refused = (error: unknown): void => {
  const { code } = error as { code?: string }
  assert.ok(code === '23503' || code === '23505' || code === 'group-cycle', String(error))
}

test('what was being read when it changed is not remembered', async (t) => {
  const [here] = await twoProcesses(t)
  const ctx = systemContext(here, 'test')
  const reading = Promise.withResolvers<string>()
  const read = (answer: Promise<string>) => remembered(ctx, 'read', () => answer, 'user_ann')
  const early = read(reading.promise)

  factsChanged.committed(here, ['user_ann'])
  reading.resolve('before')

  assert.deepEqual(
    [await early, await read(Promise.resolve('after')), await read(Promise.resolve('later'))],
    ['before', 'after', 'after'],
  )
})

test('what is remembered of others stays when one person’s or one group’s facts change, in every process', async (t) => {
  const [here, there] = await twoProcesses(t)
  const gone = createPool({ host: '/nowhere', database: 'none', user: 'none' }, 1)
  t.after(() => gone.end())
  const nothing = createDb(gone)
  const reads = (who: string): Question => ({ who, action: 'model.read', scope: 'folder_1' })
  const system = systemContext(here, 'test')
  await atomically(system, async (tx) => {
    await putMember(tx, { groupId: 'group_1', memberId: 'group_2' })
    await putMember(tx, { groupId: 'group_2', memberId: 'user_cem' })
    for (const who of ['user_ann', 'user_ben', 'group_1'])
      await putGrant(tx, { id: `grant_${who}`, principalId: who, role: 'ai-engineer', scopeId: 'folder_1' })
  })
  for (const site of [here, there]) await agree(site, await afresh(site), 'at the start')

  await atomically(system, (tx) => removeGrant(tx, 'grant_user_ann'))
  await atomically(system, (tx) =>
    putClearance(tx, { id: 'clearance_a', principalId: 'user_ann', label: { rank: 1, caveats: [] } }),
  )
  for (const site of [here, there]) {
    await until(async () => !(await ask(site, reads('user_ann'))), 'ann')
    assert.deepEqual(await Promise.all(['user_ben', 'user_cem'].map((who) => ask(site, reads(who), nothing))), [true, true])
  }

  await atomically(system, (tx) => removeGrant(tx, 'grant_group_1'))
  for (const site of [here, there]) {
    await until(async () => !(await ask(site, reads('user_cem'))), 'cem')
    assert.equal(await ask(site, reads('user_ben'), nothing), true)
  }

  await atomically(system, (tx) => labelScope(tx, 'folder_1', { rank: 100, caveats: [] }))
  for (const site of [here, there]) await until(async () => !(await ask(site, reads('user_ben'))), 'ben')
})
