// What a site's log tells and what it never does, seen in a site that logs all it can.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test, type TestContext } from 'node:test'
import { password } from '../../test/app.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import { becomeOwner, newHome, startSite, urlOf } from '../../test/site-process.ts'
import { createPool } from './db.ts'

const words = {
  question: 'canary-question-of-a-person',
  answer: 'canary-answer-of-a-model',
  typo: 'canary-password-that-is-wrong',
  title: 'canary-title-of-a-conversation',
  search: 'canary-search-in-an-address',
  name: 'Canary Name-Of-Someone',
}
const pollMs = 20

/** Another server's model, which says its word and then breaks. */
const upstream = async (t: TestContext): Promise<string> => {
  let calls = 0
  const server = http.createServer((request, response) => {
    request.resume()
    if (++calls > 1) return response.destroy()
    response.setHeader('content-type', 'application/json')
    return response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: words.answer } }] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => void server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`
}

test('prompts, answers, passwords, keys and names are in no line of the log, not even when things break', async (t) => {
  const database = await createTestDatabase()
  const pool = createPool(database, 1)
  t.after(() => pool.end())
  const env = { HOLDFAST_HOME: newHome(t), DATABASE_URL: urlOf(database), HOLDFAST_LOG_LEVEL: 'debug' }
  const site = await startSite(t, env)
  const session = await becomeOwner(site.url)
  const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = session) => {
    const reply = await fetch(new URL(path, site.url), {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: reply.status, body: (await reply.json()) as any } // looked into freely
  }
  await ask('POST', '/api/v1/session', { username: 'owner', password: words.typo }, {})
  await ask('POST', '/api/v1/users', { username: 'canary', displayName: words.name })
  await ask('GET', `/api/v1/audit?q=${words.search}`)
  const { secret } = (await ask('POST', '/api/v1/keys', { name: 'program' })).body
  const spec = { engine: 'openai', model: 'far', upstreamModel: 'far', baseUrl: await upstream(t), parallel: 1, queueMax: 1 }
  await ask('PUT', '/api/v1/deployments', { name: 'far', spec })
  while ((await ask('GET', '/api/v1/deployments/far')).body.status.state !== 'ready')
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  const chat = () =>
    ask(
      'POST',
      '/v1/chat/completions',
      { model: 'far', messages: [{ role: 'user', content: words.question }] },
      { authorization: `Bearer ${secret}` },
    )
  const answered = await chat()
  assert.equal(answered.body.choices?.[0].message.content, words.answer)
  assert.equal((await chat()).status, 502)

  // Defects of ours, in the places where PostgreSQL's own words would quote a person's.
  await pool.query('alter table conversation add constraint defect check (false) not valid')
  assert.equal((await ask('POST', '/api/v1/conversations', { title: words.title, model: 'far' })).status, 500)
  await pool.query(`create function defect() returns trigger language plpgsql as
    $$ begin perform (new.title)::int; return new; end $$`)
  await pool.query('create trigger defect before insert on conversation for each row execute function defect()')
  assert.equal((await ask('POST', '/api/v1/conversations', { title: words.title, model: 'far' })).status, 500)
  await site.stop()

  const said = site.err()
  const lines = said
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  const routes = lines.filter(({ msg }) => msg === 'request').map(({ route, status }) => `${route} ${status}`)
  assert.ok(routes.includes('/v1/chat/completions 200') && routes.includes('/api/v1/session 401'), said)
  const defects = lines.filter(({ msg }) => /defect of ours/.test(msg)).map(({ err }) => [err.code, err.stack !== undefined])
  assert.deepEqual(defects, [
    ['23514', true],
    ['22P02', true],
  ])
  const secrets = { ...words, password, secret, token: site.url.searchParams.get('token')!, ...session }
  for (const [what, text] of Object.entries(secrets)) assert.ok(!said.includes(text), `${what} is in the log`)
})
