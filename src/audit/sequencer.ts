// One sequencer a site gives entries their place, hashes them into the tree and signs it: leaves, hashes, search rows and checkpoint in one transaction.
import { sql } from 'kysely'
import type { Db } from '#platform/db.ts'
import type { Site } from '#platform/site.ts'
import { monotonicMs } from '#platform/clock.ts'
import { problem } from '#platform/problem.ts'
import { checkHighWater, writeHighWater } from './high-water.ts'
import { append, cover, fold, leafHash, type NodeHash } from './merkle.ts'
import { openCheckpoint, signCheckpoint } from './note.ts'
import { insertEntries, insertHashes, latestCheckpoint, nodeHashes, rows } from './store.ts'

export const logKeyForeign = problem('log-key-foreign', 500, 'The log was signed by another key')

const lockKey = 4_600_002
const batchMax = 1024
/** Entries of other processes are found by looking; our own poke. */
const pollMs = 500
const gatherMs = 40
const highWaterEveryMs = 1_000
const retryMs = 1_000

type Runner = { poke(): void; waiters: Map<string, ((index: number) => void)[]> }
const runners = new WeakMap<Site, Runner>()

export const logOrigin = (site: Site): string => `${site.id}.holdfast`

/** New entries are committed: the sequencer takes them now, not at its next look. */
export const poke = (site: Site): void => runners.get(site)?.poke()

export const startSequencer = async (site: Site): Promise<{ stop(): Promise<void> }> => {
  const start = await latestCheckpoint(site)
  if (start && !openCheckpoint(start.note, site.secrets.signing.publicKeyRaw))
    throw logKeyForeign(
      `The log of this database was signed by another key than secrets/log-signing.pem in ${site.config.home}. The site will not sign over it. Put the \`secrets\` that belong to this database back, or correct HOLDFAST_HOME or DATABASE_URL: they are not of one site.`,
    )
  await checkHighWater(site.db, site.config.home, start?.tree_size ?? 0)
  let wake: (() => void) | undefined
  let poked = false
  let stopping = false
  let markedAtMs = monotonicMs()
  let mark: Sequenced | undefined
  const runner: Runner = {
    waiters: new Map(),
    poke: () => {
      poked = true
      wake?.()
    },
  }
  runners.set(site, runner)
  const keepMark = (force: boolean) => {
    if (!mark || (!force && monotonicMs() - markedAtMs < highWaterEveryMs)) return
    markedAtMs = monotonicMs()
    try {
      writeHighWater(site.config.home, mark.size, mark.root)
      mark = undefined
    } catch (error) {
      // A full disk, say. An older mark still holds what it marks; the site must outlive this to say what is wrong.
      site.log.error(
        { err: error, module: 'audit' },
        'the last signed tree could not be marked outside the database; trying again',
      )
    }
  }
  const loop = async () => {
    while (!stopping) {
      poked = false
      const done = await sequenceBatch(site).catch((error: unknown) => {
        site.log.error({ err: error, module: 'audit' }, 'a batch of entries could not be sequenced; trying again')
        return undefined
      })
      if (done && done.entries.length > 0) {
        mark = done
        tellWaiters(runner, done)
      }
      keepMark(false)
      if (done?.entries.length === batchMax) continue
      // Under load, entries gather for a moment: a batch costs the same for one as for many.
      if (done && done.entries.length > 0 && !stopping) await new Promise((resolve) => setTimeout(resolve, gatherMs))
      if (poked) continue
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, done ? pollMs : retryMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      wake = undefined
    }
  }
  const running = loop()
  return {
    stop: async () => {
      stopping = true
      runner.poke()
      await running
      const last = await sequenceBatch(site)
      if (last.entries.length > 0) mark = last
      keepMark(true)
      runners.delete(site)
    },
  }
}

type Sequenced = { size: number; root: Buffer; entries: { id: string; idx: number }[] }

const sequenceBatch = (site: Site): Promise<Sequenced> =>
  site.db.transaction().execute(async (db: Db) => {
    // Two sequencers (a second control plane, a restart that overlaps) take turns; the lock goes with the transaction.
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(db)
    const taken = await rows({ db })
      .deleteFrom('audit_pending')
      .where('seq', 'in', (sub) => sub.selectFrom('audit_pending').select('seq').orderBy('seq').limit(batchMax))
      .returning(['seq', 'id', 'leaf'])
      .execute()
    const before = await latestCheckpoint({ db })
    const size = before?.tree_size ?? 0
    if (taken.length === 0) return { size, root: before?.root ?? Buffer.alloc(0), entries: [] }
    const entries = taken.toSorted((a, b) => a.seq - b.seq).map(({ id, leaf }, i) => ({ idx: size + i, id, leaf }))
    const nodes = cover(0, size)
    const hashes = await nodeHashes({ db }, nodes)
    const right: NodeHash[] = nodes.map((node, i) => ({ ...node, hash: hashes[i]! }))
    const grown = append(
      right,
      size,
      entries.map(({ leaf }) => leafHash(leaf)),
    )
    const checkpoint = { origin: logOrigin(site), size: size + entries.length, root: fold(grown.right.map(({ hash }) => hash)) }
    await insertEntries({ db }, entries)
    await insertHashes({ db }, grown.added)
    await rows({ db })
      .insertInto('log_checkpoint')
      .values({
        tree_size: checkpoint.size,
        root: checkpoint.root,
        note: signCheckpoint(checkpoint, site.secrets),
        created_at: site.clock.now(),
      })
      .execute()
    return { size: checkpoint.size, root: checkpoint.root, entries: entries.map(({ id, idx }) => ({ id, idx })) }
  })

const tellWaiters = (runner: Runner, { entries }: Sequenced): void => {
  for (const { id, idx } of entries) {
    const waiting = runner.waiters.get(id)
    if (!waiting) continue
    runner.waiters.delete(id)
    for (const tell of waiting) tell(idx)
  }
}

const waitPollMs = 200
const waitMsMax = 10_000

/** The place in the log of a committed entry, as soon as it has one. Undefined when it gets none in ten seconds: the entry is safe, its proof comes later. */
export const awaitSequenced = async (ctx: { db: Db; site: Site }, id: string): Promise<number | undefined> => {
  const find = async () => (await rows(ctx).selectFrom('log_entry').select('idx').where('id', '=', id).executeTakeFirst())?.idx
  const runner = runners.get(ctx.site)
  const heard = new Promise<number>((resolve) => runner?.waiters.set(id, [...(runner.waiters.get(id) ?? []), resolve]))
  const deadline = monotonicMs() + waitMsMax
  while (monotonicMs() < deadline) {
    const index =
      (await find()) ??
      (await Promise.race([heard, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), waitPollMs))]))
    if (index !== undefined) return index
  }
  runner?.waiters.delete(id)
  return undefined
}

/** Resolves when every entry committed so far has its place. */
export const awaitLog = async (ctx: { db: Db; site: Site }): Promise<void> => {
  for (;;) {
    const waiting = await rows(ctx).selectFrom('audit_pending').select('id').orderBy('seq', 'desc').limit(1).executeTakeFirst()
    if (!waiting) return
    await awaitSequenced(ctx, waiting.id)
  }
}
