// Time is not trusted. The floor is the latest moment this site has proof of; `now` never goes below it, on whatever the wall clock says.
import { sql } from 'kysely'
import type { Db } from './db.ts'
import type { Logger } from './log.ts'

export type Clock = {
  /** Wall time, lifted to the floor. For durations use `monotonicMs`. */
  readonly now: () => Date
  readonly state: () => { floor: Date; behindFloorMs: number; suspicious: boolean }
  /** Raises the floor to a moment known to have passed (a verified signature's time, say). */
  readonly witness: (moment: Date) => void
  readonly persist: () => Promise<void>
}

export const monotonicMs = (): number => performance.now()

/**
 * A jump further than this past proven time is shown as suspicious and not made the new floor: a dead battery can also wake in the future, and a floor
 * that was raised by mistake would hold the site there after the clock is set right. Less than a year, the commonest error of a hand that sets a date.
 */
export const leapDaysMax = 300
const dayMs = 86_400_000

export const createClock = async (db: Db, log: Logger, wall: () => number = Date.now): Promise<Clock> => {
  const tables = db.withTables<{ time_floor: { id: number; floor: Date } }>()
  const row = await tables.selectFrom('time_floor').select('floor').executeTakeFirst()
  const startedAtMs = monotonicMs()
  let floorMs = row?.floor.getTime() ?? wall()
  const floorAtStartMs = floorMs
  /** Where time is if only the monotonic clock is believed since the start. */
  const provenMs = () => Math.max(floorMs, floorAtStartMs + (monotonicMs() - startedAtMs))
  const suspicious = () => wall() > provenMs() + leapDaysMax * dayMs
  if (suspicious()) log.warn({ floor: row?.floor, wall: new Date(wall()) }, 'the wall clock is far ahead of the last proven time')
  if (wall() < floorMs)
    log.warn({ floor: row?.floor, wall: new Date(wall()) }, 'the wall clock is behind the last proven time; using the floor')

  // While the wall is behind, time goes on from the floor by the monotonic clock, so that expiries and back-offs still pass.
  const nowMs = () => Math.max(wall(), provenMs())
  const persist = async () => {
    floorMs = suspicious() ? provenMs() : Math.max(floorMs, nowMs())
    const floor = new Date(floorMs)
    await sql`insert into time_floor (id, floor) values (1, ${floor})
      on conflict (id) do update set floor = greatest(time_floor.floor, excluded.floor)`.execute(db)
  }
  await persist()
  return {
    now: () => new Date(nowMs()),
    state: () => ({
      floor: new Date(floorMs),
      behindFloorMs: Math.max(0, Math.round(floorMs - wall())),
      suspicious: suspicious(),
    }),
    witness: (moment) => void (floorMs = Math.max(floorMs, moment.getTime())),
    persist,
  }
}
