import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pauseMs, pauseMsMax, userFailuresFree } from './lockout.ts'
import { codeAt, matchCode, stepOf, toBase32 } from './totp.ts'

const seed = Buffer.from('12345678901234567890') // RFC 6238 appendix B, whose codes have eight digits: the last six are ours

test('codes are those of RFC 6238', () => {
  const vectors: [number, string][] = [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ]
  for (const [seconds, code] of vectors) assert.equal(codeAt(seed, stepOf(new Date(seconds * 1000))), code)
})

test('a seed is written as RFC 4648 base32', () => {
  assert.equal(toBase32(Buffer.from('foobar')), 'MZXW6YTBOI')
  assert.equal(toBase32(seed), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
})

test('a code holds one step either way, and never again once used', () => {
  const at = new Date(1_234_567_890_000)
  const step = stepOf(at)
  assert.equal(matchCode(seed, codeAt(seed, step - 1), at, null), step - 1)
  assert.equal(matchCode(seed, codeAt(seed, step + 1), at, null), step + 1)
  assert.equal(matchCode(seed, codeAt(seed, step - 2), at, null), undefined)
  assert.equal(matchCode(seed, codeAt(seed, step), at, step), undefined)
  assert.equal(matchCode(seed, codeAt(seed, step - 1), at, step), undefined)
})

test('pauses double from one second up to a quarter of an hour, and no further', () => {
  const pauses = Array.from({ length: 60 }, (_, failures) => pauseMs(failures, userFailuresFree))
  assert.deepEqual(pauses.slice(0, userFailuresFree + 3), [...Array(userFailuresFree).fill(0), 1000, 2000, 4000])
  assert.equal(Math.max(...pauses), pauseMsMax)
  assert.ok(pauses.every((pause, i) => i === 0 || pause >= pauses[i - 1]!))
})
