// `npm test`: everything, in a network namespace that holds nothing but loopback and a trap that counts what tries to leave.
import { spawn, spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { run } from 'node:test'
import { startTestServer } from '../test/postgres.ts'

const concurrency = 2
const timeoutMs = 600_000
const insideFlag = '--in-namespace'

/** Loopback, and a cable that ends nowhere with the default route on it: a packet for anywhere else goes there, and its counter tells. */
const enterNamespace = [
  'ip link set lo up',
  'ip link add trap type veth peer name nowhere',
  'sysctl -qw net.ipv6.conf.trap.disable_ipv6=1 net.ipv6.conf.nowhere.disable_ipv6=1', // its own neighbour discovery would be counted
  'ip link set trap arp off up && ip link set nowhere arp off up',
  'ip addr add 192.0.2.2/24 dev trap && ip route add default via 192.0.2.1 dev trap',
].join(' && ')

const reenter = (): void => {
  const args = process.argv.slice(2)
  const ways = process.getuid?.() === 0 ? [['unshare', '-n', '--']] : [['unshare', '-Urn', '--']]
  for (const [command, ...flags] of ways as [string, ...string[]][]) {
    if (spawnSync(command, [...flags, 'sh', '-c', enterNamespace]).status !== 0) continue
    const inside = [
      ...flags,
      'sh',
      '-c',
      `${enterNamespace} && exec "$0" "$@"`,
      process.execPath,
      import.meta.filename,
      insideFlag,
      ...args,
    ]
    const child = spawn(command, inside, { stdio: 'inherit' })
    child.on('exit', (code) => process.exit(code ?? 1))
    return
  }
  process.stderr.write(
    'This system permits no network namespace, so it cannot be shown that nothing leaves. Set HOLDFAST_TEST_ANYWAY=1 to run without that proof.\n',
  )
  if (process.env['HOLDFAST_TEST_ANYWAY'] !== '1') process.exit(1)
  void runAll(args)
}

/** Packets that went into the cable. */
const trapped = (): number => {
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((text) => text.trim().startsWith('trap:'))
  return line === undefined ? 0 : Number(line.split(':')[1]!.trim().split(/\s+/)[9])
}

const testFiles = (asked: string[]): string[] =>
  asked.length > 0
    ? asked
    : globSync(['src/**/*.test.ts', 'cli/**/*.test.ts', 'client/**/*.test.ts', 'portal/**/*.test.ts', 'test/**/*.test.ts'])
        .filter((path) => !path.includes('node_modules'))
        .sort()

const runAll = async (asked: string[]): Promise<void> => {
  const settledTrap = trapped()
  const server = await startTestServer()
  process.env['HOLDFAST_TEST_PG'] = server.host
  const startedMs = performance.now()
  let passed = 0
  let failed = 0
  let skipped = 0
  const failures: string[] = []
  const files = testFiles(asked)
  for await (const event of run({ files, concurrency, timeout: timeoutMs, execArgv: [] })) {
    if (event.type === 'test:diagnostic' || event.type === 'test:stderr') continue
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { data } = event
    // A file is told as a test of its own; what is counted are the tests inside, and a file that failed by itself.
    const isFile = data.nesting === 0 && files.some((file) => data.name === file || data.name.endsWith(`/${file}`))
    if (event.type === 'test:fail') {
      if (isFile && data.details.error?.message?.includes('subtest')) continue
      failed++
      failures.push(`${data.file ?? ''}: ${data.name}\n${describe(data.details.error)}`)
      process.stdout.write(`✖ ${data.name}\n`)
    } else if (!isFile) {
      if (data.skip !== undefined && data.skip !== false) skipped++
      else passed++
      if (data.nesting === 0) process.stdout.write(`${data.skip ? '- skipped: ' : '✔ '}${data.name}\n`)
    }
  }
  await server.stop()
  const left = trapped() - settledTrap
  for (const text of failures) process.stdout.write(`\n✖ ${text}\n`)
  process.stdout.write(
    `\n${left === 0 ? 'Nothing tried to leave: 0 packets met the trap.' : `✖ ${left} packets tried to leave this machine.`}\n`,
  )
  process.stdout.write(`${files.length} files, ${((performance.now() - startedMs) / 1000).toFixed(0)} s\n`)
  if (left !== 0) failed++
  process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  process.exit(failed === 0 && passed > 0 ? 0 : 1)
}

const describe = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

const args = process.argv.slice(2)
if (args[0] === insideFlag) void runAll(args.slice(1))
else reenter()
