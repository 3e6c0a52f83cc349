// `npm run check [FILE...]`: types, lint, format, then the tests nearest to what changed since main, or those named. `npm test` runs them all.
import { spawnSync } from 'node:child_process'
import { nearTests } from './near-tests.ts'

const bin = (name: string) => `node_modules/.bin/${name}`
const named = process.argv.slice(2)
const tests = named.length > 0 ? named : (nearTests() ?? [])
const steps: [string, string, string[]][] = [
  ['types', bin('tsc'), ['--noEmit', '-p', '.']],
  ['types of the portal', bin('tsc'), ['--noEmit', '-p', 'portal']],
  ['lint', bin('oxlint'), ['--type-aware']],
  ['format', bin('oxfmt'), ['--check', '.']],
  ['tests', process.execPath, ['scripts/test.ts', ...tests]],
]

for (const [what, command, args] of steps) {
  const startedMs = performance.now()
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  process.stdout.write(
    `${what}: ${status === 0 ? 'good' : 'not good'}, ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`,
  )
  if (status !== 0) process.exit(status ?? 1)
}
