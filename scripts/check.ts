// `npm run check`: types, lint, format, then every test.
import { spawnSync } from 'node:child_process'

const bin = (name: string) => `node_modules/.bin/${name}`
const steps: [string, string, string[]][] = [
  ['types', bin('tsc'), ['--noEmit', '-p', '.']],
  ['types of the portal', bin('tsc'), ['--noEmit', '-p', 'portal']],
  ['lint', bin('oxlint'), ['--type-aware']],
  ['format', bin('oxfmt'), ['--check', '.']],
  ['tests', process.execPath, ['scripts/test.ts', ...process.argv.slice(2)]],
]

for (const [what, command, args] of steps) {
  const startedMs = performance.now()
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  process.stdout.write(
    `${what}: ${status === 0 ? 'good' : 'not good'}, ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`,
  )
  if (status !== 0) process.exit(status ?? 1)
}
