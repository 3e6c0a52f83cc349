// What stands under an approval: checked as the site checks it, and as a stranger would who has the stored bytes and nothing of ours.
import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import {
  approve,
  approver,
  ask,
  changeSets,
  origin,
  putRule,
  signature,
  withPasskey,
  type Approver,
} from '../../test/approvals.ts'
import { testApp, type Caller, type Reply, type TestApp } from '../../test/app.ts'
import { holder, registered, type Holder } from '../../test/certificates.ts'

const type = ({ status, body }: Reply) => [status, body.type]
const refused = [403, '/problems/signature-refused']
const project = (name: string) => ({ operationId: 'projectApply', body: { name, spec: {} } })
const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()

const governed = async (app: TestApp, quorum = 1) => {
  const owner = await app.as('owner')
  await putRule(owner, 'projects', { actions: ['project.apply'], quorum })
  return { owner, officer: await approver(app, 'officer') }
}
const send = (by: Caller, id: string, given: object): Promise<Reply> =>
  by.post(`${changeSets}/${id}/approve`, { signature: given })
const stillOpen = async (by: Caller, id: string) => assert.equal((await by.get(`${changeSets}/${id}`)).body.state, 'open')

/** From the documented layout alone. */
const verifies = (
  document: string,
  digest: string,
  { approver: who, evidence }: { approver: string; evidence: any },
): boolean => {
  if (digest !== `sha256:${sha256(document).toString('hex')}`) return false
  const statement = `holdfast-approval-v1\n${digest}\n${who}\napprove\n`
  const key = createPublicKey({ key: Buffer.from(evidence.publicKey, 'base64'), type: 'spki', format: 'der' })
  if (evidence.method === 'certificate') {
    const certificate = new X509Certificate(Buffer.from(evidence.certificate, 'base64'))
    const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
    return (
      certificate.publicKey.equals(key) && verify(hash, Buffer.from(statement), key, Buffer.from(evidence.signature, 'base64'))
    )
  }
  const clientData = Buffer.from(evidence.clientDataJSON, 'base64url')
  const authenticatorData = Buffer.from(evidence.authenticatorData, 'base64url')
  const said = JSON.parse(clientData.toString())
  return (
    said.type === 'webauthn.get' &&
    said.origin === origin &&
    said.challenge === sha256(statement).toString('base64url') &&
    authenticatorData.subarray(0, 32).equals(sha256('localhost')) &&
    (authenticatorData[32]! & 0x05) === 0x05 && // the person was there, and it was they
    verify('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), key, Buffer.from(evidence.signature, 'base64url'))
  )
}

test('a stored approval proves itself to a stranger: by passkey, and by every kind of certificate', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app, 4)
  const id = await ask(owner, project('apollo'))
  await approve(officer, id)
  for (const kind of ['P-256', 'RSA', 'Ed25519'] as const) {
    const who = await app.as('security-officer', { name: kind.toLowerCase() })
    await send(who, id, await byCertificate(who, id, await holder({ kind })))
  }

  const { body } = await owner.get(`${changeSets}/${id}`)

  assert.deepEqual([body.state, body.approvals.length], ['done', 4])
  for (const approval of body.approvals) {
    assert.ok(verifies(body.document, body.digest, approval), approval.evidence.method)
    assert.ok(!verifies(`${body.document} `, body.digest, approval))
    assert.ok(!verifies(body.document, body.digest, { ...approval, approver: owner.userId }))
  }
  const document = JSON.parse(body.document)
  assert.deepEqual([document.id, document.requester, document.request.operationId], [id, owner.userId, 'projectApply'])
})

test('the log alone proves who approved which digest, and holds no name', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app, 2)
  const id = await ask(owner, project('apollo'))
  await approve(officer, id)
  const who = await app.as('security-officer', { name: 'carrier' })
  await send(who, id, await byCertificate(who, id, await holder()))

  const signed = (await app.audit()).filter(({ action }) => action === 'change-set.approve')

  assert.equal(signed.length, 2)
  for (const { actor, facts } of signed) {
    const statement = `holdfast-approval-v1\n${facts.digest}\n${actor}\n${facts.decision}\n`
    const { publicKey, method, signature: mark, clientDataJSON, authenticatorData } = facts.evidence
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' })
    const [text, bytes] =
      method === 'certificate'
        ? [Buffer.from(statement), Buffer.from(mark, 'base64')]
        : [
            Buffer.concat([Buffer.from(authenticatorData, 'base64url'), sha256(Buffer.from(clientDataJSON, 'base64url'))]),
            Buffer.from(mark, 'base64url'),
          ]
    assert.ok(verify('sha256', text, key, bytes), method)
  }
  assert.ok(!JSON.stringify(signed).includes('Hopper'))
})

