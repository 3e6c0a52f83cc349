// How the site is, part by part. A check says what is wrong and what to do; it never guesses "ok".
import { statfs } from 'node:fs/promises'
import { sql } from 'kysely'
import { Type, type Static } from 'typebox'
import { storeHealth } from '#artifacts'
import { logState } from '#audit'
import type { Context } from '#platform/context.ts'
import { childrenIsolated } from '#platform/child.ts'

export const Check = Type.Object({
  name: Type.String(),
  state: Type.Union([Type.Literal('ok'), Type.Literal('warn'), Type.Literal('fail')]),
  detail: Type.String(),
})
export type Check = Static<typeof Check>

const diskWarnShare = 0.1
const diskFailBytes = 512 * 1024 ** 2
const checkpointAgeMsMax = 15_000
const gib = 1024 ** 3

export const runChecks = async (ctx: Context): Promise<Check[]> =>
  Promise.all([database(ctx), log(ctx), disk(ctx), content(ctx), clock(ctx), jobs(ctx), isolation()])

const database = async (ctx: Context): Promise<Check> => {
  const name = 'Database'
  try {
    const { rows } = await sql<{
      version: string
      checksums: string
    }>`select current_setting('server_version') as version, current_setting('data_checksums') as checksums`.execute(ctx.db)
    const row = rows[0]
    if (row?.checksums !== 'on')
      return {
        name,
        state: 'warn',
        detail: `PostgreSQL ${row?.version} runs without data checksums: silent disk faults go unseen.`,
      }
    return { name, state: 'ok', detail: `PostgreSQL ${row.version}, data checksums on` }
  } catch {
    return {
      name,
      state: 'fail',
      detail: 'The database does not answer. Nothing is served until it does; look at the disk and at the log in the home.',
    }
  }
}

/** A pending entry older than a few seconds means the sequencer stands still: acts go on, proofs wait. */
const log = async (ctx: Context): Promise<Check> => {
  const name = 'Audit log'
  const { waiting, oldestWaitingAt } = await logState(ctx)
  const ageMs = oldestWaitingAt ? ctx.now().getTime() - oldestWaitingAt.getTime() : 0
  if (ageMs > checkpointAgeMsMax)
    return {
      name,
      state: 'fail',
      detail: `${waiting} entries wait since ${Math.round(ageMs / 1000)} s for their place in the log: the sequencer stands still.`,
    }
  return {
    name,
    state: 'ok',
    detail: waiting === 0 ? 'Every entry is in the signed log' : `${waiting} entries are being sequenced`,
  }
}

export const diskOf = async (folder: string): Promise<{ freeBytes: number; totalBytes: number }> => {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

const disk = async (ctx: Context): Promise<Check> => {
  const { freeBytes, totalBytes } = await diskOf(ctx.site.config.home)
  const detail = `${(freeBytes / gib).toFixed(1)} GiB free of ${(totalBytes / gib).toFixed(1)} GiB`
  if (freeBytes < diskFailBytes)
    return {
      name: 'Disk',
      state: 'fail',
      detail: `${detail}. Free space now: without it nothing can be recorded, and what cannot be recorded does not happen.`,
    }
  return { name: 'Disk', state: freeBytes < totalBytes * diskWarnShare ? 'warn' : 'ok', detail }
}

/** What is damaged is served to nobody; what nobody reads again may be damaged and nobody knows. */
const content = async (ctx: Context): Promise<Check> => {
  const name = 'Content'
  const { damaged, blobs, late, oldestVerifiedAt } = await storeHealth(ctx)
  if (damaged > 0)
    return {
      name,
      state: 'fail',
      detail: `${damaged} of ${blobs} stored files are damaged and not served. Push them again: \`holdfast artifact storage damaged\` names them and who holds them.`,
    }
  const { percent, everyDays } = ctx.site.config.scrub
  if (percent === 0)
    return { name, state: 'warn', detail: 'Nothing that is stored is read again: HOLDFAST_SCRUB_PERCENT is 0. Rot goes unseen.' }
  if (late)
    return {
      name,
      state: 'warn',
      detail: `Something was not read again since ${oldestVerifiedAt}, and should be every ${everyDays} days: the site is off too often, or HOLDFAST_SCRUB_PERCENT is too low.`,
    }
  return { name, state: 'ok', detail: `None of ${blobs} stored files is damaged; each is read again every ${everyDays} days` }
}

const clock = async (ctx: Context): Promise<Check> => {
  const { behindFloorMs, suspicious } = ctx.site.clock.state()
  const name = 'Clock'
  if (behindFloorMs > 1_000)
    return {
      name,
      state: 'warn',
      detail: `The machine's clock is ${days(behindFloorMs)} behind the last proven time; the site uses the proven time. Set the clock.`,
    }
  if (suspicious)
    return {
      name,
      state: 'warn',
      detail: "The machine's clock is far ahead of the last proven time. Check it: expiries are judged by it.",
    }
  return { name, state: 'ok', detail: 'Not behind the last proven time' }
}

const days = (ms: number): string => (ms > 172_800_000 ? `${Math.round(ms / 86_400_000)} days` : `${Math.round(ms / 1000)} s`)

const jobs = async (ctx: Context): Promise<Check> => {
  const { rows } = await sql<{ parked: number; overdue: number }>`
    select count(*) filter (where attempts >= max_attempts)::int as parked,
           count(*) filter (where attempts < max_attempts and run_at < now() - interval '5 minutes' and locked_at is null)::int as overdue
    from graphile_worker.jobs`.execute(ctx.db)
  const { parked = 0, overdue = 0 } = rows[0] ?? {}
  if (parked > 0)
    return { name: 'Jobs', state: 'warn', detail: `${parked} gave up after their last attempt; see the log for each one's fault` }
  return {
    name: 'Jobs',
    state: overdue > 0 ? 'warn' : 'ok',
    detail: overdue > 0 ? `${overdue} are more than 5 minutes late` : 'None late, none given up',
  }
}

const isolation = async (): Promise<Check> =>
  childrenIsolated()
    ? { name: 'Isolation', state: 'ok', detail: 'Engines and file readers run in a network namespace with no network' }
    : {
        name: 'Isolation',
        state: 'warn',
        detail: 'This system permits no network namespaces; engines are held by the guard inside their process only',
      }
