import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#platform/problem.ts'
import { checkPassword, hashPassword, verifyPassword } from './passwords.ts'

const password = 'correct horse battery staple'

test('a password is kept as Argon2id with the parameters OWASP names, and a fresh salt each time', async () => {
  const [first, second] = [await hashPassword(password), await hashPassword(password)]

  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.notEqual(first, second)
  assert.deepEqual([await verifyPassword(first, password), await verifyPassword(first, `${password}!`)], [true, false])
})

test('what keyboards of different systems send for one letter is one password', async () => {
  const stored = await hashPassword('Zürich ﬁnds a way'.normalize('NFC'))

  assert.equal(await verifyPassword(stored, 'Zürich finds a way'.normalize('NFD')), true)
})

test('nobody’s password is right, at no less work than somebody’s', async () => {
  const stored = await hashPassword(password)
  await verifyPassword(undefined, password) // makes the decoy
  const cpuOf = async (work: () => Promise<unknown>) => {
    const before = process.cpuUsage()
    for (let i = 0; i < 8; i++) await work()
    const { user, system } = process.cpuUsage(before)
    return user + system
  }

  const known = await cpuOf(() => verifyPassword(stored, 'wrong'))
  const unknown = await cpuOf(() => verifyPassword(undefined, 'wrong'))

  assert.deepEqual([await verifyPassword(undefined, password), await verifyPassword(null, password)], [false, false])
  assert.ok(unknown > known / 2, `${unknown} µs against ${known} µs`)
})

test('a storm of sign-ins is served in turn up to a limit, and the rest told to come back', async () => {
  const stored = await hashPassword(password)

  const outcomes = await Promise.allSettled(Array.from({ length: 150 }, () => verifyPassword(stored, 'wrong')))

  const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason)
  assert.ok(refused.length > 0 && refused.length < 150)
  for (const reason of refused)
    assert.ok(reason instanceof Problem && reason.status === 503 && reason.headers['retry-after'] !== undefined)
  assert.equal(await verifyPassword(stored, password), true)
})

test('short, repeated and obvious passwords are refused; long ones of any kind are not', () => {
  for (const weak of ['short', 'aaaaaaaaaaaaaaaa', 'adalovelace1', 'x'.repeat(2000)])
    assert.throws(() => checkPassword(weak, ['adalovelace']), Problem, weak)
  for (const fine of [password, 'пароль из нескольких слов', '你好你好世界和平与发展共同体']) checkPassword(fine, ['adalovelace'])
})
