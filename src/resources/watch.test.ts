import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { systemContext } from '#platform/context.ts'
import { testApp, type Caller, type TestApp } from '../../test/app.ts'
import { setStatus } from './status.ts'

type Told = { cursor: string; change: string; id: string; kind: string; resource?: { name: string; status?: object } }
const waitMsMax = 10_000

/** A client of the stream: `next(n)` waits for that many events. */
const watching = async (t: TestContext, app: TestApp, who: Caller, query = '') => {
  const leave = new AbortController()
  t.after(() => leave.abort())
  const reply = await fetch(`${await app.listen()}/api/v1/watch${query}`, { headers: who.headers, signal: leave.signal })
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const events: Told[] = []
  const read = async (): Promise<boolean> => {
    const { value, done } = await reader.read()
    text += value ?? ''
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const data = part.split('\n').find((line) => line.startsWith('data: '))
      if (data) events.push(JSON.parse(data.slice(6)))
    }
    return !done
  }
  const inTime = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([
      work,
      new Promise<never>((_, reject) => setTimeout(() => reject(new Error('nothing came')), waitMsMax).unref()),
    ])
  if (reply.status === 200) await read() // the greeting: from here on nothing is missed
  return {
    status: reply.status,
    next: (count: number) =>
      inTime(
        (async () => {
          while (events.length < count && (await read()));
          return events.splice(0, count)
        })(),
      ),
    ended: () =>
      inTime(
        (async () => {
          while (await read());
          return true
        })(),
      ),
    leave: () => leave.abort(),
  }
}

test('a watcher hears of every change in its order, and goes on where it stopped', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const stream = await watching(t, app, owner, '?kind=folder')
  const { body } = await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const [first] = await stream.next(1)
  assert.deepEqual([first?.change, first?.resource?.name], ['created', 'a'])
  stream.leave()

  await owner.put('/api/v1/folders', { name: 'a', spec: { title: 'A' } })
  await owner.put('/api/v1/projects', { name: 'not-a-folder', spec: {} })
  await setStatus(systemContext(app.app.site, 'test'), body.resource.id, { state: 'seen' })
  await setStatus(systemContext(app.app.site, 'test'), body.resource.id, { state: 'seen' })

  const resumed = await watching(t, app, owner, `?kind=folder&after=${first!.cursor}`)
  assert.deepEqual(
    (await resumed.next(2)).map(({ change, resource }) => [change, resource?.status]),
    [
      ['changed', { state: 'seen' }],
      ['status', { state: 'seen' }],
    ],
  )
  await owner.delete(`/api/v1/folders/${body.resource.id}`)
  assert.deepEqual(
    (await resumed.next(1)).map(({ change, id, resource }) => [change, id, resource]),
    [['deleted', body.resource.id, undefined]],
  )
  assert.equal((await app.audit()).filter(({ resource }) => resource.id === body.resource.id).length, 3) // observing is no act
})

test('a watcher hears only of what it may read, from the moment it may', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  await owner.put('/api/v1/folders', { name: 'b', spec: {} })
  const inA = await app.as('member', { scope: '/a' })
  const stream = await watching(t, app, inA, '?kind=project')

  const { body: hidden } = await owner.put('/api/v1/projects', { name: 'hidden', scope: '/b', spec: {} })
  await owner.delete(`/api/v1/projects/${hidden.resource.id}`)
  await owner.put('/api/v1/projects', { name: 'shown', scope: '/a', spec: {} })

  const [event] = await stream.next(1)
  assert.deepEqual([event?.change, event?.resource?.name], ['created', 'shown'])
})

test('a stream ends when the session it was opened with is ended', async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')
  const stream = await watching(t, app, member)
  assert.equal(stream.status, 200)

  assert.ok((await member.delete('/api/v1/session')).status < 300)

  assert.equal(await stream.ended(), true)
})

test('a stream is not opened for no one, from no point, or of no kind', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')

  assert.equal((await app.anyone().get('/api/v1/watch')).status, 401)
  assert.equal((await owner.get('/api/v1/watch?after=yesterday')).status, 400)
  assert.equal((await owner.get('/api/v1/watch?kind=dragon')).status, 404)
})

test('a point of the stream that may have been swept away is told so, not passed over', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const { db } = app.app.site
  const { rows } = await sql<{ old: string }>`select xact || '.' || seq as old from resource_change order by seq limit 1`.execute(
    db,
  )
  await sql`delete from resource_change where seq = 1`.execute(db)

  const { status, body } = await owner.get(`/api/v1/watch?after=${rows[0]!.old}`)

  assert.equal(status, 410)
  assert.equal(body.type, '/problems/watch-expired')
})
