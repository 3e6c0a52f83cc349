// What OpenAI's own client for JavaScript makes of our door.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import { answeringSite, becomes, deploy, deployTools, keyFor } from './site.ts'

const site = await answeringSite()
const clientWith = (apiKey: string) => new OpenAI({ baseURL: `${site.url}/v1`, apiKey, maxRetries: 0 })
const client = clientWith(site.key)

const base = {
  model: 'smollm2',
  temperature: 0,
  max_tokens: 16,
  messages: [{ role: 'user' as const, content: 'What colour is the sky?' }],
}
const recordOf = async (receipt: string) => {
  const { awaitLog } = await import('#audit')
  const { systemContext } = await import('#platform/context.ts')
  await awaitLog(systemContext(site.app.app.site, 'test'))
  const { body } = await site.owner.get(`/api/v1/audit/entries/${receipt}`)
  return body.entry
}

test('an answer comes whole, with its usage, a receipt and a record that fits it', async () => {
  const { data, response } = await client.chat.completions.create(base).withResponse()
  assert.match(data.choices[0]!.message.content ?? '', /blue/)
  assert.ok(['stop', 'length'].includes(data.choices[0]!.finish_reason))
  assert.equal(data.usage!.total_tokens, data.usage!.prompt_tokens + data.usage!.completion_tokens)
  const receipt = response.headers.get('x-holdfast-receipt')
  assert.match(receipt ?? '', /^entry_/)
  assert.match(response.headers.get('x-request-id') ?? '', /^req_/)
  const entry = await recordOf(receipt!)
  assert.deepEqual([entry.action, entry.outcome], ['deployment.invoke', 'done'])
  assert.deepEqual(entry.facts.usage, {
    promptTokens: data.usage!.prompt_tokens,
    completionTokens: data.usage!.completion_tokens,
  })
  assert.ok(!JSON.stringify(entry).includes('colour'), 'the log holds no content')
})

test('a streamed answer is the same answer, piece by piece, with usage at its end', async () => {
  const whole = await client.chat.completions.create(base)
  const stream = await client.chat.completions.create({ ...base, stream: true, stream_options: { include_usage: true } })
  let text = ''
  let pieces = 0
  let finish: string | null = null
  let usage: OpenAI.CompletionUsage | null | undefined
  let role: string | undefined
  for await (const chunk of stream) {
    const [choice] = chunk.choices
    role ??= choice?.delta.role
    if (choice?.delta.content) pieces++
    text += choice?.delta.content ?? ''
    finish = choice?.finish_reason ?? finish
    usage = chunk.usage ?? usage
  }
  assert.equal(text, whole.choices[0]!.message.content)
  assert.ok(pieces > 2)
  assert.deepEqual([role, finish], ['assistant', whole.choices[0]!.finish_reason])
  assert.deepEqual(usage, whole.usage)
})

