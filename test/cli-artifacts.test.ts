// Artifacts from the command line: pushed, looked at, pulled, copied, spoken about, discarded; and what a kill in the midst of it leaves.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request as ask } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { testApp } from './app.ts'
import { childEnv } from './child-env.ts'
import { digestOf, registryClient } from './registry.ts'
import { shell } from './shell.ts'

const large = randomBytes(16 * 1024 ** 2)

const withFolder = async (t: TestContext) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const { folder, run: inShell } = shell(t, client.url)
  writeFileSync(join(folder, 'key'), client.secret)
  const env = { HOLDFAST_KEY_FILE: join(folder, 'key') }
  const run = (args: string[], more = {}) => inShell(['artifact', ...args], '', { ...env, ...more })
  const json = async (...args: string[]) => {
    const { code, out, err } = await run([...args, '--json'])
    assert.equal(code, 0, err)
    return JSON.parse(out)
  }
  const begin = (args: string[], url: string): ChildProcess =>
    spawn(process.execPath, [join(import.meta.dirname, '../cli/main.ts'), 'artifact', ...args], {
      env: { ...childEnv(), HOLDFAST_CONFIG_DIR: join(folder, 'config'), HOLDFAST_URL: url, ...env },
      cwd: folder,
      stdio: 'ignore',
    })
  return { app, client, folder, run, json, begin }
}

