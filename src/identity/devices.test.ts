import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { password, testApp, type Reply } from '../../test/app.ts'

const session = '/api/v1/session'
const deviceIn = ({ headers }: Reply): string => String([headers['set-cookie']].flat().at(-1)).split(';')[0]!

test('a browser is known again by a cookie of its own, whoever signs in with it, and the database names none', async (t) => {
  const app = await testApp(t)
  await app.as('member')
  const enter = (cookie?: string) => app.anyone(cookie ? { cookie } : {}).post(session, { username: 'owner', password })

  const first = await enter()
  const again = await enter(deviceIn(first))
  const other = await enter()

  assert.match(deviceIn(first), /^holdfast-device=[\w-]{43}$/)
  assert.match(String([first.headers['set-cookie']].flat().at(-1)), /HttpOnly; SameSite=Strict; Max-Age=34560000$/)
  assert.equal(deviceIn(again), deviceIn(first))
  assert.notEqual(deviceIn(other), deviceIn(first))
  const { rows } = await sql<{ device: Buffer }>`select device from identity_session order by created_at desc limit 3`.execute(
    app.app.site.db,
  )
  assert.equal(new Set(rows.map((row) => row.device.toString('base64'))).size, 2)
  assert.ok(rows.every((row) => !row.device.toString().includes(deviceIn(first).split('=')[1]!)))
})

test('what is no device id of ours is replaced, not kept', async (t) => {
  const app = await testApp(t)
  for (const planted of ['short', 'x'.repeat(44), `${'a'.repeat(42)}%`, '']) {
    const reply = await app.anyone({ cookie: `holdfast-device=${planted}` }).post(session, { username: 'owner', password })
    assert.match(deviceIn(reply), /^holdfast-device=[\w-]{43}$/)
    assert.notEqual(deviceIn(reply), `holdfast-device=${planted}`)
  }
})
