// The command line given what it cannot take: each is refused as what it is, in words, and by the exit that docs/cli.md promises.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parseConfig } from '#platform/config.ts'
import { serverCertificate } from '#platform/tls.ts'
import { password, testApp } from './app.ts'
import { shell } from './shell.ts'
import { newHome } from './site-process.ts'

const signedIn = async (t: TestContext) => {
  const app = await testApp(t)
  const url = await app.listen()
  const it = shell(t, url)
  const { code, err } = await it.login()
  assert.equal(code, 0, err)
  return { ...it, app, url }
}

test('a number that is none, too small or too large is refused before anything is asked', async (t) => {
  const { run } = shell(t, 'http://localhost:1')
  for (const words of [
    ['chat', '--max-tokens', 'abc', 'Hi'],
    ['chat', '--max-tokens', '0', 'Hi'],
    ['chat', '--temperature', 'hot', 'Hi'],
    ['chat', '--temperature', '3', 'Hi'],
    ['log', 'list', '-n', '1e2'],
    ['search', '-n', '-4'],
    ['key', 'create', 'k', '--days', '400'],
    ['deployment', 'create', 'd', '--model', 'm', '--parallel', '1.5'],
  ]) {
    const { code, err } = await run(words)
    assert.equal(code, 2, `${words.join(' ')}: ${err}`)
    assert.match(err, /must be a (whole )?number from/)
  }
})

