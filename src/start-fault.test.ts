// The process as an operator meets it: started with something wrong, it says what, and what to do, in words and not in a stack of calls.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startFault } from './start-fault.ts'
import { childEnv } from '../test/child-env.ts'

const root = join(import.meta.dirname, '..')

const folderFor = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-fault-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** From a folder that is not the project's. */
const run = (cwd: string, program: string, words: readonly string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [join(root, program), ...words], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...childEnv(), NO_COLOR: '1', ...env },
  })

const noStack = /^ +at /m

test('a fault of the settings or of the home is told in words, and nothing is started', (t) => {
  const folder = folderFor(t)
  const file = join(folder, 'a-file')
  writeFileSync(file, 'not a certificate')
  const home = join(folder, 'home')
  const nowhere = 'postgres://holdfast@127.0.0.1:1/holdfast'
  const faults: [env: Record<string, string>, words: RegExp][] = [
    [{ HOLDFAST_HOME: '' }, /HOLDFAST_HOME is empty: name a folder, or leave it out/],
    [{ HOLDFAST_SITE_NAME: ' ' }, /HOLDFAST_SITE_NAME is empty/],
    [{ HOLDFAST_HOME: file }, /a-file.* cannot be used: a (file is in its place|part of that path is a file)/],
    [{ HOLDFAST_HOME: join(file, 'below') }, /cannot be used: a part of that path is a file/],
    [{ HOLDFAST_HOME: home, DATABASE_URL: nowhere }, /No PostgreSQL answers at DATABASE_URL/],
  ]
  for (const [env, words] of faults) {
    const { status, stdout, stderr } = run(folder, 'src/main.ts', ['up'], { HOLDFAST_PORT: '0', ...env })
    assert.equal(status, 1, stderr)
    assert.match(stderr, words)
    assert.doesNotMatch(stderr, noStack)
    assert.equal(stdout, '')
  }
})

test('what nobody foresaw is told by its message; the stack of calls is for who asks for it', () => {
  const broken = new TypeError('a is not a function', { cause: new Error('deeper') })
  assert.match(startFault(broken, false), /a is not a function\nbecause: deeper\n.*defect of ours.*HOLDFAST_LOG_LEVEL=debug/)
  assert.doesNotMatch(startFault(broken, false), noStack)
  assert.match(startFault(broken, true), noStack)
})

test('a code is understood however deep it lies', () => {
  const denied = Object.assign(new Error('permission denied for schema public'), { code: '42501' })
  assert.match(startFault(new Error('Migration 0001_platform failed', { cause: denied }), false), /may not create tables/)
})

test('help is help: no word on the line of `up` or `npm start` starts a site', async (t) => {
  const folder = folderFor(t)
  // Were a site to start, it would fail on this port, and say so.
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const address = taken.address()
  assert.ok(address && typeof address === 'object')
  const env = { HOLDFAST_HOME: join(folder, 'home'), HOLDFAST_PORT: String(address.port) }
  const asked: [program: string, words: string[], status: number][] = [
    ['bin/holdfast.mjs', ['up', '--help'], 0],
    ['bin/holdfast.mjs', ['up', '--unknown'], 2],
    ['bin/holdfast.mjs', ['up', 'now'], 2],
    ['bin/holdfast.mjs', ['config', 'now'], 2],
    ['bin/holdfast.mjs', ['--help'], 0],
    ['src/main.ts', ['up', '--help'], 0],
    ['src/main.ts', ['up', '--unknown'], 2],
    ['src/main.ts', ['recover'], 2],
    ['src/main.ts', ['toString'], 2],
    ['run.mjs', ['start', '--help'], 0],
    ['run.mjs', ['start', '--unknown'], 2],
  ]
  for (const [program, words, status] of asked) {
    const ran = run(folder, program, words, env)
    assert.equal(ran.status, status, `${program} ${words.join(' ')}: ${ran.stderr}`)
    assert.match(status === 0 ? ran.stdout : ran.stderr, /usage|Usage|npm start|too many arguments|unknown option/)
    assert.doesNotMatch(ran.stderr, /port is in use/)
  }
})

test('the settings and the home mean the same from any folder', (t) => {
  const folder = folderFor(t)
  const { status, stdout } = run(folder, 'bin/holdfast.mjs', ['config'])
  assert.equal(status, 0)
  assert.match(stdout, /^HOLDFAST_HOME /m)
  const { stderr } = run(folder, 'bin/holdfast.mjs', ['recover', 'ada'], { HOLDFAST_HOME: 'scratch-no-such-home' })
  assert.match(stderr, new RegExp(`no Holdfast home at ${join(root, 'scratch-no-such-home')}\\. .*HOLDFAST_HOME=`))
})

test('recovery makes no site where there is none, nor in a folder that is something else', (t) => {
  const folder = folderFor(t)
  for (const home of [join(folder, 'none'), folder]) {
    const { status, stderr } = run(folder, 'bin/holdfast.mjs', ['recover', 'ada'], { HOLDFAST_HOME: home })
    assert.equal(status, 1)
    assert.match(stderr, new RegExp(`no Holdfast home at ${home}\\.`))
    assert.doesNotMatch(stderr, /lock|defect/)
  }
  assert.deepEqual(readdirSync(folder), [])
})

test('a home where nothing can be made is told, and not tried for ever', (t) => {
  const { status, stderr } = run(folderFor(t), 'bin/holdfast.mjs', ['up'], { HOLDFAST_HOME: '/proc/holdfast' })
  assert.equal(status, 1)
  assert.match(stderr, /\/proc\/holdfast cannot be used: nothing can be made there/)
})
