// The hardest end of a whole site, under load: the process and its database killed at once, and what it had promised looked for afterwards.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { leafHash, nodeHash } from '../src/audit/merkle.ts'
import { password } from './app.ts'
import { childEnv } from './child-env.ts'

const writers = 8
const acknowledgedBeforeKill = 150

/** As RFC 6962 §2.1 says it, and nothing cleverer. */
const rootOf = (hashes: Buffer[]): Buffer => {
  if (hashes.length === 1) return hashes[0]!
  const left = 2 ** Math.floor(Math.log2(hashes.length - 1))
  return nodeHash(rootOf(hashes.slice(0, left)), rootOf(hashes.slice(left)))
}

type Site = { child: ChildProcess; url: URL }

const start = async (t: TestContext, home: string): Promise<Site> => {
  const child = spawn(process.execPath, ['src/main.ts', 'up'], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...childEnv(), HOLDFAST_HOME: home, HOLDFAST_PORT: '0', HOLDFAST_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, url: new URL(/https?:\S+/.exec(line)![0]) }
}

const killAll = async ({ child }: Site, home: string): Promise<void> => {
  process.kill(Number(readFileSync(join(home, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const askAs =
  (headers: Record<string, string>) =>
  async (method: string, url: URL, path: string, body?: object): Promise<any> => {
    const reply = await fetch(new URL(path, url), {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${reply.ok ? '' : await reply.text()}`)
    return { ...((await reply.json()) as object), cookie: reply.headers.get('set-cookie')?.split(';')[0] }
  }

const ownerOf = async (url: URL) => {
  const { cookie } = await askAs({})('POST', url, '/api/v1/setup', {
    token: url.searchParams.get('token'),
    organisation: 'Test Ministry',
    username: 'owner',
    displayName: 'The Owner',
    password,
  })
  const { csrf } = await askAs({ cookie })('GET', url, '/api/v1/session')
  return { cookie, ask: askAs({ cookie, 'x-csrf-token': csrf }) }
}

/** Writes from several sides until the site is gone, and tells each name that was acknowledged. */
const load = (ask: ReturnType<typeof askAs>, url: URL, onAcknowledged: (name: string) => void) =>
  Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; ; n++) {
        const name = `p-${writer}-${n}`
        try {
          await ask('PUT', url, '/api/v1/projects', { name, spec: {} })
        } catch {
          return // refused or cut off: promised to nobody
        }
        onAcknowledged(name)
      }
    }),
  )

test('kill -9 under load: no acknowledged entry is lost, and the log that comes back goes on from the one that was signed', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-crash-'))
  t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }))
  const first = await start(t, home)
  const { ask, cookie } = await ownerOf(first.url)
  const acknowledged = new Set<string>()
  const enough = Promise.withResolvers<void>()
  const loaded = load(ask, first.url, (name) => {
    if (acknowledged.add(name).size >= acknowledgedBeforeKill) enough.resolve()
  })
  await Promise.race([enough.promise, loaded])
  assert.ok(acknowledged.size >= acknowledgedBeforeKill, 'the site refused before it was killed')
  const signed = await ask('GET', first.url, '/api/v1/audit/checkpoint')
  await killAll(first, home)
  await loaded

  const { url } = await start(t, home)
  const kept = new Set<string>()
  for (let after: string | undefined; ;) {
    const page = await ask('GET', url, `/api/v1/projects?limit=200${after ? `&after=${after}` : ''}`)
    for (const { name } of page.items) kept.add(name)
    if (!page.next) break
    after = page.next
  }
  assert.deepEqual(
    [...acknowledged].filter((name) => !kept.has(name)),
    [],
  )
  await ask('PUT', url, '/api/v1/projects', { name: 'after', spec: {} })
  let verdict = await ask('GET', url, '/api/v1/audit/verify')
  while (verdict.size < kept.size) verdict = await ask('GET', url, '/api/v1/audit/verify')
  assert.deepEqual(verdict.faults, [])
  const exported = await fetch(new URL('/api/v1/audit/export', url), { headers: { cookie } })
  const [, ...lines] = (await exported.text()).trimEnd().split('\n')
  const leaves = lines.map((line) => leafHash(Buffer.from(JSON.parse(line).leaf, 'base64')))
  assert.equal(rootOf(leaves.slice(0, signed.size)).toString('base64'), signed.rootHash)
})
