// What must hold: how long judging everything there is takes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '#platform/config.ts'
import { createPool } from '#platform/db.ts'
import { silentLog } from '#platform/log.ts'
import { createApp } from '../src/app.ts'
import { startTestServer } from '../test/postgres.ts'
import { judging } from './judging.ts'
import { report } from './report.ts'
import { sweeping } from './sweeping.ts'

export const run = async (): Promise<void> => {
  const server = await startTestServer()
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const pool = createPool({ host: server.host, user: server.user, database: 'holdfast_template' })
  const app = await createApp({ config: parseConfig({ HOLDFAST_HOME: home }), pool, log: silentLog })
  const rows = await judging(app.site)
  await app.http.close()
  await pool.end()
  await server.stop()
  rmSync(home, { recursive: true, force: true })
  const swept = await sweeping()
  await report('compliance', {
    notes:
      'Guardrails of the library at the root; things of three kinds in 1,000 projects. Judging alone: on one core in batches. Sweep: by the site’s own loop, over rows in PostgreSQL, ' +
      'in windows of 3 s with one person reading pages over HTTP, and as long without; the seconds are those of the windows.',
    rows: [...rows, ...swept.rows],
    ratios: {
      'documents/s of CPU, judging alone': Math.round(Number(rows[0]!['documents']) / Number(rows[0]!['cpuSeconds'])),
      ...swept.ratios,
    },
    targets: {
      'seconds, first sweep': '≤ 60',
      'seconds, sweep again': '≤ 60',
      'ms, p99 of requests during sweeps − without': '≤ 20',
      'ms, longest request during sweeps − without': '≤ 20',
    },
  })
}
