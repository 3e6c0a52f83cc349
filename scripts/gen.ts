// `npm run gen`: rewrites what is generated, each by the program that knows how. A tree that differs afterwards was stale.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

// Each `gen-*.ts` beside this file writes one thing; the order of their names is the order in which they need each other.
for (const program of [...globSync('scripts/gen-*.ts').sort(), 'scripts/deps.ts']) {
  process.stdout.write(`${program}\n`)
  const { status } = spawnSync(process.execPath, [program], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
