// The set-up that an old Node runs, on a project of its own in a temporary folder: what it does when something is missing, wrong or interrupted.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

const root = join(import.meta.dirname, '..')
const digest = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

/** A project that is set up, with a server that says what it hears. `npm` in it is a program of ours. */
const project = (t: TestContext, { npm = 'exit 0', stamp = '{}' } = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-setup-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const path of ['scripts', 'src', 'bin', `node_modules/node-linux-${process.arch}/bin`])
    mkdirSync(join(folder, path), { recursive: true })
  for (const path of ['run.mjs', 'scripts/assets.mjs', 'scripts/packages.mjs']) cpSync(join(root, path), join(folder, path))
  writeFileSync(join(folder, 'scripts', 'assets.json'), '[]')
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'package-lock.json'), '{}')
  writeFileSync(join(folder, 'node_modules', '.holdfast-installed'), digest(stamp))
  symlinkSync(process.execPath, join(folder, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node'))
  writeFileSync(
    join(folder, 'src', 'main.ts'),
    `
    let heard = 0
    process.on('SIGINT', () => { heard++; setTimeout(() => { console.log('heard', heard); process.exit(7) }, 200) })
    console.log('up', process.argv.slice(2).join(' '))
    setTimeout(() => process.exit(9), 20_000)`,
  )
  writeFileSync(join(folder, 'bin', 'npm'), `#!/bin/sh\n${npm}\n`)
  chmodSync(join(folder, 'bin', 'npm'), 0o755)
  return { folder, env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` } }
}

type Project = { folder: string; env: NodeJS.ProcessEnv }

const setUp = ({ folder, env }: Project, ...verb: string[]) =>
  spawnSync(process.execPath, [join(folder, 'run.mjs'), ...(verb.length > 0 ? verb : ['start'])], { encoding: 'utf8', env })

/** A wheel is a zip; `python3` makes it as it is told, also with paths no honest tool writes. */
const wheelIn = (folder: string, members: Record<string, string>) => {
  const file = 'thing-1.0-py3-none-any.whl'
  const made = spawnSync(
    'python3',
    [
      '-c',
      'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w")\nfor k,v in json.loads(sys.argv[2]).items(): z.writestr(k,v)\nz.close()',
      join(folder, file),
      JSON.stringify(members),
    ],
    { encoding: 'utf8' },
  )
  assert.equal(made.status, 0, made.stderr)
  return { file, sha256: digest(readFileSync(join(folder, file))) }
}

const withAsset = (t: TestContext, members: Record<string, string>, change: object = {}) => {
  const it = project(t)
  const given = join(it.folder, 'given')
  mkdirSync(given)
  const wheel = wheelIn(given, members)
  const asset = {
    what: 'the thing',
    requirement: 'thing==1.0',
    python: '3.11',
    wheels: { any: { ...wheel, platform: 'any', mb: 1 } },
    members: ['thing/'],
    strip: 'thing/',
    into: 'thing',
    executables: 'thing/bin/',
    ...change,
  }
  writeFileSync(join(it.folder, 'scripts', 'assets.json'), JSON.stringify([asset]))
  // The server would run until it is told; here only the way to it is of interest.
  writeFileSync(join(it.folder, 'src', 'main.ts'), '')
  return { ...it, env: { ...it.env, HOLDFAST_ASSETS: given }, given, wheel }
}

test('the lockfile names every package that npm will ask it for, or a clean machine could not install', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: object; optionalDependencies?: object }>
  }
  const missing = Object.entries(packages).flatMap(([from, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }).filter((name) => {
      for (let at = from; ; at = at.slice(0, at.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
        if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return false
        if (at === '') return true
      }
    }),
  )
  assert.deepEqual(missing, [])
})

test('the exit of the server is the exit of the command, and Ctrl-C told twice reaches it once', async (t) => {
  const { folder, env } = project(t)
  const child = spawn(process.execPath, [join(folder, 'run.mjs'), 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  while (!said.includes('up up')) await once(child.stdout, 'data')
  child.kill('SIGINT')
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  assert.equal(code, 7)
  assert.match(said, /heard 1/)
})

test('a set-up project fetches nothing and installs nothing', (t) => {
  const it = withAsset(t, { 'thing/a.txt': 'a' })
  assert.equal(setUp(it).status, 0)
  const placed = statSync(join(it.folder, '.cache/assets/thing/a.txt')).ino
  rmSync(it.given, { recursive: true })
  writeFileSync(join(it.folder, 'bin', 'npm'), '#!/bin/sh\nexit 1\n')
  const again = setUp(it)
  assert.equal(again.status, 0, again.stderr)
  assert.equal(statSync(join(it.folder, '.cache/assets/thing/a.txt')).ino, placed)
})

test('a changed lockfile is installed with install scripts off', (t) => {
  const it = project(t, { npm: 'echo "$@" > called; exit 0', stamp: 'of another lockfile' })
  writeFileSync(join(it.folder, 'src', 'main.ts'), '')
  assert.equal(setUp(it).status, 0)
  assert.match(readFileSync(join(it.folder, 'called'), 'utf8'), /^ci --ignore-scripts/)
})

test('a failed install says what npm found wrong, not how npm is used, and what to do', (t) => {
  const usage = Array.from({ length: 30 }, () => `npm error`).join('\n')
  const it = project(t, { npm: `cat >&2 <<'X'\nnpm error code EUSAGE\n${usage}\nX\nexit 1`, stamp: 'old' })
  const { status, stderr } = setUp(it)
  assert.equal(status, 1)
  assert.match(stderr, /EUSAGE\n\nnpm could not install the locked packages\. Check/)
})

test('a full disk during the install is told as such', (t) => {
  const { status, stderr } = setUp(
    project(t, { npm: 'echo "npm error ENOSPC: no space left on device" >&2; exit 1', stamp: 'old' }),
  )
  assert.equal(status, 1)
  assert.match(stderr, /The disk is full\. Free some space, then run the same command again\./)
})

test('an asset that is not in the given folder is named, with its digest', (t) => {
  const it = withAsset(t, { 'thing/a.txt': 'a' })
  rmSync(join(it.given, it.wheel.file))
  const { status, stderr } = setUp(it)
  assert.equal(status, 1)
  assert.ok(stderr.includes(it.wheel.file) && stderr.includes(it.wheel.sha256), stderr)
})

test('a file that is not the pinned one is refused before it is opened', (t) => {
  const it = withAsset(t, { 'thing/a.txt': 'a' })
  writeFileSync(join(it.given, it.wheel.file), 'something else')
  const { status, stderr } = setUp(it)
  assert.equal(status, 1)
  assert.match(stderr, /is not the pinned file/)
})

test('an archive that names a path outside itself is refused', (t) => {
  const it = withAsset(t, { 'thing/../../../out.txt': 'x' })
  const { status, stderr } = setUp(it)
  assert.equal(status, 1)
  assert.match(stderr, /names a path outside itself/)
})

test('files laid down one by one replace the archive when their digests are the pinned ones', (t) => {
  const it = withAsset(t, { 'thing/a.txt': 'a' }, { files: { 'a.txt': digest('a') } })
  rmSync(join(it.given, it.wheel.file))
  writeFileSync(join(it.given, 'a.txt'), 'a')
  const { status, stderr } = setUp(it)
  assert.equal(status, 0, stderr)
  assert.equal(readFileSync(join(it.folder, '.cache/assets/thing/a.txt'), 'utf8'), 'a')
})

test('without python3 the message says how to get it', (t) => {
  const it = withAsset(t, { 'thing/a.txt': 'a' })
  const { HOLDFAST_ASSETS: _, ...env } = it.env
  const { status, stderr } = setUp({ folder: it.folder, env: { ...env, PATH: join(it.folder, 'bin') } })
  assert.equal(status, 1)
  assert.match(stderr, /apt-get install python3-pip/)
})

/** A project whose lockfile names one package for us and one for another system, with an npm that finds nothing anywhere but where it is told. */
const withPackage = (t: TestContext) => {
  const it = project(t, { stamp: 'of another lockfile' })
  rmSync(join(it.folder, 'bin', 'npm'))
  writeFileSync(join(it.folder, 'src', 'main.ts'), '')
  const given = join(it.folder, 'given # here')
  const source = join(it.folder, 'thing')
  for (const path of [join(given, 'npm'), source]) mkdirSync(path, { recursive: true })
  writeFileSync(join(source, 'package.json'), '{"name":"thing","version":"1.0.0"}')
  const packed = spawnSync('npm', ['pack', '--silent', '--no-update-notifier', '--pack-destination', join(given, 'npm')], {
    cwd: source,
  })
  assert.equal(packed.status, 0)
  const file = join(given, 'npm', 'thing-1.0.0.tgz')
  const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
  const root = { name: 'x', version: '1.0.0', dependencies: { thing: '1.0.0' }, optionalDependencies: { other: '1.0.0' } }
  const packages = {
    '': root,
    'node_modules/thing': { version: '1.0.0', integrity },
    'node_modules/other': { version: '1.0.0', integrity: 'sha512-AA==', optional: true, os: ['darwin'] },
  }
  writeFileSync(join(it.folder, 'package.json'), JSON.stringify({ ...root, type: 'module' }))
  writeFileSync(join(it.folder, 'package-lock.json'), JSON.stringify({ ...root, lockfileVersion: 3, packages }))
  const nothing = join(it.folder, 'nothing')
  const env = { ...it.env, HOLDFAST_ASSETS: given, HOME: nothing, npm_config_cache: nothing }
  return { folder: it.folder, env, given, file }
}

test('a given folder is all that packages come from: no registry is asked and no cache is read or filled', (t) => {
  const it = withPackage(t)
  // The set-up goes on with the Node that came with the packages, which this lockfile has none of.
  const { stderr } = setUp(it)
  assert.match(stderr, /out of .* done in/)
  assert.ok(existsSync(join(it.folder, 'node_modules/thing/package.json')))
  assert.ok(!existsSync(join(it.folder, 'node_modules/other')))
  assert.ok(!existsSync(join(it.folder, '.cache/packages')))
  assert.ok(!existsSync(join(it.folder, 'nothing/_cacache')))
})

test('a given folder without a package, or with another file in its place, is refused by the name of the package', (t) => {
  const it = withPackage(t)
  writeFileSync(it.file, 'something else')
  const { status, stderr } = setUp(it)
  assert.equal(status, 1)
  assert.match(stderr, /lacks 1 of the locked npm packages.*: thing@1\.0\.0\..*npm run assets/)
  assert.ok(!existsSync(join(it.folder, 'node_modules/thing')))
})

const npmThatPacks = (it: Project, from: string) =>
  writeFileSync(
    join(it.folder, 'bin', 'npm'),
    `#!/bin/sh\necho "$@" >> ${it.folder}/asked\nwhile [ "$1" != --pack-destination ]; do shift; done\ncp ${from} "$2"\n`,
    { mode: 0o755 },
  )

test('a folder is filled with what this machine would install, what is there already is kept, and what it holds sets a project up', (t) => {
  const it = withPackage(t)
  const into = join(it.folder, 'filled')
  npmThatPacks(it, `"${it.file}"`)
  const first = setUp(it, 'assets', into)
  assert.equal(first.status, 0, first.stderr)
  assert.match(first.stderr, /holds all there is to fetch: 1 npm packages and 0 wheels/)
  assert.equal(setUp(it, 'assets', into).status, 0)
  assert.match(readFileSync(join(it.folder, 'asked'), 'utf8'), /^pack \S+ --ignore-scripts .* thing@1\.0\.0\n$/)
  rmSync(join(it.folder, 'bin', 'npm'))
  assert.match(setUp({ folder: it.folder, env: { ...it.env, HOLDFAST_ASSETS: into } }).stderr, /done in/)
})

test('a registry that gives another file than the pinned one is told, and the folder is not called full', (t) => {
  const it = withPackage(t)
  writeFileSync(join(it.folder, 'thing-1.0.0.tgz'), 'something else')
  npmThatPacks(it, join(it.folder, 'thing-1.0.0.tgz'))
  const { status, stderr } = setUp(it, 'assets', join(it.folder, 'filled'))
  assert.equal(status, 1)
  assert.match(stderr, /other files than the lockfile pins for thing@1\.0\.0/)
})
