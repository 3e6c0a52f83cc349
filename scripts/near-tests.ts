// The tests nearest to what changed: those that changed, those that import what changed, those of the same room or program.
// Nearly every test starts a whole site, so what a change could reach is everything: that is for `npm test`.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { testFiles } from './test-files.ts'

/** Always: what holds the whole together. */
const always = ['test/architecture.test.ts', 'test/openapi.test.ts', 'scripts/deps.test.ts']

/** Tests of what has none beside it. */
const elsewhere: Record<string, string> = {
  'cli/': 'test/cli*.test.ts',
  'portal/': 'test/journeys/*.test.ts',
  'migrations/': 'src/platform/migrate.test.ts',
  'verifier/': 'test/audit-log.test.ts',
}

const git = (...words: string[]): string[] | undefined => {
  const { status, stdout } = spawnSync('git', words, { encoding: 'utf8' })
  return status === 0 ? stdout.split('\n').filter((line) => line !== '') : undefined
}

/** Since main, committed or not. Undefined where there is no history to ask. */
const changedFiles = (): string[] | undefined => {
  const base = git('merge-base', 'main', 'HEAD')?.[0]
  if (base === undefined) return undefined
  return [...(git('diff', '--name-only', base) ?? []), ...(git('ls-files', '--others', '--exclude-standard') ?? [])]
}

const roomOf = (path: string): string | undefined => /^src\/[^/]+\//.exec(path)?.[0]

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, path]) => join(dirname(file), path!))

export const testsNear = (changed: readonly string[]): string[] => {
  const rooms = new Set(changed.map(roomOf))
  const changes = new Set(changed)
  const near = testFiles().filter(
    (file) =>
      changes.has(file) ||
      (roomOf(file) !== undefined && rooms.has(roomOf(file))) ||
      importsOf(file).some((path) => changes.has(path)),
  )
  const besides = Object.entries(elsewhere).flatMap(([folder, tests]) =>
    changed.some((path) => path.startsWith(folder)) ? globSync(tests) : [],
  )
  return [...new Set([...always, ...near, ...besides])].sort()
}

/** Undefined: it cannot be said what changed, so all of them. */
export const nearTests = (): string[] | undefined => {
  const changed = changedFiles()
  return changed && testsNear(changed)
}
