import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { testApp, type Reply } from '../../test/app.ts'

type Answer = (response: http.ServerResponse, body: Reply['body']) => void
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
const event = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`
const end = `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`
const sse = { 'content-type': 'text/event-stream' }

/** A site that forwards `far` to an upstream of our own making. */
const forwarding = async (t: TestContext, answer: Answer) => {
  const upstream = http.createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    answer(response, JSON.parse(text))
  })
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  t.after(() => {
    upstream.closeAllConnections()
    upstream.close()
  })
  const address = upstream.address()
  const port = typeof address === 'object' ? address?.port : 0
  const app = await testApp(t, { engines: true })
  const owner = await app.as('owner')
  const spec = {
    engine: 'openai',
    model: 'far',
    upstreamModel: 'llama-70b',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    parallel: 4,
    queueMax: 4,
  }
  const applied = await owner.put('/api/v1/deployments', { name: 'far', spec })
  assert.equal(applied.status, 201, applied.text)
  while ((await owner.get('/api/v1/deployments/far')).body.status.state !== 'ready')
    await new Promise((resolve) => setTimeout(resolve, 20))
  const { body } = await owner.post('/api/v1/keys', { name: 'test' })
  const url = await app.listen()
  const chat = (more: object = {}, signal?: AbortSignal) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'far', messages: [{ role: 'user', content: 'hello' }], ...more }),
      ...(signal ? { signal } : {}),
    })
  const invoked = async () => (await app.audit()).findLast(({ action }) => action === 'deployment.invoke')
  return { app, owner, chat, invoked }
}

test('a call is passed on under the upstream’s own name for the model, and its usage recorded', async (t) => {
  let asked: Reply['body']
  const { chat, invoked } = await forwarding(t, (response, body) => {
    asked = body
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }], usage }),
    )
  })
  const reply = await chat()
  assert.equal(reply.status, 200)
  assert.equal(((await reply.json()) as Reply['body']).choices[0].message.content, 'hi')
  assert.deepEqual([asked.model, asked.messages[0].content], ['llama-70b', 'hello'])
  const entry = await invoked()
  assert.equal(entry?.outcome, 'done')
  assert.deepEqual(entry?.facts.usage, { promptTokens: 3, completionTokens: 4 })
  assert.match(reply.headers.get('x-holdfast-receipt') ?? '', /^entry_/)
})

test('a stream is passed on byte for byte, each event at once, and its end waits for the record', async (t) => {
  let upstream: http.ServerResponse | undefined
  const { chat, app } = await forwarding(t, (response) => {
    upstream = response.writeHead(200, sse)
    response.write(event('one'))
  })
  const reply = await chat({ stream: true })
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader()
  assert.equal((await reader.read()).value, event('one'))
  upstream!.write(event('two') + end.slice(0, -9)) // the end mark itself arrives in two pieces
  upstream!.end(end.slice(-9))
  let rest = ''
  for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value
  assert.equal(rest, event('two') + end)
  const receipt = reply.headers.get('x-holdfast-receipt')
  const { rows } = await sql<{
    n: number
  }>`select (select count(*) from audit_pending where id = ${receipt})::int + (select count(*) from audit_entry where id = ${receipt})::int as n`.execute(
    app.app.site.db,
  )
  assert.ok(rows[0]!.n >= 1)
})

test('a call that asks for what is not given here reaches no upstream and is on record', async (t) => {
  let reached = 0
  const { chat, invoked } = await forwarding(t, (response) => void (reached++, response.end('{}')))
  assert.equal((await chat({ n: 2 })).status, 400)
  const entry = await invoked()
  assert.deepEqual([entry?.outcome, entry?.facts.finishReason, reached], ['failed', 'unsupported', 0])
})

test('an upstream that dies under a stream ends it with an error and without its end mark', async (t) => {
  const { chat, invoked } = await forwarding(t, (response) => {
    response.writeHead(200, sse)
    response.write(event('one'))
    setTimeout(() => response.destroy(), 50)
  })
  const text = await (await chat({ stream: true })).text()
  assert.ok(text.startsWith(event('one')) && text.includes('engine-failed') && !text.includes('[DONE]'), text)
  assert.equal((await invoked())?.outcome, 'failed')
})

test('a client that leaves is felt by the upstream, and the record says cancelled', async (t) => {
  const left = Promise.withResolvers<void>()
  const { chat, invoked } = await forwarding(t, (response) => {
    response.writeHead(200, sse)
    response.write(event('one'))
    response.once('close', left.resolve)
  })
  const gone = new AbortController()
  const reply = await chat({ stream: true }, gone.signal)
  await reply.body!.getReader().read()
  gone.abort()
  await left.promise
  let entry = await invoked()
  for (let i = 0; i < 100 && !entry; i++) entry = await invoked()
  assert.equal(entry?.outcome, 'cancelled')
})

test('an upstream that fails, or is not there, is told as a failure of the upstream', async (t) => {
  const { chat, owner, invoked } = await forwarding(t, (response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"boom"}}')
  })
  assert.equal((await chat()).status, 502)
  assert.equal((await invoked())?.outcome, 'failed')
  const { body } = await owner.get('/api/v1/deployments/far')
  await owner.put('/api/v1/deployments', { name: 'far', spec: { ...body.spec, baseUrl: 'http://127.0.0.1:1/v1' } })
  // The change reaches the runner as a job: until then calls go to the former upstream, or wait for the new one.
  let told = ''
  for (let i = 0; i < 200 && !told.includes('cannot be reached'); i++) {
    const reply = await chat()
    assert.ok([502, 503].includes(reply.status), `${reply.status}`)
    told = await reply.text()
  }
  assert.match(told, /cannot be reached/)
})

test('an upstream outside this machine is refused unless its host is allowed, and one with a password in its URL always', async (t) => {
  const app = await testApp(t, { env: { HOLDFAST_ALLOW_HOSTS: 'vllm.internal' } })
  const owner = await app.as('owner')
  const put = (baseUrl?: string) =>
    owner.put('/api/v1/deployments', { name: 'far', spec: { engine: 'openai', model: 'm', ...(baseUrl ? { baseUrl } : {}) } })
  for (const wrong of ['http://api.example.com/v1', 'http://user:secret@127.0.0.1/v1', 'http://169.254.169.254/v1', undefined]) {
    const { status, body } = await put(wrong)
    assert.deepEqual([status, body.type], [400, '/problems/invalid-request'], `${wrong}`)
  }
  assert.equal((await put('https://vllm.internal/v1')).status, 201)
})
