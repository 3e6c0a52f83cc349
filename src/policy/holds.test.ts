import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessCondition, TimeWindow } from './conditions.ts'
import { holds, isWithin, type Circumstances, type Thing } from './holds.ts'

const ranks = new Map([
  ['open', 0],
  ['internal', 100],
])
const given: Circumstances = { nowMs: Date.parse('2026-03-02T09:00:00Z'), address: '10.1.2.3', factors: ['password'], ranks }
const thing: Thing = { labels: { env: 'prod' }, rank: 100 }
const truth = (condition: AccessCondition, over: Partial<Circumstances> = {}, on: Thing = thing) =>
  holds(condition, { ...given, ...over }, on)

const office: TimeWindow = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00', zone: 'Europe/Berlin' }
const night: TimeWindow = { days: ['fri'], from: '22:00', to: '06:00', zone: 'UTC' }

test('hours are those of the zone, to the minute, also when its clocks change', () => {
  const at = (window: TimeWindow, time: string) => isWithin(window, Date.parse(time))
  assert.equal(at(office, '2026-03-02T06:59:59.999Z'), false) // Monday, 07:59 in Berlin's winter
  assert.equal(at(office, '2026-03-02T07:00:00Z'), true)
  assert.equal(at(office, '2026-03-02T16:59:59.999Z'), true)
  assert.equal(at(office, '2026-03-02T17:00:00Z'), false)
  assert.equal(at(office, '2026-03-01T10:00:00Z'), false) // Sunday
  assert.equal(at(office, '2026-03-30T06:00:00Z'), true) // the Monday after summer time began: 08:00
  assert.equal(at(office, '2026-03-30T05:59:00Z'), false)
  assert.equal(at({ ...office, days: ['tue'] }, '2026-03-02T23:30:00Z'), false) // Tuesday 00:30 there, but not within the hours
})

test('a window past midnight belongs to the day it starts on', () => {
  const at = (time: string) => isWithin(night, Date.parse(time))
  assert.equal(at('2026-03-06T22:00:00Z'), true) // Friday
  assert.equal(at('2026-03-07T05:59:00Z'), true) // Saturday morning, of Friday's night
  assert.equal(at('2026-03-07T06:00:00Z'), false)
  assert.equal(at('2026-03-06T05:00:00Z'), false) // Friday morning, of Thursday's night
  assert.equal(at('2026-03-07T22:30:00Z'), false)
})

test('networks are told apart in IPv4 and IPv6, and an IPv4 address on an IPv6 socket is what it is', () => {
  const from = (address: string | undefined, ...networks: string[]) => truth({ networks }, { address })
  assert.equal(from('10.1.2.3', '10.0.0.0/8'), true)
  assert.equal(from('::ffff:10.1.2.3', '10.0.0.0/8'), true)
  assert.equal(from('11.0.0.1', '10.0.0.0/8', '192.168.0.0/16'), false)
  assert.equal(from('fd00::7', 'fd00::/8'), true)
  assert.equal(from('fd00::7%eth0', 'fd00::/8'), true)
  assert.equal(from('fe80::7', 'fd00::/8', '10.0.0.0/8'), false)
  assert.equal(from('10.1.2.3', '::/0'), false)
  assert.equal(from('10.1.2.3', '10.1.2.3/32'), true)
  assert.equal(from('10.1.2.4', '10.1.2.3/32'), false)
  assert.equal(from('2001:db8::1', '0.0.0.0/0'), false)
  assert.equal(from('nonsense', '0.0.0.0/0'), undefined)
  assert.equal(from(undefined, '0.0.0.0/0'), undefined)
})

test('what is absent does not hold, and its opposite does not hold either where it cannot be known', () => {
  const label: AccessCondition = { label: { name: 'env', in: ['prod'] } }
  assert.equal(truth(label), true)
  assert.equal(truth(label, {}, { rank: 0 }), false)
  assert.equal(truth(label, {}, { rank: 0, labels: {} }), false)
  assert.equal(truth({ label: { name: 'constructor', in: ['x'] } }, {}, { rank: 0, labels: {} }), false)
  assert.equal(truth({ not: label }, {}, { rank: 0 }), true) // a thing without labels bears none
  assert.equal(truth({ factor: 'passkey' }), false)
  assert.equal(truth({ factor: 'passkey' }, { factors: undefined }), undefined)
  assert.equal(truth({ not: { factor: 'passkey' } }, { factors: undefined }), undefined)
  assert.equal(truth({ classification: { atMost: 'internal' } }), true)
  assert.equal(truth({ classification: { atMost: 'open' } }), false)
  assert.equal(truth({ not: { classification: { atMost: 'renamed' } } }), undefined)
})

test('all, any and not are Kleene’s', () => {
  const words = { t: { factor: 'password' }, f: { factor: 'totp' }, u: { classification: { atMost: 'renamed' } } } as const
  const of = (letters: string) => letters.split('').map((letter) => words[letter as 't' | 'f' | 'u'])
  for (const [letters, all, any] of [
    ['t', true, true],
    ['f', false, false],
    ['u', undefined, undefined],
    ['tf', false, true],
    ['tu', undefined, true],
    ['fu', false, undefined],
    ['tfu', false, true],
  ] as const) {
    assert.equal(truth({ all: of(letters) }), all, `all ${letters}`)
    assert.equal(truth({ any: of(letters) }), any, `any ${letters}`)
    assert.equal(truth({ not: { not: { any: of(letters) } } }), any)
  }
})
