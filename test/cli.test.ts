// The command line against a living site, as a person and as a script would use it.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { differences } from '#client'
import { parse } from '../cli/documents.ts'
import { bytes, duration, table } from '../cli/output.ts'
import { password, testApp } from './app.ts'
import { shell } from './shell.ts'

test('one signs in once; what lies on disk is a key of its own, for one’s own eyes, and ends with logout', async (t) => {
  const app = await testApp(t)
  const { run, login, folder } = shell(t, await app.listen())
  assert.equal((await run(['status'])).code, 2)
  const signedIn = await login()
  assert.equal(signedIn.code, 0, signedIn.err)
  const file = join(folder, 'config', 'credentials.json')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.ok(!readFileSync(file, 'utf8').includes(password))
  assert.equal((await run(['status', '--json'])).code, 0)
  const { key } = JSON.parse(readFileSync(file, 'utf8'))
  assert.equal((await run(['logout'])).code, 0)
  assert.equal((await app.bearer(key).get('/api/v1/overview')).status, 401)
})

test('a wrong password is told as what it is, and ends with 1', async (t) => {
  const app = await testApp(t)
  const url = await app.listen()
  const { run } = shell(t, url)
  const { code, err } = await run(['login', url], 'owner\nwrong password entirely\n')
  assert.equal(code, 1)
  assert.match(err, /password/i)
})

test('a folder of files is applied as a whole, the same again changes nothing, and diff tells what would', async (t) => {
  const app = await testApp(t)
  const { run, login, folder } = shell(t, await app.listen())
  await login()
  mkdirSync(join(folder, 'site'))
  const write = (title: string) =>
    writeFileSync(
      join(folder, 'site', 'a.yaml'),
      `kind: project\nscope: /research\nname: llm\nspec:\n  title: ${title}\n---\nkind: folder\nname: research\n`,
    )
  write('One')
  assert.match((await run(['apply', '-f', 'site', '--dry-run'])).out, /created {2}project\/llm at \/research/)
  assert.equal((await run(['get', 'project', 'llm'])).code, 1)
  assert.equal((await run(['apply', '-f', 'site'])).code, 0)
  assert.match((await run(['apply', '-f', 'site'])).out, /^unchanged.*\nunchanged/)
  assert.equal((await run(['diff', '-f', 'site'])).code, 0)
  write('Two')
  const diff = await run(['diff', '-f', 'site'])
  assert.deepEqual([diff.code, /spec\.title: "One" → "Two"/.test(diff.out)], [1, true])
  writeFileSync(join(folder, 'site', 'b.yaml'), 'kind: project\nname: "../evil"\n')
  const refused = await run(['apply', '-f', 'site'])
  assert.equal(refused.code, 1)
  assert.match(refused.err, /cannot be a name/)
  assert.match((await run(['get', 'project', 'llm', '-o', 'yaml'])).out, /title: One/)
  assert.equal((await run(['delete', 'folder', 'research'])).code, 1)
  assert.equal((await run(['delete', 'project', 'llm'])).code, 0)
  assert.equal((await run(['delete', 'folder', 'research'])).code, 0)
})

test('the log is exported and verified by the program that shares no code with the site', async (t) => {
  const app = await testApp(t)
  const { run, login } = shell(t, await app.listen())
  await login()
  const { code, out } = await run(['log', 'verify'])
  assert.equal(code, 0, out)
  assert.match(out, /VERIFIED/)
  const rebuilt = await run(['log', 'rebuild'])
  assert.equal(rebuilt.code, 0, rebuilt.err)
  assert.match(rebuilt.out, /^Rebuilt the search of \d+ entries\.$/m)
})

test('why is answered in words, and without a site the end is 3', async (t) => {
  const app = await testApp(t)
  const { run, login } = shell(t, await app.listen())
  await login()
  assert.match((await run(['why', '--action', 'model.apply'])).out, /^Yes: the role owner given at \/ includes model\.apply/)
  await app.app.http.close()
  assert.equal((await run(['status'])).code, 3)
})

test('a command that is none ends with 2; completion knows every command', async (t) => {
  const { run } = shell(t, 'http://localhost:1')
  assert.equal((await run(['nope'])).code, 2)
  const { out } = await run(['completion', 'bash'])
  for (const name of ['login', 'chat', 'model', 'apply', 'log', 'why', 'key']) assert.match(out, new RegExp(`\\b${name}\\b`))
})

test('what people see has units and lines up, and what others wrote does not steer the terminal', () => {
  assert.equal(bytes(98_362_432), '93.8 MiB')
  assert.equal(duration(7200), '2 h')
  assert.equal(table(['A', 'B'], [['x\u001b[2J', 'y']], '').split('\n')[1], 'x\uFFFD[2J  y')
  assert.deepEqual(differences({ a: 1, b: { c: 1 } }, { a: 1, b: { c: 2, d: 3 } }), [
    { path: 'b.c', from: '1', to: '2' },
    { path: 'b.d', to: '3' },
  ])
  assert.throws(() => parse('kind: [', 'x.yaml'), /x\.yaml, document 1/)
  assert.throws(() => parse('just text', 'x.yaml'), /at least `kind` and `name`/)
})
