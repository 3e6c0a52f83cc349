// How far judging has come: one row, so that a crash costs no more than the slice in hand. Whoever judges holds one lock, so that two processes take turns.
import { sql } from 'kysely'
import type { ChangePoint } from '#resources'
import { atomically, type Context } from '#platform/context.ts'

const lockKey = 4_600_012

export type Progress = ChangePoint & {
  readonly askedAt: Date | null
  readonly startedAt: Date | null
  readonly version: string | null
  readonly from: string
  readonly after: string
  readonly wrapped: boolean
  readonly seen: number
  readonly sweeping: boolean
  readonly sweptAt: Date | null
  readonly sweptVersion: string | null
  readonly sweptSeen: number | null
  readonly observedAt: Date | null
}

export const readProgress = async (ctx: Pick<Context, 'db'>): Promise<Progress> => {
  const { rows } = await sql<Progress>`
    select xact::text as xact, seq::text as seq, sweep_asked_at as "askedAt", sweep_started_at as "startedAt", sweep_version as version,
      sweep_from as from, sweep_after as after, sweep_wrapped as wrapped, sweep_seen as seen, sweeping, swept_at as "sweptAt",
      swept_version as "sweptVersion", swept_seen as "sweptSeen", observed_at as "observedAt"
    from compliance_progress`.execute(ctx.db)
  if (!rows[0]) throw new Error('compliance_progress has lost its row')
  return rows[0]
}

/** Against judges, until the transaction ends: two who marked and judged the same things could wait for each other. */
export const holdJudging = async (tx: Context): Promise<void> =>
  void (await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx.db))

/**
 * One slice: a small transaction of its own. It need not be durable at once, since all of it would be judged again. It asks for some hundred rows of large
 * tables: while they grow, before their statistics are made anew, PostgreSQL would read them whole (measured: 50 s of a first sweep).
 */
export const inSlice = <T>(ctx: Context, run: (tx: Context, progress: Progress) => Promise<T>): Promise<T> =>
  atomically(ctx, async (tx) => {
    await sql`select set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true)`.execute(tx.db)
    await holdJudging(tx)
    return run(tx, await readProgress(tx))
  })

/** What looks at everything there is does well to read tables from end to end. */
export const readWhole = async (tx: Context): Promise<void> => void (await sql`set local enable_seqscan = on`.execute(tx.db))

export const followedTo = async (tx: Context, { xact, seq }: ChangePoint): Promise<void> =>
  void (await sql`update compliance_progress set xact = ${xact}::xid8, seq = ${seq}::bigint`.execute(tx.db))

/** A database that was restored from a dump counts its transactions anew: a point ahead of them would hide every change. */
export const mendPoint = async (tx: Context): Promise<void> =>
  void (await sql`update compliance_progress set xact = pg_snapshot_xmin(pg_current_snapshot()), seq = 0, sweep_asked_at = ${tx.now()}
    where xact > pg_snapshot_xmax(pg_current_snapshot())`.execute(tx.db))

export const askedForSweep = async (tx: Context): Promise<void> =>
  void (await sql`update compliance_progress set sweep_asked_at = ${tx.now()}`.execute(tx.db))

export const observedNow = async (tx: Context): Promise<void> =>
  void (await sql`update compliance_progress set observed_at = ${tx.now()}`.execute(tx.db))

export const begunSweep = async (tx: Context, version: string): Promise<void> =>
  void (await sql`update compliance_progress set sweeping = true, sweep_started_at = ${tx.now()}, sweep_version = ${version}, sweep_from = '',
    sweep_after = '', sweep_wrapped = false, sweep_seen = 0, observed_at = null`.execute(tx.db))

/** The round is made from here anew, so that what was judged under the former version is judged again and nothing waits for ever. */
export const turnedSweep = async (tx: Context, version: string): Promise<void> =>
  void (await sql`update compliance_progress set sweep_version = ${version}, sweep_from = sweep_after, sweep_wrapped = false,
    observed_at = null`.execute(tx.db))

export const advancedSweep = async (tx: Context, to: { after: string; wrapped: boolean; seen: number }): Promise<void> =>
  void (await sql`update compliance_progress set sweep_after = ${to.after}, sweep_wrapped = ${to.wrapped},
    sweep_seen = sweep_seen + ${to.seen}`.execute(tx.db))

export const endedSweep = async (tx: Context): Promise<void> =>
  void (await sql`update compliance_progress set sweeping = false, swept_at = ${tx.now()}, swept_version = sweep_version,
    swept_seen = sweep_seen`.execute(tx.db))