test('the record of a stream is durable before the stream ends', async () => {
  const reply = await fetch(`${site.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${site.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...base, stream: true, max_tokens: 4 }),
  })
  const text = await reply.text()
  assert.ok(text.endsWith('data: [DONE]\n\n'), text.slice(-80))
  const receipt = reply.headers.get('x-holdfast-receipt')!
  assert.ok(text.includes(receipt))
  const { sql } = await import('kysely')
  const { rows } = await sql<{
    n: number
  }>`select count(*)::int as n from (select id from audit_pending where id = ${receipt} union all select id from audit_entry where id = ${receipt}) as found`.execute(
    site.app.app.site.db,
  )
  assert.ok(rows[0]!.n >= 1)
})

test('stop texts end an answer and are not in it', async () => {
  const { choices } = await client.chat.completions.create({ ...base, stop: ['blue'] })
  assert.ok(!choices[0]!.message.content!.includes('blue'))
  assert.equal(choices[0]!.finish_reason, 'stop')
})

test('a seed repeats an answer', async () => {
  const [a, b] = [
    await client.chat.completions.create({ ...base, temperature: 1, seed: 5 }),
    await client.chat.completions.create({ ...base, temperature: 1, seed: 5 }),
  ]
  assert.equal(a.choices[0]!.message.content, b.choices[0]!.message.content)
})

test('an answer to a JSON schema is JSON of that schema', async () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string', maxLength: 20 }, large: { type: 'boolean' } },
    required: ['city', 'large'],
    additionalProperties: false,
  }
  const { choices } = await client.chat.completions.create({
    ...base,
    max_tokens: 80,
    response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } },
  })
  const value = JSON.parse(choices[0]!.message.content!) as { city: unknown; large: unknown }
  assert.deepEqual([typeof value.city, typeof value.large, Object.keys(value).length], ['string', 'boolean', 2])
  await assert.rejects(
    client.chat.completions.create({
      ...base,
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'string', pattern: '^a' } } },
    }),
    (error) => error instanceof BadRequestError && error.param === 'response_format' && /pattern/.test(error.message),
  )
})

test('tools are refused where the template has none, and called where it has', async () => {
  const tools = [
    {
      type: 'function' as const,
      function: {
        name: 'weather',
        description: 'Weather of a city',
        parameters: { type: 'object', properties: { city: { type: 'string', enum: ['Oslo', 'Bern'] } }, required: ['city'] },
      },
    },
  ]
  await assert.rejects(
    client.chat.completions.create({ ...base, tools }),
    (error) => error instanceof BadRequestError && error.param === 'tools',
  )
  const refused = (await site.app.audit()).findLast(({ action }) => action === 'deployment.invoke')
  assert.deepEqual([refused?.outcome, refused?.facts.finishReason], ['failed', 'unsupported'])
  await deployTools(site)
  const asked = {
    ...base,
    model: 'tools',
    max_tokens: 60,
    tools,
    messages: [{ role: 'user' as const, content: 'How is the weather in Oslo?' }],
  }
  const named = await client.chat.completions.create({
    ...asked,
    tool_choice: { type: 'function', function: { name: 'weather' } },
  })
  const [call] = named.choices[0]!.message.tool_calls ?? []
  assert.equal(named.choices[0]!.finish_reason, 'tool_calls')
  assert.ok(call?.type === 'function' && call.function.name === 'weather')
  assert.ok(['Oslo', 'Bern'].includes(JSON.parse(call.function.arguments).city))
  const answered = await client.chat.completions.create({
    ...asked,
    tool_choice: 'none',
    messages: [
      ...asked.messages,
      named.choices[0]!.message,
      { role: 'tool', tool_call_id: call.id, content: 'Sunny, 20 degrees' },
    ],
  })
  assert.equal(answered.choices[0]!.message.tool_calls, undefined)
  const streamed = client.chat.completions.stream({ ...asked, tool_choice: 'required' })
  const { choices } = await streamed.finalChatCompletion()
  assert.equal(
    choices[0]!.message.tool_calls?.[0]?.type === 'function' && choices[0]!.message.tool_calls[0].function.name,
    'weather',
  )
})

test('failures are the errors the client knows', async () => {
  const [nobody, auditor] = [await site.app.as('nobody'), await site.app.as('auditor')]
  const cases: [() => Promise<unknown>, new (...args: never[]) => APIError, string][] = [
    [() => clientWith('hf_nonsense').chat.completions.create(base), AuthenticationError, 'invalid_api_key'],
    [() => client.chat.completions.create({ ...base, model: 'gpt-9' }), NotFoundError, 'model_not_found'],
    [() => client.chat.completions.create({ ...base, model: 'smollm2-135m-instruct' }), NotFoundError, 'model-not-deployed'],
    [() => client.chat.completions.create({ ...base, n: 2 }), BadRequestError, 'unsupported'],
    [() => client.chat.completions.create({ ...base, temperature: 9 }), BadRequestError, 'invalid-request'],
    [() => client.chat.completions.create({ ...base, messages: [] }), BadRequestError, 'invalid-request'],
    [() => client.chat.completions.create({ ...base, max_tokens: 5000 }), BadRequestError, 'context_length_exceeded'],
    [
      () =>
        client.chat.completions.create({ ...base, stream: true, messages: [{ role: 'user', content: 'long '.repeat(4000) }] }),
      BadRequestError,
      'context_length_exceeded',
    ],
    // Who may not know of a deployment is told that there is none; who may only see it, that they may not.
    [async () => clientWith(await keyFor(nobody)).chat.completions.create(base), NotFoundError, 'model_not_found'],
    [async () => clientWith(await keyFor(auditor)).chat.completions.create(base), PermissionDeniedError, 'forbidden'],
  ]
  for (const [call, kind, code] of cases)
    await assert.rejects(call(), (error) => {
      assert.ok(error instanceof kind, `${code}: ${String(error)}`)
      assert.equal(error.code, code)
      return true
    })
})

test('what is deployed is listed, to those who may use it', async () => {
  const ids = (await client.models.list()).data.map(({ id }) => id)
  assert.ok(ids.includes('smollm2'))
  assert.equal((await client.models.retrieve('smollm2')).id, 'smollm2')
  await assert.rejects(client.models.retrieve('gpt-9'), NotFoundError)
  assert.deepEqual((await clientWith(await keyFor(await site.app.as('nobody'))).models.list()).data, [])
})

test('a client that leaves stops the engine, and the record says so', async () => {
  const gone = new AbortController()
  const stream = await client.chat.completions.create(
    { ...base, stream: true, max_tokens: 1500, messages: [{ role: 'user', content: 'Count from one to a thousand.' }] },
    { signal: gone.signal },
  )
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
  gone.abort()
  const leftMs = performance.now()
  const cancelled = async () => {
    const entries = await site.app.audit()
    return entries.findLast(({ action, outcome }) => action === 'deployment.invoke' && outcome === 'cancelled')
  }
  let entry = await cancelled()
  while (!entry && performance.now() - leftMs < 15_000) entry = await cancelled()
  assert.ok(entry, 'no record says cancelled')
  assert.ok(entry.facts.usage.completionTokens > 0 && entry.facts.usage.completionTokens < 1500)
})

test('a full queue refuses with place and time, and those who wait are served', async () => {
  await deploy(site.owner, 'narrow', {
    engine: 'llama',
    model: 'smollm2-135m-instruct',
    parallel: 1,
    contextTokens: 512,
    queueMax: 1,
  })
  const ask = () =>
    client.chat.completions.create({
      ...base,
      model: 'narrow',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Tell a long story.' }],
    })
  const replies = await Promise.allSettled([ask(), ask(), ask(), ask()])
  const refused = replies.filter((reply) => reply.status === 'rejected').map(({ reason }) => reason)
  assert.equal(refused.length, 2)
  for (const error of refused) {
    assert.ok(error instanceof RateLimitError, String(error))
    assert.equal(error.headers.get('x-queue-position'), '2')
    assert.ok(Number(error.headers.get('retry-after')) >= 1)
  }
})

test('an engine that is killed under a stream ends it with an error, comes back, and no other is harmed', async () => {
  await deploy(site.owner, 'victim', {
    engine: 'llama',
    model: 'smollm2-135m-instruct',
    parallel: 1,
    contextTokens: 512,
    queueMax: 1,
  })
  const { enginePids } = await import('../processes.ts')
  const pid = enginePids().at(-1)! // the newest child
  let killed = false
  const bystander = client.chat.completions.create(base)
  const stream = await client.chat.completions.create({
    ...base,
    model: 'victim',
    stream: true,
    max_tokens: 400,
    messages: [{ role: 'user', content: 'Tell a long story.' }],
  })
  await assert.rejects(async () => {
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) killed ||= process.kill(pid, 'SIGSEGV')
  }, APIError)
  assert.match((await bystander).choices[0]!.message.content ?? '', /blue/)
  await becomes(site.owner, 'victim', 'ready', 1)
  const again = await client.chat.completions.create({ ...base, model: 'victim' })
  assert.match(again.choices[0]!.message.content ?? '', /blue/)
})