/** Passes everything on to the site, and of the first large body half; then it calls, and that body stays where it is. */
const holding = async (t: TestContext, site: string, method: 'GET' | 'PUT') => {
  let half: () => void = () => {}
  const reached = new Promise<void>((resolve) => (half = resolve))
  const sent: string[] = []
  let held = false
  const server = createServer((from, to) => {
    const onward = ask(new URL(from.url!, site), { method: from.method!, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode!, answer.rawHeaders)
      const size = Number(answer.headers['content-length'] ?? 0)
      if (held || from.method !== method || method !== 'GET' || size < large.length) return void answer.pipe(to)
      held = true
      let passed = 0
      answer.on('data', (chunk: Buffer) => {
        to.write(chunk)
        if ((passed += chunk.length) < size / 2) return
        answer.pause()
        half()
      })
    })
    onward.on('error', () => to.destroy())
    to.on('close', () => onward.destroy())
    if (from.headers['content-range'] !== undefined) sent.push(from.headers['content-range'])
    if (held || from.method !== method || method !== 'PUT' || Number(from.headers['content-length'] ?? 0) < large.length)
      return void from.pipe(onward)
    held = true
    let received = 0
    from.on('data', (chunk: Buffer) => {
      onward.write(chunk)
      if ((received += chunk.length) < large.length / 2) return
      from.pause()
      half()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number } // it listens on a port
  return { url: `http://localhost:${port}`, reached, sent, close: () => server.closeAllConnections() }
}

const killed = async (child: ChildProcess): Promise<void> => {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

test('files are pushed, listed, looked at, pulled, copied, spoken about and discarded', async (t) => {
  const { run, json, folder, client } = await withFolder(t)
  mkdirSync(join(folder, 'data/deep'), { recursive: true })
  writeFileSync(join(folder, 'data/deep/readings.csv'), '1,4\n')
  writeFileSync(join(folder, 'notes.txt'), 'cold')
  const pushed = await json('push', 'data', 'notes.txt', 'probes/north:1.0')
  assert.deepEqual([pushed.files, pushed.sentBytes, pushed.skippedBytes], [2, 8, 0])
  const again = await run(['push', 'data', 'notes.txt', 'probes/north:1.0'])
  assert.match(again.out, /Pushed probes\/north:1\.0 +sha256:.*\n2 files, 8 B; 0 B sent in 0 s, 8 B was there already/)

  assert.match((await run(['repositories'])).out, /probes +oci +1 +10 B/)
  assert.match((await run(['list', 'probes'])).out, /probes\/north +oci +1\.0 +1/)
  assert.deepEqual((await json('tags', 'probes/north')).items[0].digest, pushed.digest)
  assert.match((await run(['show', 'probes/north:1.0'])).out, /deep\/readings\.csv +4 B +sha256:/)

  const pulled = await json('pull', 'probes/north:1.0', '-o', 'out')
  assert.equal(readFileSync(join(folder, 'out/deep/readings.csv'), 'utf8'), '1,4\n')
  assert.equal(pulled.keptBytes, 0)
  assert.equal((await json('pull', `probes/north@${pushed.digest}`, '-o', 'out')).keptBytes, 8)

  const attached = await json('attach', 'notes.txt', 'probes/north:1.0', '--type', 'text/x-notes')
  assert.equal(attached.subject, pushed.digest)
  assert.match((await run(['referrers', 'probes/north:1.0'])).out, /text\/x-notes/)

  const copied = await json('copy', 'probes/north:1.0', 'archive/north:old')
  assert.deepEqual([copied.digest, copied.parts], [pushed.digest, 3])
  assert.equal((await run(['discard', 'probes/north'])).code, 1)
  assert.match((await run(['discard', 'probes/north:1.0'])).out, /Discarded the tag/)
  const gone = await run(['pull', 'probes/north:1.0', '-o', 'none'])
  assert.deepEqual([gone.code, existsSync(join(folder, 'none'))], [1, false])
  assert.equal((await client.ask('GET', '/v2/archive/north/manifests/old')).status, 200)
})

test('lines for every client name this site, the repository and who one is', async (t) => {
  const { run, client, json } = await withFolder(t)
  const { host } = new URL(client.url)
  const { out } = await run(['login-lines', 'probes'])
  for (const line of [
    `docker login ${host} -u owner`,
    `HF_ENDPOINT=${client.url}/hf/probes`,
    `${client.url}/pypi/probes/simple/`,
  ])
    assert.ok(out.includes(line), line)
  await client.push('images', 'v1')
  const clients = (await json('login-lines', 'images')).items.map((it: { client: string }) => it.client)
  assert.ok(clients.includes('oras') && !clients.includes('pip'), clients.join())
})

test('a push that was killed goes on where it stopped', async (t) => {
  const { run, json, folder, begin, client } = await withFolder(t)
  writeFileSync(join(folder, 'large.bin'), large)
  const way = await holding(t, client.url, 'PUT')
  const child = begin(['push', 'large.bin', 'probes/large:1'], way.url)
  await way.reached
  await killed(child)
  way.close()
  const resumed = await run(['push', 'large.bin', 'probes/large:1', '--json'], { HOLDFAST_URL: way.url })
  assert.equal(resumed.code, 0, resumed.err)
  assert.equal(way.sent.length, 2)
  assert.match(way.sent[1]!, new RegExp(`^[1-9]\\d+-${large.length - 1}$`))
  assert.deepEqual(readdirSync(join(folder, 'config/uploads')), [])
  const { files } = await json('show', 'probes/large:1')
  assert.ok(files.some(({ digest }: { digest: string }) => digest === digestOf(large)))
})

test('a pull that was killed goes on where it stopped, and what was spoilt meanwhile is not taken for whole', async (t) => {
  const { json, run, folder, begin, client } = await withFolder(t)
  writeFileSync(join(folder, 'large.bin'), large)
  await json('push', 'large.bin', 'probes/large:1')
  const way = await holding(t, client.url, 'GET')
  const child = begin(['pull', 'probes/large:1', '-o', 'out'], way.url)
  await way.reached
  const partial = join(folder, 'out/large.bin.partial')
  while (!existsSync(partial) || statSync(partial).size === 0) await new Promise((resolve) => setImmediate(resolve))
  await killed(child)
  const had = statSync(partial).size
  assert.ok(had > 0 && had < large.length && !existsSync(join(folder, 'out/large.bin')))
  writeFileSync(partial, Buffer.alloc(had, 7))
  const spoilt = await run(['pull', 'probes/large:1', '-o', 'out'])
  assert.equal(spoilt.code, 1)
  assert.match(spoilt.err, /large\.bin arrived as sha256:\w+ in place of sha256:\w+/)
  assert.ok(!existsSync(join(folder, 'out/large.bin')) && !existsSync(partial))
  writeFileSync(partial, large.subarray(0, had))
  await json('pull', 'probes/large:1', '-o', 'out')
  assert.ok(readFileSync(join(folder, 'out/large.bin')).equals(large))
})

test('no room on the site is told in its words before anything is tagged', async (t) => {
  const { run, folder, app, client } = await withFolder(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/storage-quotas', { name: 'small', spec: { bytesMax: 1_000_000 } })
  writeFileSync(join(folder, 'large.bin'), large)
  const refused = await run(['push', 'large.bin', 'probes/large:1'])
  assert.equal(refused.code, 1)
  assert.match(refused.err, /quota small.*1000000|small.*bytes/)
  assert.equal((await client.ask('GET', '/v2/probes/large/manifests/1')).status, 404)
})

test('a site that does not answer, and a name that is none, are told as what they are', async (t) => {
  const { run, folder } = await withFolder(t)
  writeFileSync(join(folder, 'a.txt'), 'a')
  assert.equal((await run(['push', 'a.txt', 'probes/a:1'], { HOLDFAST_URL: 'http://localhost:1' })).code, 3)
  assert.equal((await run(['push', 'a.txt'])).code, 2)
  assert.match((await run(['push', 'missing.txt', 'probes/a:1'])).err, /missing\.txt: it is not there/)
})
