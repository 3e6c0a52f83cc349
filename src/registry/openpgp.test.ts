import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openPgpKey } from './openpgp.ts'

const gpgHere = ['gpg', 'gpgv'].every((program) => spawnSync(program, ['--version']).status === 0)
  ? false
  : 'gpg and gpgv are not here'
const createdAt = new Date('2020-01-01T00:00:00Z')
const at = new Date('2024-05-06T07:08:09Z')

const verifier = (t: TestContext, publicKey: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'openpgp-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'key.asc'), publicKey)
  const run = (program: string, ...args: string[]) =>
    spawnSync(program, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, GNUPGHOME: folder } })
  assert.equal(run('gpg', '--batch', '--dearmor', '-o', 'key.gpg', 'key.asc').status, 0)
  const gpgv = (...files: string[]) => run('gpgv', '--keyring', join(folder, 'key.gpg'), ...files)
  return { run, gpgv, write: (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content) }
}

test('what is signed verifies with gpgv, and what was changed does not, for many keys', { skip: gpgHere }, (t) => {
  for (let turn = 0; turn < 20; turn++) {
    const seed = turn === 0 ? Buffer.alloc(32) : randomBytes(32)
    const key = openPgpKey(seed, { userId: 'A site (indexes)', createdAt })
    const { gpgv, write } = verifier(t, key.publicKey)
    const text = `Origin: x\n- dashes\nspaces  \n\nturn ${turn}\n`
    write('clear', key.clearsigned(text, at))
    write('bytes', text)
    write('bytes.asc', key.detached(Buffer.from(text), at))
    write('other', `${text}.`)
    write('changed', key.clearsigned(text, at).replace('Origin: x', 'Origin: y'))

    for (const files of [['clear'], ['bytes.asc', 'bytes']]) {
      const { status, stderr } = gpgv(...files)
      assert.equal(status, 0, `${seed.toString('hex')} ${stderr}`)
      assert.match(stderr, /Good signature from "A site \(indexes\)"/)
    }
    for (const files of [['changed'], ['bytes.asc', 'other']]) assert.equal(gpgv(...files).status, 1, seed.toString('hex'))
  }
})

test('GnuPG reads the certificate, finds it signed by itself, and names it as we do', { skip: gpgHere }, (t) => {
  const key = openPgpKey(randomBytes(32), { userId: 'A site (indexes)', createdAt })
  const { run } = verifier(t, key.publicKey)
  const imported = run('gpg', '--batch', '--import', 'key.asc')
  const listed = run('gpg', '--batch', '--with-colons', '--check-sigs').stdout

  assert.equal(imported.status, 0, imported.stderr)
  assert.match(listed, new RegExp(`^fpr:+${key.fingerprint}:`, 'm'))
  assert.match(listed, /^sig:!:+22:/m)
})
