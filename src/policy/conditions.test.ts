import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemContext } from '#platform/context.ts'
import { parseJson } from '#platform/json.ts'
import { Problem } from '#platform/problem.ts'
import { testApp } from '../../test/app.ts'
import { checkCondition } from './conditions.ts'

const faultOf = (error: unknown): string => {
  if (!(error instanceof Problem)) throw error
  return (error.facts['faults'] as { at: string }[])[0]!.at // written by checkCondition
}

test('a condition has the form it must have, and what is wrong is told where it is', async (t) => {
  const { app } = await testApp(t)
  const ctx = systemContext(app.site, 'test')
  const check = (given: unknown) => checkCondition(ctx, given).then(() => undefined, faultOf)

  const good: unknown[] = [
    { factor: 'passkey' },
    { label: { name: 'env', in: ['prod', 'test'] } },
    { classification: { atMost: 'internal' } },
    { time: { days: ['mon', 'sun'], from: '22:00', to: '06:00', zone: 'Europe/Berlin' } },
    { networks: ['10.0.0.0/8', '0.0.0.0/0', 'fd00::/8', '::1/128'] },
    { all: [{ any: [{ not: { factor: 'key' } }] }, { factor: 'totp' }] },
  ]
  for (const one of good) assert.equal(await check(one), undefined, JSON.stringify(one))

  const bad: [unknown, string][] = [
    [null, '/spec/condition'],
    ['always', '/spec/condition'],
    [[], '/spec/condition'],
    [{}, '/spec/condition'],
    [{ factor: 'passkey', networks: ['10.0.0.0/8'] }, '/spec/condition'],
    [{ constructor: 1 }, '/spec/condition'],
    [{ all: [] }, '/spec/condition/all'],
    [{ all: [{ factor: 'passkey' }, { factor: 'luck' }] }, '/spec/condition/all/1/factor'],
    [{ not: { label: { name: 'env', in: 'prod' } } }, '/spec/condition/not/label'],
    [{ label: { name: 'env', in: ['prod'], like: '%' } }, '/spec/condition/label'],
    [{ classification: { atMost: 'cosmic' } }, '/spec/condition/classification'],
    [{ time: { from: '24:00', to: '06:00', zone: 'UTC' } }, '/spec/condition/time'],
    [{ time: { from: '08:00', to: '08:00', zone: 'UTC' } }, '/spec/condition/time'],
    [{ time: { from: '08:00', to: '18:00', zone: 'Mars/Olympus' } }, '/spec/condition/time'],
    [{ networks: ['10.0.0.0'] }, '/spec/condition/networks'],
    [{ networks: ['10.0.0.0/33'] }, '/spec/condition/networks'],
    [{ networks: ['10.0.0.0/8/8'] }, '/spec/condition/networks'],
    [{ networks: ['fe80::1%eth0/64'] }, '/spec/condition/networks'],
    [{ networks: [10] }, '/spec/condition/networks'],
  ]
  for (const [one, at] of bad) assert.equal(await check(one), at, JSON.stringify(one))
})

test('a condition is bounded: five deep, fifty parts', async (t) => {
  const { app } = await testApp(t)
  const ctx = systemContext(app.site, 'test')
  const nest = (depth: number): unknown => (depth === 1 ? { factor: 'passkey' } : { not: nest(depth - 1) })
  const many = (parts: number) => ({ any: Array.from({ length: parts - 1 }, () => ({ factor: 'passkey' })) })

  await checkCondition(ctx, nest(5))
  await assert.rejects(checkCondition(ctx, nest(6)), /at most 5 deep/)
  await checkCondition(ctx, many(50))
  await assert.rejects(checkCondition(ctx, many(51)), /at most 50 parts/)
})

test('a number that could not be held exactly never reaches a condition', () => {
  for (const text of ['9007199254740993', '-9007199254740992', '1e300'])
    assert.throws(() => parseJson(`{"label":{"name":"n","in":[${text}]}}`), /cannot be held exactly/)
})
