import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { sql } from 'kysely'
import type { Caller } from '../../test/app.ts'
import { answeringSite } from '../../test/clients/site.ts'

const site = await answeringSite()
let person: Caller
before(async () => {
  person = await site.app.as('member')
})
const begin = async (): Promise<string> => (await person.post('/api/v1/conversations', { model: 'smollm2' })).body.id
const say = (id: string, body: object, who = person) =>
  who.post(`/api/v1/conversations/${id}/messages`, { temperature: 0, maxTokens: 10, ...body })
const events = (text: string) =>
  text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)))

test('what is said and answered is kept, in order, with its receipt, and the conversation takes its name from the question', async () => {
  const id = await begin()
  const first = await say(id, { content: 'What colour is the sky?' })
  assert.equal(first.status, 200)
  assert.ok(first.text.endsWith('data: [DONE]\n\n'))
  const said = events(first.text)
  const answer = said.flatMap(({ choices }) => choices?.[0]?.delta?.content ?? []).join('')
  const second = await say(id, { content: 'And the sea?' })
  assert.equal(second.status, 200)
  const { body } = await person.get(`/api/v1/conversations/${id}`)
  assert.equal(body.title, 'What colour is the sky?')
  assert.deepEqual(
    body.messages.map(({ role }: { role: string }) => role),
    ['user', 'assistant', 'user', 'assistant'],
  )
  assert.equal(body.messages[1].content, answer)
  assert.equal(body.messages[1].receipt, said[0].receipt)
  assert.ok(body.messages[3].promptTokens > body.messages[1].promptTokens, 'the second question carries the first with it')
})

test('an answer may be asked for again: the former goes, the question stays', async () => {
  const id = await begin()
  await say(id, { content: 'What colour is the sky?' })
  await say(id, { retry: true, maxTokens: 4 })
  const { body } = await person.get(`/api/v1/conversations/${id}`)
  assert.deepEqual(
    body.messages.map(({ role, completionTokens }: { role: string; completionTokens?: number }) => [role, completionTokens ?? 0]),
    [
      ['user', 0],
      ['assistant', 4],
    ],
  )
})

test('nobody reads or writes the conversation of another, whatever their role', async () => {
  const id = await begin()
  for (const other of [site.owner, await site.app.as('auditor'), await site.app.as('member', { name: 'neighbour' })]) {
    assert.equal((await other.get(`/api/v1/conversations/${id}`)).status, 404, other.username)
    assert.equal((await say(id, { content: 'hello' }, other)).status, 404)
    assert.equal((await other.delete(`/api/v1/conversations/${id}`)).status, 404)
    assert.deepEqual((await other.get('/api/v1/conversations')).body.items, [])
  }
  assert.equal((await site.app.anyone().get(`/api/v1/conversations/${id}`)).status, 401)
})

test('deleting erases what was said', async () => {
  const id = await begin()
  await say(id, { content: 'a secret of mine' })
  assert.equal((await person.delete(`/api/v1/conversations/${id}`)).status, 204)
  const { rows } = await sql<{
    n: number
  }>`select count(*)::int as n from conversation_message where conversation_id = ${id} or content like '%secret of mine%'`.execute(
    site.app.app.site.db,
  )
  assert.equal(rows[0]!.n, 0)
  assert.equal((await person.get(`/api/v1/conversations/${id}`)).status, 404)
  assert.ok(!JSON.stringify(await site.app.audit()).includes('secret of mine'))
})

const kept = async (owner: string) =>
  (
    await sql<{ n: number }>`select (select count(*) from conversation where owner = ${owner})::int +
      (select count(*) from conversation_message where content like '%told in confidence%')::int as n`.execute(
      site.app.app.site.db,
    )
  ).rows[0]!.n

test('deleting a person erases all they said here, however much, and records that', async () => {
  const leaving = await site.app.as('member', { name: 'leaving' })
  const staying = await begin()
  const said = await leaving.post('/api/v1/conversations', { model: 'smollm2' })
  await say(said.body.id, { content: 'told in confidence' }, leaving)
  for (let n = 0; n < 60; n++) await leaving.post('/api/v1/conversations', { model: 'smollm2', title: `Number ${n}` })
  assert.equal(await kept(leaving.userId), 62)

  assert.equal((await site.owner.delete(`/api/v1/users/${leaving.userId}`)).status, 204)

  while ((await kept(leaving.userId)) > 0); // bounded by the runner: what stays is the failure
  assert.equal((await person.get(`/api/v1/conversations/${staying}`)).status, 200)
  const erased = (await site.app.audit()).filter(({ action, facts }) => action === 'conversation.delete' && facts?.because)
  assert.deepEqual(
    erased.map(({ actor, resource, facts }) => [actor, resource.id, facts.conversations]),
    [
      ['system', leaving.userId, 50],
      ['system', leaving.userId, 11],
    ],
  )
})

test('who is deleted while a conversation of theirs begins leaves none behind', async () => {
  const leaving = await site.app.as('member', { name: 'in-flight' })
  const begun = Array.from({ length: 20 }, () => leaving.post('/api/v1/conversations', { model: 'smollm2' }))

  const [deleted] = await Promise.all([site.owner.delete(`/api/v1/users/${leaving.userId}`), ...begun])

  assert.equal(deleted.status, 204)
  for (const reply of await Promise.all(begun)) assert.ok([201, 401].includes(reply.status), reply.text)
  while ((await kept(leaving.userId)) > 0);
})

test('a message of a wrong form, an unknown model and nothing to say are refused', async () => {
  const id = await begin()
  assert.equal((await say(id, { content: 7 })).status, 400)
  assert.equal((await say(id, { content: 'x', unknown: 1 })).status, 400)
  assert.equal((await say(id, { content: '   ' })).status, 409)
  assert.equal((await say(id, { content: 'hello', model: 'gpt-9' })).status, 404)
  assert.equal(
    (await say(id, { content: 'word '.repeat(5000), model: 'smollm2' })).body.type,
    '/problems/context-length-exceeded',
  )
})
