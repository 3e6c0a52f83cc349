// Which test files there are, and in what order they are best run.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const folders = ['src', 'cli', 'client', 'portal', 'test', 'verifier', 'bench', 'scripts']
const timesFile = join(import.meta.dirname, '..', '.cache', 'test-times.json')

export const testFiles = (): string[] =>
  globSync(folders.map((folder) => `${folder}/**/*.test.ts`))
    .filter((path) => !path.includes('node_modules'))
    .sort()

export type Times = Record<string, number>

const timesBefore = (): Times => {
  try {
    return JSON.parse(readFileSync(timesFile, 'utf8')) as Times // written by us, and only ever compared
  } catch {
    return {} // the first run, or a file cut short: any order will do
  }
}

/** As they took last time, unknown ones in front: a long one begun last would leave the other cores idle. */
export const longestFirst = (files: readonly string[]): string[] => {
  const times = timesBefore()
  return files.toSorted((a, b) => (times[b] ?? Infinity) - (times[a] ?? Infinity) || 0)
}

export const keepTimes = (times: Times): void => {
  mkdirSync(dirname(timesFile), { recursive: true })
  writeFileSync(timesFile, JSON.stringify({ ...timesBefore(), ...times }, undefined, 1))
}
