// The search table is a second telling of the log. However it was damaged, it can be told again from the entries, and then says the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { awaitLog } from '#audit'
import { systemContext } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'

const entries = 1_100 // three pages

const rowsOf = async (ctx: ReturnType<typeof systemContext>) =>
  (await sql<{ idx: number }>`select * from audit_entry order by idx`.execute(ctx.db)).rows

test('a damaged search table is found by verify, and equal after it was rebuilt, also while entries come in', async (t) => {
  const app = await testApp(t)
  const ctx = systemContext(app.app.site, 'test')
  const owner = await app.as('owner')
  await sql`insert into audit_pending (id, leaf) select 'entry_' || lpad(n::text, 26, '0'), convert_to(jsonb_build_object('v', 1, 'id', 'entry_' || lpad(n::text, 26, '0'),
    'ts', '2026-01-01T00:00:00.000Z', 'actor', 'system', 'action', 'test.act', 'outcome', 'done', 'resource', jsonb_build_object('kind', 'test', 'id', n::text, 'scope', 'scope_x'),
    'requestId', 'req_' || n, 'facts', jsonb_build_object('n', n))::text, 'UTF8') from generate_series(1, ${entries}::int) as n`.execute(
    ctx.db,
  )
  await awaitLog(ctx)
  const whole = await rowsOf(ctx)
  assert.ok(whole.length > entries)

  const damages = [
    sql`delete from audit_entry where idx % 7 = 3`,
    sql`update audit_entry set actor = 'someone else' where idx % 5 = 2`,
    sql`update audit_entry set scope = null, at = at + interval '1 day' where idx % 11 = 4`,
    sql`update audit_entry set idx = idx + 5000 where idx between 20 and 40`,
    sql`insert into audit_entry select 9000, 'entry_stray', at, actor, action, outcome, kind, resource_id, scope, request_id, facts from audit_entry limit 1`,
  ]
  for (const damage of damages) {
    await damage.execute(ctx.db)
    const { body: wrong } = await owner.get('/api/v1/audit/verify')
    assert.deepEqual([wrong.ok, /search row .*holdfast log rebuild/.test(wrong.faults[0])], [false, true], JSON.stringify(wrong))

    const [rebuilt, made] = await Promise.all([
      owner.post('/api/v1/audit/rebuild'),
      owner.put('/api/v1/folders', { name: `f-${damages.indexOf(damage)}`, spec: {} }),
    ])
    assert.deepEqual([rebuilt.status, made.status], [200, 201])
    const lines = rebuilt.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(lines[0], { done: 500, of: lines[0].of })
    assert.deepEqual(lines.at(-1), { rebuilt: lines[0].of })
    await awaitLog(ctx)
    assert.deepEqual((await rowsOf(ctx)).slice(0, whole.length), whole)
    const { body: right } = await owner.get('/api/v1/audit/verify')
    assert.deepEqual(right, { ok: true, size: right.size, faults: [] })
  }
})

test('rebuilding is recorded, and is for those who keep the site running', async (t) => {
  const app = await testApp(t)
  assert.equal((await (await app.as('operator')).post('/api/v1/audit/rebuild')).status, 200)
  assert.equal((await (await app.as('auditor')).post('/api/v1/audit/rebuild')).status, 403)
  const acts = (await app.audit()).filter(({ action }) => action === 'audit.rebuild')
  assert.deepEqual(
    acts.map(({ outcome }) => outcome),
    ['done', 'denied'],
  )
})

test('two at once take turns', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const both = await Promise.all([owner.post('/api/v1/audit/rebuild'), owner.post('/api/v1/audit/rebuild')])
  for (const { text } of both) assert.match(text, /\{"rebuilt":\d+\}\n$/)
})