test('a passkey’s answer for another text, another site, another person or a second time approves nothing', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app, 2)
  const stranger = await approver(app, 'stranger')
  const [id, other] = [await ask(owner, project('one')), await ask(owner, project('two'))]
  const answers = {
    'for another change': await signature(officer, other),
    'for another site': await signature(officer, id, 'https://evil.example'),
    'of another port': await signature(officer, id, 'http://localhost:1'),
    'of someone else': await signature(stranger, id),
    'to a challenge of its own': {
      passkey: officer.key.get({ challenge: Buffer.alloc(32).toString('base64url'), rpId: 'localhost' }, origin),
    },
    'to a sign-in': { passkey: officer.key.get((await app.anyone().post('/api/v1/session/passkey/options')).body, origin) },
    'for another host': {
      passkey: officer.key.get({ challenge: await challengeFor(officer, id), rpId: 'evil.example' }, origin),
    },
  }

  for (const [what, given] of Object.entries(answers)) assert.deepEqual(type(await send(officer, id, given)), refused, what)
  await stillOpen(owner, id)
  const good = await signature(officer, id)
  assert.equal((await send(officer, id, good)).status, 200)
  assert.deepEqual(type(await send(officer, id, good)), [409, '/problems/conflict'], 'once is once')
  assert.deepEqual(type(await send(officer, other, good)), refused)
  assert.deepEqual(type(await send(stranger, id, good)), refused)
  const denied = (await app.audit()).filter(({ action, outcome }) => action === 'change-set.approve' && outcome === 'denied')
  assert.equal(denied.length, Object.keys(answers).length + 2)
})

test('a passkey whose counter runs backwards may be a copy: it approves nothing', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  officer.key.counter = 10
  assert.equal((await approve(officer, await ask(owner, project('one')))).body.state, 'done')
  const id = await ask(owner, project('two'))
  officer.key.counter = 5

  const { status, body } = await approve(officer, id)

  assert.deepEqual([status, body.counterRegressed], [403, true])
  await stillOpen(owner, id)
})

test('a program approves for its owner only with their certificate, and never with the key alone or their passkey', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  const { body: made } = await officer.post('/api/v1/keys', { name: 'cli' })
  const cli = app.bearer(made.secret)
  const id = await ask(owner, project('apollo'))

  assert.deepEqual(type(await send(cli, id, await signature(officer, id))), [403, '/problems/session-needed'])
  assert.equal((await cli.post(`${changeSets}/${id}/approve`, {})).status, 400)
  const card = await holder()
  const certificate = await registered(officer, card)
  const { body } = await cli.get(`${changeSets}/${id}/statement`)
  const { body: done } = await send(cli, id, { certificate, signature: card.sign(body.statement) })

  assert.equal(done.state, 'done')
  const { body: narrow } = await officer.post('/api/v1/keys', { name: 'reader', actions: ['change-set.read'] })
  const next = await ask(owner, project('next'))
  const { body: shown } = await app.bearer(narrow.secret).get(`${changeSets}/${next}/statement`)
  const byReader = await send(app.bearer(narrow.secret), next, { certificate, signature: card.sign(shown.statement) })
  assert.deepEqual(type(byReader), [403, '/problems/forbidden'])
})

test('a certificate that ended, belongs to another, or whose key did not sign this very text approves nothing', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  const other = await approver(app, 'other')
  const [id, elsewhere] = [await ask(owner, project('one')), await ask(owner, project('two'))]
  const [card, foreign] = [await holder(), await holder()]
  const [certificate, theirs] = [await registered(officer, card), await registered(other, foreign)]
  const textOf = async (by: Caller, which: string): Promise<string> =>
    (await by.get(`${changeSets}/${which}/statement`)).body.statement
  const statement = await textOf(officer, id)
  const given = {
    'signed by another key': { certificate, signature: foreign.sign(statement) },
    'of someone else': { certificate: theirs, signature: foreign.sign(statement) },
    'over another change': { certificate, signature: card.sign(await textOf(officer, elsewhere)) },
    'over another’s statement': { certificate, signature: card.sign(await textOf(other, id)) },
    'over the other decision': { certificate, signature: card.sign(statement.replace('approve', 'refuse')) },
    'of nobody': { certificate: 'certificate_x', signature: card.sign(statement) },
    'that is no signature': { certificate, signature: 'AAAA' },
  }

  for (const [what, signed] of Object.entries(given)) assert.deepEqual(type(await send(officer, id, signed)), refused, what)
  app.clock.advance(3_601_000)
  const late = await send(officer, id, { certificate, signature: card.sign(statement) })
  assert.deepEqual([...type(late), /ended on/.test(late.body.detail)], [...refused, true])
  await stillOpen(owner, id)
})

test('an approver with no passkey, or at a bare address, is shown the text alone', async (t) => {
  const app = await testApp(t)
  const { owner, officer } = await governed(app)
  const id = await ask(owner, project('apollo'))
  const plain = await app.as('security-officer', { name: 'plain' })

  assert.deepEqual(Object.keys((await plain.get(`${changeSets}/${id}/statement`)).body), ['statement'])
  const { body } = await officer.get(`${changeSets}/${id}/statement`)
  assert.deepEqual([body.passkey.allowCredentials.length, body.passkey.userVerification], [1, 'required'])
  assert.ok((await withPasskey(plain)).key)
})

const challengeFor = async (by: Approver, id: string): Promise<string> =>
  (await by.get(`${changeSets}/${id}/statement`)).body.passkey.challenge

const byCertificate = async (by: Caller, id: string, card: Holder) => {
  const certificate = await registered(by, card)
  const { body } = await by.get(`${changeSets}/${id}/statement`)
  return { certificate, signature: card.sign(body.statement) }
}
