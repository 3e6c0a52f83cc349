// `npm test`: everything, in a network of its own where what tries to leave is caught (trap.ts), against one throwaway PostgreSQL.
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { startTestServer } from '../test/postgres.ts'
import { keepTimes, longestFirst, testFiles, type Times } from './test-files.ts'
import { runInside, watchTrap, type Trap } from './trap.ts'

const concurrency = 2
const timeoutMs = 600_000
const insideFlag = '--inside'
const slowestShown = 5
const stderrCharsMax = 4_000

type Tally = {
  passed: number
  failed: number
  skipped: string[]
  failures: string[]
  tests: { name: string; ms: number }[]
  times: Times
}

const runFiles = async (files: string[]): Promise<Tally> => {
  const tally: Tally = { passed: 0, failed: 0, skipped: [], failures: [], tests: [], times: {} }
  const said = new Map<string, string>()
  for await (const event of run({ files, concurrency, timeout: timeoutMs, execArgv: [] })) {
    if (event.type === 'test:stderr')
      said.set(event.data.file, `${said.get(event.data.file) ?? ''}${event.data.message}`.slice(-stderrCharsMax))
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { data } = event
    // A file is told as a test of its own; what is counted are the tests inside, and a file that failed by itself.
    const isFile = data.nesting === 0 && files.some((file) => data.name === file || data.name.endsWith(`/${file}`))
    if (!isFile && data.nesting === 0) {
      const { duration_ms: ms } = data.details
      tally.tests.push({ name: data.name, ms })
      if (data.file) tally.times[relative('.', data.file)] = Math.round((tally.times[relative('.', data.file)] ?? 0) + ms)
    }
    if (event.type === 'test:fail') {
      if (isFile && data.details.error?.message?.includes('subtest')) continue
      tally.failed++
      tally.failures.push(
        `${data.file ?? ''}: ${data.name}\n${describe(data.details.error)}${isFile ? `\n${said.get(data.file ?? '') ?? ''}` : ''}`,
      )
      process.stdout.write(`✖ ${data.name}\n`)
    } else if (!isFile) {
      const skipped = data.skip !== undefined && data.skip !== false
      if (skipped) tally.skipped.push(`${data.name}${typeof data.skip === 'string' ? `: ${data.skip}` : ''}`)
      else tally.passed++
      if (data.nesting === 0) process.stdout.write(`${skipped ? '- skipped: ' : '✔ '}${data.name}\n`)
    }
  }
  return tally
}

const describe = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

/** What tried to leave, as a line; true when nothing did. */
const tellTrap = async (trap: Trap | undefined): Promise<boolean> => {
  if (!trap) {
    process.stdout.write(
      'NOT SHOWN that nothing leaves: these tests ran in the network of this machine (HOLDFAST_TEST_ANYWAY=1).\n',
    )
    return true
  }
  const { packets, destinations } = await trap.finish()
  process.stdout.write(
    packets === 0
      ? 'Nothing tried to leave: the trap caught the packet sent on purpose, and no other.\n'
      : `✖ ${packets} packets tried to leave this machine, for ${destinations.join(', ') || 'unknown destinations'}.\n`,
  )
  return packets === 0
}

const runAll = async (asked: string[]): Promise<void> => {
  const startedMs = performance.now()
  const trap = await watchTrap()
  const server = await startTestServer()
  process.env['HOLDFAST_TEST_PG'] = server.host
  // Every file and every program it starts loads the same modules: stripped and compiled once.
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '..', '.cache', 'compiled')
  const files = longestFirst(asked.length > 0 ? asked : testFiles())
  const { passed, failed, skipped, failures, tests, times } = await runFiles(files).finally(() => server.stop())
  keepTimes(times)
  const slowest = tests.sort((a, b) => b.ms - a.ms).slice(0, slowestShown)
  process.stdout.write(`\nSlowest: ${slowest.map(({ name, ms }) => `${(ms / 1000).toFixed(1)} s ${name}`).join('; ')}\n`)
  for (const text of failures) process.stdout.write(`\n✖ ${text}\n`)
  for (const text of skipped) process.stdout.write(`NOT RUN: ${text}\n`)
  const stayed = await tellTrap(trap)
  process.stdout.write(`${files.length} files, ${((performance.now() - startedMs) / 1000).toFixed(0)} s\n`)
  const failedInAll = failed + (stayed ? 0 : 1)
  process.stdout.write(`${passed} passed, ${failedInAll} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`)
  process.exit(failedInAll === 0 && passed > 0 ? 0 : 1)
}

const main = async (args: string[]): Promise<void> => {
  if (args[0] === insideFlag) return runAll(args.slice(1))
  if (runInside([import.meta.filename, insideFlag, ...args])) return
  process.stderr.write(
    'This system permits no network namespace, so it cannot be shown that nothing leaves. Set HOLDFAST_TEST_ANYWAY=1 to run without that proof.\n',
  )
  if (process.env['HOLDFAST_TEST_ANYWAY'] !== '1') process.exit(1)
  return runAll(args)
}

await main(process.argv.slice(2))
