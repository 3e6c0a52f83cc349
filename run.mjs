// The two commands. Plain JavaScript that an old Node runs: it installs what is locked, gets what is pinned, and hands over to the Node this project brings.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectAssets, fetchAssets } from './scripts/assets.mjs'
import { collectPackages, layOutPackages, takePackages } from './scripts/packages.mjs'

const root = dirname(fileURLToPath(import.meta.url))
const oldestNode = 20
const ownNode = 26
const stampFile = join(root, 'node_modules', '.holdfast-installed')

const tell = (text) => process.stderr.write(`${text}\n`)
const fail = (text, code = 1) => {
  tell(`\n${text}`)
  process.exit(code)
}
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex')

const tickMs = process.stderr.isTTY ? 1_000 : 20_000

/** npm ends its errors with a page of usage; what went wrong stands before it. */
const essence = (said) => {
  const lines = said.trim().split('\n')
  const errors = lines.filter((line) => /^npm error ./.test(line))
  return (errors.length > 0 ? errors.slice(0, 12) : lines.slice(-12)).join('\n')
}

/** Runs a step with its output kept for the case that it fails; says what is done and how long it takes. */
const step = async (what, command, args, advice, { output = 'pipe', size, cwd = root } = {}) => {
  const startedMs = Date.now()
  const seconds = () => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`
  process.stderr.write(`  ${what} … `)
  const show = () =>
    process.stderr.write(`${process.stderr.isTTY ? '\r' : '\n'}  ${what} … ${size ? `${size()} MB, ` : ''}${seconds()} `)
  const child = spawn(command, args, { cwd, stdio: ['ignore', output, output] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-20_000)))
  const ticking = setInterval(show, tickMs)
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve((said += error.message)))
    child.once('close', (status, signal) => resolve(signal ?? status))
  })
  clearInterval(ticking)
  if (code === 0) return tell(`done in ${seconds()}`)
  tell(code === 'SIGINT' ? 'stopped' : 'failed')
  fail(
    `${essence(said)}\n\n${/ENOSPC|No space left/.test(said) ? 'The disk is full. Free some space, then run the same command again.' : advice}`,
  )
}

/** Room the packages take so far, by the free space that went: counting a hundred thousand files would cost more than it tells. */
const megabytesTaken = () => {
  const free = () => {
    const { bavail, bsize } = statfsSync(root)
    return (bavail * bsize) / 1e6
  }
  const before = free()
  return () => Math.max(0, Math.round(before - free()))
}

const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier']
const installing = 'Installing locked packages (about 780 MB)'

const packagesByNpm = () =>
  step(
    installing,
    'npm',
    install,
    'npm could not install the locked packages. Check that npm is installed and reaches its registry, then run the same command again.',
    { size: megabytesTaken() },
  )

/** With a cache of its own, so that nothing is left in the one of whoever runs it, and nothing there can stand in for a given file. */
const packagesFrom = async (given) => {
  const aside = layOutPackages(root, given, { fail })
  await step(
    `${installing} out of ${given}`,
    'npm',
    [...install, '--offline', '--cache', join(aside, 'cache')],
    `npm could not install the locked packages out of ${given}. Check that npm is installed; if a file is damaged, fill the folder again.`,
    { size: megabytesTaken(), cwd: aside },
  )
  takePackages(root, aside)
}

const packages = async () => {
  const wanted = sha256(readFileSync(join(root, 'package-lock.json')))
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  rmSync(stampFile, { force: true })
  await (process.env.HOLDFAST_ASSETS ? packagesFrom(resolve(root, process.env.HOLDFAST_ASSETS)) : packagesByNpm())
  writeFileSync(stampFile, wanted)
}

const pinnedNode = () => {
  const pinned = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= ownNode) return process.execPath
  return fail(
    `There is no pinned Node for ${process.platform}-${process.arch}. Install Node ${ownNode} or newer and run the same command with it.`,
  )
}

const filesBelow = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'dist' || entry.name === 'node_modules' ? [] : filesBelow(path)
    return [path]
  })

const portal = async (node) => {
  if (!existsSync(join(root, 'portal', 'index.html'))) return
  const sources = [
    ...filesBelow('portal'),
    ...(existsSync(join(root, 'client')) ? filesBelow('client') : []),
    'package-lock.json',
  ].sort((a, b) => (a < b ? -1 : 1))
  const wanted = sha256(...sources.flatMap((path) => [path, readFileSync(join(root, path))]))
  const stamp = join(root, 'portal', 'dist', '.built')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(stamp, { force: true })
  await step(
    'Building the portal',
    node,
    [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', 'portal', '--logLevel', 'warn'],
    'The portal could not be built; this is a defect of ours. The lines above say where.',
  )
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
}

const orphanLookMs = 500
const sameWordMs = 300

/** Hands over; signals reach the child once each, and its exit becomes ours. */
const hand = (command, args) => {
  // Killed without a word, we take the child with us: the kernel tells it (prctl PR_SET_PDEATHSIG, by util-linux's setpriv).
  const bound =
    spawnSync('setpriv', ['--pdeathsig', 'TERM', '--', 'true']).status === 0 ? ['setpriv', '--pdeathsig', 'TERM', '--'] : []
  const [file, ...rest] = [...bound, command, ...args]
  const child = spawn(file, rest, {
    cwd: root,
    // A group of its own: Ctrl-C comes to us from the terminal and again from npm, and a second one would cut the child's orderly end short.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${dirname(command)}:${process.env.PATH}` },
  })
  let passedMs = -Infinity
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (performance.now() - passedMs < sameWordMs) return
      passedMs = performance.now()
      child.kill(signal)
    })
  // npm and shells in between pass not every signal on: an orphan ends as if it had been told to.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), orphanLookMs).unref()
  child.on('error', (error) => fail(`Could not start ${command}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}

const verbs = {
  start: (node, rest) => hand(node, ['src/main.ts', 'up', ...rest]),
  test: async (node, rest) => {
    await step(
      'Setting up what tests need',
      'sh',
      ['scripts/test-tools.sh'],
      'See the lines above; the tests need these tools.',
      {
        output: 'inherit',
      },
    )
    hand(node, ['scripts/test.ts', ...rest])
  },
  conformance: async (node) => {
    await step(
      'Setting up what tests need',
      'sh',
      ['scripts/test-tools.sh'],
      'See the lines above; the tests need these tools.',
      {
        output: 'inherit',
      },
    )
    process.env.HOLDFAST_TEST_REPORT = join(root, '.cache', 'conformance')
    tell('  The report will be in .cache/conformance')
    hand(node, ['scripts/test.ts', 'test/clients/oci-conformance.test.ts'])
  },
  bench: async (node, rest) => {
    await step(
      'Setting up the peers to compare with',
      'sh',
      ['scripts/bench-tools.sh'],
      'The peers could not be installed; see the lines above.',
      { output: 'inherit' },
    )
    hand(node, ['bench/main.ts', ...rest])
  },
  check: (node, rest) => hand(node, ['scripts/check.ts', ...rest]),
  gen: (node, rest) => hand(node, ['scripts/gen.ts', ...rest]),
  dev: (node, rest) => hand(node, ['scripts/dev.ts', ...rest]),
}

const help = `npm start              sets up what is missing, then runs a site; it takes no options
npm test [FILE...]     sets up what is missing, then runs the tests with no route out
npm run assets FOLDER  fills a folder for a machine that has no network
npm run conformance    holds the registry to the OCI Distribution suite
npm run dev | check | gen | bench [NAME]

Settings of the site are environment variables: bin/holdfast.mjs config lists them, docs/install.md explains them.`

/** Before anything is fetched or started: a person who asks for help must not get a site. */
const heed = (verb, rest) => {
  if ([verb, ...rest].some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(`${help}\n`)
    process.exit(0)
  }
  if (verb === 'start' && rest.length > 0)
    fail(`npm start does not take ${rest.map((word) => JSON.stringify(word)).join(' ')}.\n\n${help}`, 2)
}

/** Needs nothing set up, and sets nothing up: it fills a folder for a machine that has no network. */
const assets = async ([folder]) => {
  if (!folder) fail('Which folder? npm run assets -- FOLDER')
  const into = resolve(folder)
  mkdirSync(into, { recursive: true })
  const wheels = await collectAssets(root, into, { tell, fail })
  const held = await collectPackages(root, into, { tell, fail })
  tell(
    `${into} holds all there is to fetch: ${held} npm packages and ${wheels} wheels, each with its pinned digest. Where there is no network: HOLDFAST_ASSETS=FOLDER npm start`,
  )
}

const main = async ([verb = '', ...rest]) => {
  heed(verb, rest)
  if (verb !== 'assets' && !(verb in verbs)) fail(`usage: node run.mjs ${Object.keys(verbs).join('|')}|assets`)
  if (Number(process.versions.node.split('.')[0]) < oldestNode)
    fail(`This is Node ${process.version}; version ${oldestNode} or newer is needed to set Holdfast up.`)
  if (process.platform !== 'linux')
    fail('Holdfast runs on Linux (x86-64 or arm64). Use a machine or a virtual machine with Debian 12 or newer.')
  statSync(join(root, 'package-lock.json'))
  if (verb === 'assets') return assets(rest)
  await packages()
  const node = pinnedNode()
  await fetchAssets(root, { tell, fail })
  await portal(node)
  await verbs[verb](node, rest)
}

main(process.argv.slice(2)).catch((error) =>
  fail(
    error.code === 'ENOSPC'
      ? 'The disk is full. Free some space, then run the same command again.'
      : String(error.stack ?? error),
  ),
)
