// Prints a bench's rows and ratios, and keeps them with the commit and the machine they were measured on.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'

export type Result = {
  notes: string
  rows: Record<string, unknown>[]
  ratios: Record<string, number | string>
  /** What the issue asks for, beside what was seen. */
  targets?: Record<string, string>
}

const folder = join(import.meta.dirname, 'results')

export const report = async (name: string, result: Result): Promise<void> => {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    loadAverage: +loadavg()[0]!.toFixed(1),
    node: process.version,
  }
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  process.stdout.write(`\n${name}\n`)
  console.table(result.rows)
  for (const [what, value] of Object.entries(result.ratios))
    process.stdout.write(`  ${what}: ${value}${result.targets?.[what] ? ` (target ${result.targets[what]})` : ''}\n`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, `${name}.json`),
    `${JSON.stringify({ name, at: new Date().toISOString(), commit, machine, ...result }, null, 2)}\n`,
  )
}
