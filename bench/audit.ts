// Audit entries acknowledged per second: each in a transaction of its own, committed (fsync on), by concurrent writers; and until each has its signed place.
//
// Expectation: PostgreSQL alone did 13,820 one-row commits/s at 16 connections on an idle machine (measured before); an entry is such a commit from Node,
// with a canonical JSON and a second process of ours hashing and signing batches beside it on two cores: some 3,000 to 5,000.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { awaitLog, record, startSequencer } from '#audit'
import { openBlobs } from '#platform/blobs.ts'
import { createClock } from '#platform/clock.ts'
import { parseConfig } from '#platform/config.ts'
import { atomically, systemContext } from '#platform/context.ts'
import { createDb, createPool } from '#platform/db.ts'
import { createJobs } from '#platform/jobs.ts'
import { silentLog } from '#platform/log.ts'
import { migrate } from '#platform/migrate.ts'
import { startPostgres } from '#platform/postgres.ts'
import { openSecrets } from '#platform/secrets.ts'
import type { Site } from '#platform/site.ts'
import { report } from './report.ts'

const entriesPerRound = 6_000

export const run = async (): Promise<void> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const config = parseConfig({ HOLDFAST_HOME: home })
  const postgres = await startPostgres({ home, assetsDir: config.assets, log: silentLog })
  const pool = createPool(postgres.connection)
  await migrate(pool)
  const db = createDb(pool)
  const site: Site = {
    id: 'site_bench',
    version: 'bench',
    startedAt: new Date(),
    config,
    db,
    blobs: await openBlobs(join(home, 'blobs')),
    secrets: openSecrets(home),
    clock: await createClock(db, silentLog),
    jobs: createJobs(),
    log: silentLog,
    metrics: new Registry(),
    stopping: new AbortController().signal,
    wiring: { innerCalls: new Map(), operations: new Map() },
  }
  const sequencer = await startSequencer(site)
  const rows = []
  for (const writers of [1, 8, 16]) {
    const startedMs = performance.now()
    let left = entriesPerRound
    const write = async () => {
      const ctx = systemContext(site, 'bench')
      while (left-- > 0)
        await atomically(ctx, (tx) =>
          record(
            tx,
            'test.act',
            { kind: 'bench', id: `thing_${left}` },
            { n: left, promptHmac: 'a'.repeat(64), answerHmac: 'b'.repeat(64) },
          ),
        )
    }
    await Promise.all(Array.from({ length: writers }, write))
    const acknowledgedMs = performance.now() - startedMs
    await awaitLog(systemContext(site, 'bench'))
    rows.push({
      writers,
      acknowledgedPerSecond: Math.round(entriesPerRound / (acknowledgedMs / 1000)),
      sequencedPerSecond: Math.round(entriesPerRound / ((performance.now() - startedMs) / 1000)),
    })
  }
  await sequencer.stop()
  await pool.end()
  await postgres.stop()
  rmSync(home, { recursive: true, force: true })
  await report('audit', {
    notes: `fsync on; ${entriesPerRound} entries a round, each a transaction of its own; sequenced = in the Merkle tree under a signed checkpoint`,
    rows,
    ratios: {
      'acknowledged/s, 16 writers / 1 writer': +(rows[2]!.acknowledgedPerSecond / rows[0]!.acknowledgedPerSecond).toFixed(2),
    },
  })
}