/** A site of which only the door of answers is there. */
const answering = async (t: TestContext, answer: (reply: ServerResponse) => void): Promise<string> => {
  const server = createServer((_request, reply) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream', 'x-holdfast-receipt': 'entry_x' })
    answer(reply)
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  return `http://localhost:${address.port}`
}

test('an answer that ends without its mark is not taken for whole', async (t) => {
  const piece = `data: ${JSON.stringify({ choices: [{ delta: { content: 'Half' } }] })}\n\n`
  const ask = async (end: string) => {
    const url = await answering(t, (reply) => reply.end(piece + end))
    const { run, folder } = shell(t, url)
    writeFileSync(join(folder, 'key'), 'hf_any')
    return run(['chat', '-m', 'any', 'Hi'], '', { HOLDFAST_KEY_FILE: join(folder, 'key') })
  }
  const broken = await ask('')
  assert.deepEqual([broken.code, broken.out], [1, 'Half'])
  assert.match(broken.err, /broke off before its end.*entry_x/)
  assert.equal((await ask('data: [DONE]\n\n')).code, 0)
})

test('a certificate that nobody vouches for is shown, and trusted once its CA was given', async (t) => {
  const home = newHome(t)
  const made = await serverCertificate(parseConfig({ HOLDFAST_HOME: home, HOLDFAST_HOST: '0.0.0.0' }), new Date())
  assert.ok(made)
  const server = createTlsServer({ cert: made.cert, key: made.key }, (_request, reply) => {
    reply.writeHead(401, { 'content-type': 'application/problem+json' })
    reply.end(JSON.stringify({ type: '/problems/sign-in-failed', title: 'Not signed in', status: 401, detail: 'Reached.' }))
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  const url = `https://localhost:${address.port}`
  const { run, folder } = shell(t, url)
  const person = `owner\n${password}\n`

  const refused = await run(['login', url], person)
  assert.equal(refused.code, 3)
  assert.match(
    refused.err,
    /certificate for “localhost” by “holdfast site CA”, SHA-256 ([0-9A-F]{2}:){31}.*--ca ca\.pem.*NODE_EXTRA_CA_CERTS/,
  )
  assert.doesNotMatch(refused.err, /No site answers/)

  const trusted = await run(['login', '--ca', join(home, 'tls', 'ca.pem'), url], person)
  assert.match(trusted.err, /Reached\./)
  const other = await run(['login', `https://127.0.0.2:${address.port}`], person)
  assert.equal(other.code, 3)
  writeFileSync(join(folder, 'none.pem'), 'nothing')
  const none = await run(['login', '--ca', 'none.pem', url], person)
  assert.deepEqual([none.code, /holds no certificate/.test(none.err)], [2, true])
  const plain = await run(['login', await answering(t, () => {}).then((it) => it.replace('http:', 'https:'))], person)
  assert.deepEqual([plain.code, /does not speak TLS/.test(plain.err)], [3, true])
})

test('an address that is none is refused as such', async (t) => {
  const { run } = shell(t, 'http://localhost:1')
  const { code, err } = await run(['login', 'nonsense'])
  assert.deepEqual([code, /is not the address of a site/.test(err)], [2, true])
})

test('logout leaves a key that a file was named for, says so, and ends the stored login', async (t) => {
  const { run, folder, app } = await signedIn(t)
  const stored = join(folder, 'config', 'credentials.json')
  const { key } = JSON.parse(readFileSync(stored, 'utf8'))
  writeFileSync(join(folder, 'robot.key'), 'hf_robot\n')
  const env = { HOLDFAST_KEY_FILE: join(folder, 'robot.key') }
  const out = await run(['logout'], '', env)
  assert.equal(out.code, 0, out.err)
  assert.match(out.out, /its key is revoked.*\n.*robot\.key stays/)
  assert.equal(readFileSync(join(folder, 'robot.key'), 'utf8'), 'hf_robot\n')
  assert.equal(existsSync(stored), false)
  assert.equal((await app.bearer(key).get('/api/v1/overview')).status, 401)
  const gone = { HOLDFAST_KEY_FILE: join(folder, 'gone.key') }
  const again = await run(['logout', '--json'], '', gone)
  assert.equal(again.code, 0, again.err)
  assert.deepEqual(JSON.parse(again.out), { signedOut: false, revoked: false, keyFile: join(folder, 'gone.key') })
})

test('a key file that is missing, empty or something else is told, and ends with 2', async (t) => {
  const { run, folder } = shell(t, 'http://localhost:1')
  writeFileSync(join(folder, 'empty'), '')
  writeFileSync(join(folder, 'prose'), 'not a key\nat all\n')
  for (const name of ['', join(folder, 'missing'), join(folder, 'empty'), join(folder, 'prose')]) {
    const { code, err } = await run(['status'], '', { HOLDFAST_KEY_FILE: name })
    assert.deepEqual([code, /HOLDFAST_KEY_FILE names/.test(err)], [2, true], err)
  }
})

test('a login file that was damaged is told with what to do', async (t) => {
  const { run, folder } = await signedIn(t)
  writeFileSync(join(folder, 'config', 'credentials.json'), '{ torn')
  const { code, err } = await run(['status'])
  assert.deepEqual([code, /holds no login that can be read\. Delete it/.test(err)], [2, true])
})

test('an export does not write over what is there, and a folder in its place is told as such', async (t) => {
  const { run, folder } = await signedIn(t)
  writeFileSync(join(folder, 'log.ndjson'), 'evidence')
  mkdirSync(join(folder, 'dir'))
  const over = await run(['log', 'export', '-o', 'log.ndjson'])
  assert.deepEqual([over.code, /log\.ndjson exists, and is left as it is/.test(over.err)], [2, true], over.err)
  assert.equal(readFileSync(join(folder, 'log.ndjson'), 'utf8'), 'evidence')
  const into = await run(['log', 'export', '-o', 'dir'])
  assert.deepEqual([into.code, /dir is a folder/.test(into.err)], [2, true], into.err)
  const nowhere = await run(['log', 'export', '-o', 'no/where.ndjson'])
  assert.deepEqual([nowhere.code, /where\.ndjson\.part: it is not there/.test(nowhere.err)], [1, true], nowhere.err)
  assert.equal((await run(['log', 'export', '-o', 'log.ndjson', '--replace'])).code, 0)
  assert.match(readFileSync(join(folder, 'log.ndjson'), 'utf8'), /^\{"type":"holdfast-log"/)
  const model = await run(['model', 'add', 'missing.gguf'])
  assert.deepEqual([model.code, /missing\.gguf: it is not there/.test(model.err)], [1, true], model.err)
})

test('`-o json` is --json, and a name at two scopes is told apart by --scope', async (t) => {
  const { run, folder } = await signedIn(t)
  const documents = ['/a', '/b'].map((scope) => `kind: project\nscope: ${scope}\nname: same\nspec: { title: At ${scope} }\n`)
  writeFileSync(join(folder, 'two.yaml'), ['kind: folder\nname: a\n', 'kind: folder\nname: b\n', ...documents].join('---\n'))
  assert.equal((await run(['apply', '-f', 'two.yaml'])).code, 0)
  assert.ok(JSON.parse((await run(['log', 'list', '-o', 'json'])).out).items.length > 0)
  assert.equal((await run(['log', 'list', '-o', 'yaml'])).code, 2)
  assert.equal((await run(['get', 'project', '-o', 'table'])).code, 2)
  const atB = await run(['get', 'project', 'same', '--scope', '/b', '-o', 'json'])
  assert.equal(JSON.parse(atB.out).spec.title, 'At /b')
  const nowhere = await run(['get', 'project', 'same', '--scope', '/'])
  assert.deepEqual([nowhere.code, /no project same at \//.test(nowhere.err)], [1, true])
  assert.equal((await run(['delete', 'project', 'same'])).code, 1)
  assert.equal((await run(['delete', 'project', 'same', '--scope', '/a'])).code, 0)
  const left = JSON.parse((await run(['get', 'project', '-o', 'json'])).out).items
  assert.deepEqual(
    left.map(({ scope }: { scope: string }) => scope),
    ['/b'],
  )
})

test('what cannot be meant ends with 2, before a site is asked', async (t) => {
  const { run } = shell(t, 'http://localhost:1')
  for (const [words, said] of [
    [['log', 'show', 'abc'], /named by its id/],
    [['log', 'list', '--outcome', 'nope'], /Allowed choices are done, denied/],
    [['completion', 'tcsh'], /bash, zsh and fish/],
    [['what-if'], /-f PATH, or --delete ID/],
    [['login'], /No user name was given/],
  ] as const) {
    const { code, err } = await run([...words])
    assert.equal(code, 2, `${words.join(' ')}: ${err}`)
    assert.match(err, said)
  }
})
