// Guardrails from the command line: looked at, tried, taken from a publisher; and what is exempt.
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { setType, signSet } from '#guardrails'
import { approve, approver, ask } from './approvals.ts'
import { testApp } from './app.ts'
import { assigned, definition, putGuardrail } from './compliance.ts'
import { shell } from './shell.ts'

const started = async (t: TestContext) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { run, login, folder } = shell(t, await app.listen())
  await login()
  const done = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await run(args)
    assert.equal(code, 0, err)
    return out
  }
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  return { app, owner, run, done, write }
}

test('what can be assigned is listed and shown, of the library and made here', async (t) => {
  const { owner, run, done } = await started(t)
  const id = await putGuardrail(owner, 'purpose')

  const list = await done('guardrail', 'list')
  assert.match(list, /builtin\/engine-local +deny +deployment +No remote engine/)
  assert.match(list, /builtin\/baseline +initiative/)
  assert.match(list, new RegExp(`${id} +deny +project +A project says what it is for`))
  const { items } = JSON.parse(await done('guardrail', 'list', '--source', 'here', '--json'))
  assert.deepEqual(
    items.map(({ ref, what }: any) => [ref, what]),
    [[id, 'guardrail']],
  )
  assert.match(await done('guardrail', 'show', 'builtin/engine-local'), /require:\n[^]*equals: llama/)
  assert.match(await done('guardrail', 'show', 'purpose'), /labels\.purpose/)
  assert.equal((await run(['guardrail', 'show', 'builtin/none'])).code, 1)
})

test('a guardrail is tried by name or from a file: counts, samples and what it would lock; it ends with 1 where something does not meet it', async (t) => {
  const { owner, run, done, write } = await started(t)
  for (const name of ['p', 'q', 'r']) await owner.put('/api/v1/projects', { name, spec: {} })
  write('purpose.yaml', stringify({ kind: 'guardrail', name: 'purpose', spec: definition() }))

  const tried = await run(['guardrail', 'try', '-f', 'purpose.yaml'])
  assert.equal(tried.code, 1, tried.err)
  assert.match(tried.out, /3 looked at: 0 compliant, 3 non-compliant/)
  assert.match(tried.out, /non-compliant {2}project\/p at \/ {2}p does not say what it is for\./)
  assert.match(tried.out, /would lock everyone out.*would refuse all 3/)
  assert.match(
    await done('guardrail', 'try', 'builtin/names-match', '--parameter', 'patterns=["*"]', '--kind', 'project'),
    /3 compliant/,
  )
  assert.equal((await run(['guardrail', 'try'])).code, 1)
  assert.match((await run(['guardrail', 'try', 'builtin/names-match', '--parameter', 'odd'])).err, /NAME=VALUE/)
})

test('a set is taken from a trusted publisher, and refused when it is not theirs', async (t) => {
  const { owner, run, done, write } = await started(t)
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
  await owner.put('/api/v1/publishers', { name: 'ministry', spec: { publicKey: raw } })
  const content = { v: 1, publisher: 'ministry', version: '1.0.0', issuedAt: '2026-01-01T00:00:00Z', initiatives: {} }
  const set = signSet({ type: setType, sequence: 1, guardrails: { purpose: definition() }, ...content } as never, (bytes) =>
    sign(null, bytes, privateKey),
  )
  write('set.json', JSON.stringify(set))
  write('forged.json', JSON.stringify({ ...set, sequence: 2 }))

  assert.match(await done('guardrail', 'import', 'set.json'), /Taken: version 1\.0\.0 of ministry \(sequence 1\), 1 guardrails/)
  assert.match(await done('guardrail', 'list', '--source', 'ministry'), /ministry\/purpose/)
  const forged = await run(['guardrail', 'import', 'forged.json'])
  assert.deepEqual([forged.code, /did not sign this/.test(forged.err)], [1, true])
})

test('exemptions are listed with what they are of and when they end', async (t) => {
  const { app, owner, done } = await started(t)
  await owner.put('/api/v1/projects', { name: 'old', spec: {} })
  const assignment = await assigned(owner, 'purpose', { guardrail: await putGuardrail(owner, 'purpose'), enforced: false })
  assert.match(await done('exemption', 'list'), /No exemption/)
  const expiresAt = new Date(Date.now() + 20 * 86_400_000).toISOString()
  const spec = { assignment, resource: 'project:/old', category: 'waived', reason: 'Goes soon', expiresAt }
  await approve(await approver(app, 'officer'), await ask(owner, { operationId: 'exemptionApply', body: { name: 'old', spec } }))

  assert.match(await done('exemption', 'list'), /old +\/ +in 20 days +waived +project:\/old +assignment_\w+ +Goes soon/)
  assert.equal(JSON.parse(await done('exemption', 'list', '--json')).items[0].spec.expiresAt, expiresAt)
})
