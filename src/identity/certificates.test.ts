import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp, type Reply } from '../../test/app.ts'
import { certificates, holder, keyEncipherment, register, registered } from '../../test/certificates.ts'
import { freshMsMax } from './acting.ts'
import { challengeAgeMs } from './challenges.ts'

const type = ({ status, body }: Reply) => [status, body.type]
const refused = [400, '/problems/certificate-refused']

test('a certificate is registered by whoever shows that they hold its key, with any key that openssl makes, and removed again', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')

  for (const kind of ['P-256', 'RSA', 'Ed25519'] as const) await registered(member, await holder({ kind }))

  const { body } = await member.get(certificates)
  assert.deepEqual(
    body.items.map((item: { subject: string }) => item.subject),
    Array(3).fill('CN=Grace Hopper'),
  )
  assert.deepEqual((await (await app.as('owner')).get(certificates)).body.items, [], 'each sees their own')
  assert.equal((await (await app.as('owner')).delete(`${certificates}/${body.items[0].id}`)).status, 404)
  assert.equal((await member.delete(`${certificates}/${body.items[0].id}`)).status, 204)
  const acts = (await app.audit()).slice(-4).map(({ action }) => action)
  assert.deepEqual(acts, [...Array<string>(3).fill('certificate.create'), 'certificate.delete'])
  assert.ok(!JSON.stringify((await app.audit()).map(({ facts }) => facts)).includes('Hopper'), 'no name goes into a leaf')
})

test('a signature by another key, over another challenge, over another’s or twice registers nothing', async (t) => {
  const app = await testApp(t)
  const [member, other] = [await app.as('member'), await app.as('member', { name: 'other' })]
  const [card, wrong] = [await holder(), await holder()]
  const { body } = await member.post(`${certificates}/challenge`)
  const { body: theirs } = await other.post(`${certificates}/challenge`)
  const send = (challenge: string, signature: string) =>
    member.post(certificates, { name: 'x', certificate: card.pem, challenge, signature })

  assert.deepEqual(type(await send(theirs.challenge, card.sign(theirs.statement))), refused)
  assert.deepEqual(type(await register(member, { ...card, sign: wrong.sign })), refused)
  assert.deepEqual(type(await register(member, { ...card, sign: () => 'AAAA' })), refused)
  assert.deepEqual(type(await send(body.challenge, card.sign(`${body.statement} `))), refused)
  assert.deepEqual(
    type(await send(body.challenge, card.sign(body.statement))),
    refused,
    'a challenge is answered once, rightly or wrongly',
  )
  await registered(member, card)
  assert.equal((await register(other, card)).status, 409, 'one key is one person')
})

test('a certificate that is not valid now, may not sign, is too weak or is none is refused with what is wrong', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')
  const hour = (n: number) => new Date(Date.now() + n * 3_600_000)
  const cases = [
    [await holder({ notBefore: hour(-2), notAfter: hour(-1) }), /not now/],
    [await holder({ notBefore: hour(1), notAfter: hour(2) }), /not now/],
    [await holder({ usages: keyEncipherment }), /key usage/],
    [await holder({ kind: 'RSA', bits: 1024 }), /1024 bits/],
    [{ pem: 'not a certificate', sign: () => 'AAAA' }, /PEM/],
  ] as const

  for (const [card, why] of cases) {
    const { status, body } = await register(member, card)
    assert.deepEqual([status, why.test(body.detail)], [400, true], body.detail)
  }
  assert.deepEqual((await member.get(certificates)).body.items, [])
})

test('certificates are registered in a fresh session of the person, within a quarter of an hour', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')
  const card = await holder()
  const { body: made } = await member.post('/api/v1/keys', { name: 'k' })
  assert.deepEqual(type(await app.bearer(made.secret).post(`${certificates}/challenge`)), [403, '/problems/session-needed'])
  const { body } = await member.post(`${certificates}/challenge`)
  app.clock.advance(challengeAgeMs + 1000)
  const late = { name: 'x', certificate: card.pem, challenge: body.challenge, signature: card.sign(body.statement) }
  assert.deepEqual(type(await member.post(certificates, late)), refused)
  app.clock.advance(freshMsMax)
  assert.deepEqual(type(await member.post(`${certificates}/challenge`)), [403, '/problems/sign-in-again'])
})
