// Conversations with a model that another server runs.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { testApp } from '../../test/app.ts'

const pollMs = 20
const event = (chunk: object) => `data: ${JSON.stringify(chunk)}\n\n`
const piece = (content: string) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
const sse = { 'content-type': 'text/event-stream' }
type Asked = { model: string; messages: { role: string; content: string }[]; stream: boolean }

/** A member in a conversation whose answers come from a server of the test's. */
const talking = async (t: TestContext, answer: (response: http.ServerResponse, asked: Asked) => void) => {
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
  const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`
  const app = await testApp(t, { engines: true, env: { HOLDFAST_ASSETS_DIR: join(tmpdir(), 'holdfast-no-assets') } })
  const owner = await app.as('owner')
  const spec = { engine: 'openai', model: 'far', upstreamModel: 'llama-70b', baseUrl, parallel: 2, queueMax: 2 }
  assert.equal((await owner.put('/api/v1/deployments', { name: 'far', spec })).status, 201)
  while ((await owner.get('/api/v1/deployments/far')).body.status.state !== 'ready')
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  const member = await app.as('member')
  const { id } = (await member.post('/api/v1/conversations', { model: 'far' })).body
  const path = `/api/v1/conversations/${id}/messages`
  return {
    app,
    member,
    path,
    say: (content: string) => member.post(path, { content }),
    told: async () => (await member.get(`/api/v1/conversations/${id}`)).body.messages as Record<string, unknown>[],
    invoked: async () => (await app.audit()).findLast(({ action }) => action === 'deployment.invoke'),
  }
}

test('a conversation is answered by another server as by an engine here: streamed, kept, counted and with a receipt', async (t) => {
  const asked: Asked[] = []
  const { say, told, invoked } = await talking(t, (response, body) => {
    asked.push(body)
    response.writeHead(200, sse)
    // Cut where no event ends, and inside a character of two bytes.
    const bytes = Buffer.from(
      `${piece('Grüne ')}: a comment\n\n${piece('See')}${event({ choices: [{ delta: {}, finish_reason: 'length' }] })}`,
    )
    const cut = bytes.indexOf('ü') + 1
    response.write(bytes.subarray(0, cut))
    response.write(bytes.subarray(cut))
    response.end(`${event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 5 } })}data: [DONE]\n\n`)
  })
  const { status, text } = await say('What colour is the sea?')
  assert.deepEqual([status, text.endsWith('data: [DONE]\n\n')], [200, true])
  const [, answer] = await told()
  const entry = await invoked()
  assert.deepEqual(
    [answer?.['content'], answer?.['finishReason'], answer?.['promptTokens'], answer?.['completionTokens'], answer?.['receipt']],
    ['Grüne See', 'length', 7, 5, (entry as unknown as { id: string }).id],
  )
  assert.deepEqual([entry?.outcome, entry?.facts.usage], ['done', { promptTokens: 7, completionTokens: 5 }])
  await say('And the sky?')
  assert.deepEqual(
    asked.map(({ model, stream, messages }) => [model, stream, messages.map(({ role }) => role)]),
    [
      ['llama-70b', true, ['user']],
      ['llama-70b', true, ['user', 'assistant', 'user']],
    ],
  )
})

test('another server that refuses, speaks another language or dies is told as that, and is on record', async (t) => {
  const ways: ((response: http.ServerResponse) => void)[] = [
    (response) => response.writeHead(500).end('out of memory'),
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    (response) => response.writeHead(200, sse).end('data: {"choices":\n\n'),
    (response) => response.writeHead(200, sse).write(piece('Half an ans'), () => response.destroy()),
    (response) => response.writeHead(200, sse).end(piece('Half an ans')),
  ]
  const { say, told, invoked } = await talking(t, (response) => ways.shift()!(response))
  const refused = await say('one')
  assert.deepEqual([refused.status, refused.body.type], [502, '/problems/engine-failed'])
  assert.match(refused.body.detail, /answered 500: out of memory/)
  assert.match((await say('two')).body.detail, /does not stream/)
  assert.match((await say('three')).text, /no answer in OpenAI’s form/)
  for (const question of ['four', 'five']) {
    assert.match((await say(question)).text, /"problem":/)
    const last = (await told()).at(-1)
    assert.deepEqual([last?.['content'], last?.['finishReason']], ['Half an ans', 'failed'])
    const entry = await invoked()
    assert.deepEqual([entry?.outcome, entry?.facts.finishReason], ['failed', 'engine-failed'])
  }
})

test('who stops an answer of another server keeps what came, the server is let go, and the record says cancelled', async (t) => {
  const gone = Promise.withResolvers<void>()
  const { app, member, path, told, invoked } = await talking(t, (response) => {
    response.writeHead(200, sse).write(piece('The first of very many words'))
    response.once('close', () => gone.resolve())
  })
  const stop = new AbortController()
  const reply = await fetch(new URL(path, await app.listen()), {
    method: 'POST',
    headers: { ...member.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ content: 'Tell all' }),
    signal: stop.signal,
  })
  let heard = ''
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader()
  while (!heard.includes('many words')) heard += (await reader.read()).value ?? ''
  stop.abort()
  await gone.promise
  while ((await told()).length < 2) await new Promise((resolve) => setTimeout(resolve, pollMs))
  const [, answer] = await told()
  assert.deepEqual([answer?.['content'], answer?.['finishReason']], ['The first of very many words', 'aborted'])
  assert.equal((await invoked())?.outcome, 'cancelled')
})
