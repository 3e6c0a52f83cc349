// The log, checked by everyone but itself: our stand-alone program, the portal's code, and Go's implementation.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { eraseSubject, record } from '#audit'
import { atomically, systemContext } from '#platform/context.ts'
import { verifyReceipt, type Receipt } from '../portal/verify/receipt.ts'
import { testApp, type TestApp } from './app.ts'

const verifier = join(import.meta.dirname, '../verifier/holdfast-verify.mjs')
const folder = (t: TestContext) => {
  const path = mkdtempSync(join(tmpdir(), 'audit-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}
const standAlone = (path: string, ...args: string[]) =>
  spawnSync(process.execPath, [verifier, path, ...args], { encoding: 'utf8' })
const fill = (app: TestApp, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      atomically(systemContext(app.app.site, 'test'), (tx) => record(tx, 'test.act', { kind: 'test', id: `thing_${i}` }, { i })),
    ),
  )

test('what was done is in the log with who did it, and verifies as a whole', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  assert.equal((await owner.put('/api/v1/projects', { name: 'alpha', spec: {} })).status, 201)
  const entries = await app.audit()
  assert.deepEqual(
    entries.map(({ action, outcome, actor }) => ({ action, outcome, actor })),
    [{ action: 'project.apply', outcome: 'done', actor: owner.userId }],
  )
  assert.deepEqual((await owner.get('/api/v1/audit/verify')).body, {
    ok: true,
    size: (await owner.get('/api/v1/audit/checkpoint')).body.size,
    faults: [],
  })
})

test('a receipt verifies in the stand-alone program and in the browser’s code, and with any bit flipped in neither', async (t) => {
  const app = await testApp(t)
  const ids = await fill(app, 70)
  const owner = await app.as('owner')
  const receipt: Receipt = (await owner.get(`/api/v1/audit/entries/${ids[33]}/proof`)).body
  const path = join(folder(t), 'receipt.json')
  writeFileSync(path, JSON.stringify(receipt))
  const good = standAlone(path, '--key', receipt.publicKey)
  assert.equal(good.status, 0, good.stdout)
  assert.deepEqual(
    (await verifyReceipt(receipt)).steps.map(({ ok }) => ok),
    [true, true, true, true],
  )

  const flipped = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
  const wrong: Receipt[] = [
    { ...receipt, leaf: flipped(receipt.leaf, 40) },
    { ...receipt, index: receipt.index + 1 },
    { ...receipt, entryId: ids[34]! },
    { ...receipt, proof: receipt.proof.slice(1) },
    { ...receipt, proof: [...receipt.proof, receipt.proof[0]!] },
    ...receipt.proof.map((hash, i) => ({ ...receipt, proof: receipt.proof.with(i, flipped(hash, 3)) })),
    ...[0, 70, 90, 130, 170, 200]
      .filter((at) => at < receipt.checkpoint.length - 2)
      .map((at) => ({ ...receipt, checkpoint: flipped(receipt.checkpoint, at) })),
    { ...receipt, publicKey: flipped(receipt.publicKey, receipt.publicKey.length - 8) },
  ]
  for (const [i, candidate] of wrong.entries()) assert.equal((await verifyReceipt(candidate)).ok, false, `variant ${i}`)
  for (const candidate of wrong.slice(0, 6)) {
    writeFileSync(path, JSON.stringify(candidate))
    assert.equal(standAlone(path).status, 1)
  }
})

test('an exported log verifies offline; one entry changed, dropped or added, and it does not', async (t) => {
  const app = await testApp(t)
  await fill(app, 300)
  const auditor = await app.as('auditor')
  const { text } = await auditor.get('/api/v1/audit/export')
  const path = join(folder(t), 'log.ndjson')
  const check = (lines: string[]) => {
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
    return standAlone(path)
  }
  const lines = text.trimEnd().split('\n')
  assert.equal(check(lines).status, 0)
  const changed = lines.with(
    100,
    JSON.stringify({
      i: 99,
      leaf: Buffer.from(Buffer.from(JSON.parse(lines[100]!).leaf, 'base64').toString().replace('"done"', '"gone"')).toString(
        'base64',
      ),
    }),
  )
  assert.equal(check(changed).status, 1)
  assert.match(check(lines.toSpliced(50, 1)).stdout, /entry 49 is missing/)
  assert.equal(check(lines.slice(0, -1)).status, 1)
  assert.equal(check([]).status, 1)
})

test(
  "Go's implementation of transparency logs accepts every entry, and that the log only grew",
  { skip: spawnSync('go', ['version']).status === 0 ? false : 'Go is not installed' },
  async (t) => {
    const app = await testApp(t)
    const owner = await app.as('owner')
    await fill(app, 300)
    await owner.get('/api/v1/audit?limit=1')
    const old = (await owner.get('/api/v1/audit/checkpoint')).body
    await fill(app, 217)
    const { body } = await owner.post('/api/v1/keys', {
      name: 'verifier',
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    })
    await app.audit()
    const url = await app.listen()
    const program = join(folder(t), 'go-verifier')
    const built = spawnSync('go', ['build', '-o', program, '.'], {
      cwd: join(import.meta.dirname, 'go-verifier'),
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off' },
    })
    assert.equal(built.status, 0, built.stderr)
    const { stdout } = await promisify(execFile)(program, [url, old.publicKey, body.secret, String(old.size), old.rootHash])
    assert.match(stdout, /^\d{3} entries verified/)
  },
)

test('what is in the log cannot be changed through the database it lies in, and a change made around that is found', async (t) => {
  const app = await testApp(t)
  await fill(app, 20)
  const owner = await app.as('owner')
  await app.audit()
  const { db } = app.app.site
  const { sql } = await import('kysely')
  await assert.rejects(sql`update log_entry set leaf = 'x' where idx = 3`.execute(db), /append-only/)
  await assert.rejects(sql`delete from log_entry where idx = 3`.execute(db), /append-only/)
  await assert.rejects(sql`truncate log_checkpoint`.execute(db), /append-only/)
  await sql`alter table log_entry disable trigger all`.execute(db)
  await sql`update log_entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"done"', '"gone"'), 'UTF8') where idx = 10`.execute(
    db,
  )
  const { body } = await owner.get('/api/v1/audit/verify')
  assert.equal(body.ok, false)
})

test('personal content can be erased, and the log stays whole', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const ctx = systemContext(app.app.site, 'test')
  const id = await atomically(ctx, (tx) =>
    record(tx, 'test.act', { kind: 'test' }, { n: 1 }, { sealed: { subject: 'user_x', content: { name: 'Ada Lovelace' } } }),
  )
  await app.audit()
  const before = await owner.get(`/api/v1/audit/entries/${id}`)
  assert.deepEqual(before.body.sealed, { name: 'Ada Lovelace' })
  assert.ok(!Buffer.from(before.body.leaf, 'base64').includes('Ada'))
  await atomically(ctx, (tx) => eraseSubject(tx, 'user_x'))
  const after = await owner.get(`/api/v1/audit/entries/${id}`)
  assert.deepEqual([after.body.sealed, after.body.leaf], [undefined, before.body.leaf])
  for (const subject of ['user_x', 'user_never_sealed']) {
    if (subject !== 'user_x') await atomically(ctx, (tx) => eraseSubject(tx, subject))
    const late = atomically(ctx, (tx) => record(tx, 'test.act', { kind: 'test' }, {}, { sealed: { subject, content: 'late' } }))
    await assert.rejects(late, { code: 'content-erased' })
  }
  assert.equal((await owner.get('/api/v1/audit/verify')).body.ok, true)
})

test('a member sees the receipts of their own acts and no one else’s, and not the log', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')
  await member.post('/api/v1/conversations', { model: 'any' })
  const mine = (await app.audit()).find(
    ({ action, actor }) => action === 'conversation.write' && actor === member.userId,
  ) as unknown as { id: string }
  const owners = (await app.audit()).find(({ actor }) => actor !== member.userId) as unknown as { id: string }
  assert.equal((await member.get(`/api/v1/receipts/${mine.id}`)).status, 200)
  assert.equal((await member.get(`/api/v1/receipts/${owners.id}`)).status, 404)
  assert.equal((await member.get('/api/v1/audit')).status, 404)
  assert.equal((await member.get('/api/v1/audit/export')).status, 403)
  assert.equal((await app.anyone().get('/log/checkpoint')).status, 401)
})

test('a mark that cannot be written, as on a full disk, stops neither the site nor its log', async (t) => {
  const app = await testApp(t)
  const mark = join(app.home, 'log-high-water')
  rmSync(mark, { force: true })
  mkdirSync(mark)
  t.after(() => rmSync(mark, { recursive: true, force: true }))
  await fill(app, 20)
  await app.audit()
  await fill(app, 20)
  assert.equal((await app.audit()).length, 40)
})
