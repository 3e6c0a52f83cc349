import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createTestDatabase } from '../../test/postgres.ts'
import { createClock } from './clock.ts'
import { createDb, createPool } from './db.ts'
import { silentLog } from './log.ts'

const yearMs = 365 * 86_400_000
const true_ = Date.UTC(2026, 5, 1)
const nearly = (moment: Date, ms: number) => assert.ok(Math.abs(moment.getTime() - ms) < 60_000, moment.toISOString())

/** A site that was last up at the true time, and starts again by whatever its wall clock says. */
const startedAgain = async (t: TestContext, wall: () => number) => {
  const pool = createPool(await createTestDatabase(), 1)
  t.after(() => pool.end())
  const db = createDb(pool)
  await createClock(db, silentLog, () => true_)
  return { db, clock: await createClock(db, silentLog, wall) }
}

test('a clock a year behind does not turn time back', async (t) => {
  const { clock } = await startedAgain(t, () => true_ - yearMs)
  nearly(clock.now(), true_)
  assert.ok(clock.state().behindFloorMs > yearMs - 60_000)
})

test('a clock a year ahead is told, and once it is set right time is right too', async (t) => {
  let wall = true_ + yearMs
  const { clock, db } = await startedAgain(t, () => wall)
  assert.equal(clock.state().suspicious, true)
  await clock.persist()
  wall = true_ + 60_000
  assert.equal(clock.state().suspicious, false)
  nearly(clock.now(), wall)
  nearly((await createClock(db, silentLog, () => wall)).now(), wall)
})

test('a clock that leaps a year while the site runs is told, and leaves nothing behind', async (t) => {
  let wall = true_
  const { clock, db } = await startedAgain(t, () => wall)
  wall = true_ + yearMs
  await clock.persist()
  assert.equal(clock.state().suspicious, true)
  wall = true_
  nearly((await createClock(db, silentLog, () => wall)).now(), wall)
})

test('a site that was off for half a year goes on from the true time', async (t) => {
  const { clock } = await startedAgain(t, () => true_ + yearMs / 2)
  nearly(clock.now(), true_ + yearMs / 2)
  assert.equal(clock.state().suspicious, false)
})
