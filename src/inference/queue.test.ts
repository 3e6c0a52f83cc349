import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem, unavailable } from '#platform/problem.ts'
import { createQueue } from './queue.ts'

const never = new AbortController().signal

test('as many run as there are slots, the rest are served in order, and one too many is told its place', async () => {
  const queue = createQueue({ slots: 2, waitingMax: 2 })
  const order: number[] = []
  const [first, second] = [await queue.enter(never), await queue.enter(never)]
  const third = queue.enter(never).then((leave) => (order.push(3), leave))
  const fourth = queue.enter(never).then((leave) => (order.push(4), leave))
  await assert.rejects(
    queue.enter(never),
    (error) =>
      error instanceof Problem &&
      error.code === 'queue-full' &&
      error.headers['x-queue-position'] === '3' &&
      Number(error.headers['retry-after']) >= 1,
  )
  first()
  first() // leaving twice frees one place
  await third
  assert.deepEqual(queue.state(), { running: 2, waiting: 1 })
  second()
  ;(await third)()
  ;(await fourth)()
  assert.deepEqual([order, queue.state()], [[3, 4], { running: 0, waiting: 0 }])
})

test('who leaves the line gives up the place, and no slot is lost', async () => {
  const queue = createQueue({ slots: 1, waitingMax: 2 })
  const leave = await queue.enter(never)
  const gone = new AbortController()
  const leaving = queue.enter(gone.signal)
  const staying = queue.enter(never)
  gone.abort()
  await assert.rejects(leaving, (error) => error instanceof Problem && error.code === 'cancelled')
  leave()
  gone.abort()
  ;(await staying)()
  assert.deepEqual(queue.state(), { running: 0, waiting: 0 })
  await assert.rejects(queue.enter(AbortSignal.abort()), Problem)
})

test('when a deployment is changed, all who wait are told', async () => {
  const queue = createQueue({ slots: 1, waitingMax: 2 })
  const leave = await queue.enter(never)
  const waiting = [queue.enter(never), queue.enter(never)]
  queue.clear(unavailable('changed'))
  for (const { status } of await Promise.allSettled(waiting)) assert.equal(status, 'rejected')
  leave()
  assert.deepEqual(queue.state(), { running: 0, waiting: 0 })
})
