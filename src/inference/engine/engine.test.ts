import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { silentLog } from '#platform/log.ts'
import { hermesTemplate, withTemplate } from '../../../test/gguf.ts'
import { startEngine, type Engine, type EngineEvent } from './engine.ts'
import type { GenerateRequest } from './protocol.ts'

const smollm = join(process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets', 'smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf')
const options = { contextTokens: 512, parallel: 4, threads: 1, log: silentLog }
const engines: Engine[] = []
const begin = async (path: string, name: string): Promise<Engine> => {
  const engine = startEngine({ ...options, path, name })
  engines.push(engine)
  await engine.ready
  return engine
}
let engine: Engine
before(async () => {
  engine = await begin(smollm, 'plain')
})
after(() => engines.forEach((started) => started.kill()))

type Answer = { text: string; end: EngineEvent; promptTokens: number }
const ask = (
  request: Partial<GenerateRequest>,
  {
    on = engine,
    signal = new AbortController().signal,
    heard,
  }: { on?: Engine; signal?: AbortSignal; heard?: (event: EngineEvent) => unknown } = {},
) =>
  new Promise<Answer>((resolve) => {
    let text = ''
    let promptTokens = 0
    on.generate(
      {
        messages: [{ role: 'user', content: 'Name the colours of the rainbow.' }],
        stop: [],
        temperature: 0,
        maxTokens: 24,
        maxTokensDefault: 24,
        tenant: 'a',
        ...request,
      },
      signal,
      (event) => {
        heard?.(event)
        if (event.type === 'text') text += event.text
        else if (event.type === 'started') promptTokens = event.promptTokens
        else resolve({ text, end: event, promptTokens })
      },
    )
  })
const done = ({ end }: Answer) => {
  assert.equal(end.type, 'done', JSON.stringify(end))
  return end.type === 'done' ? end : assert.fail()
}
const question = (content: string) => ({ messages: [{ role: 'user', content }] })

test('an answer comes in pieces, and its tokens are counted', async () => {
  let pieces = 0
  const answer = await ask({}, { heard: (event) => void (pieces += Number(event.type === 'text')) })
  assert.ok(pieces > 5, `${pieces} pieces`)
  assert.match(answer.text, /\w+ \w+/)
  const { finishReason, completionTokens, promptTokens } = done(answer)
  assert.deepEqual([finishReason, completionTokens], ['length', 24])
  assert.equal(promptTokens, answer.promptTokens)
})

test('the same question at temperature 0 has the same answer, also beside three others', async () => {
  const alone = await ask({})
  const together = await Promise.all([
    ask({}),
    ...['b', 'c', 'd'].map((tenant) => ask({ ...question(`Tell me about ${tenant}.`), tenant })),
  ])
  assert.equal(together[0]!.text, alone.text)
  assert.ok(together.every((answer) => done(answer).completionTokens > 0))
})

test('a seed gives the same answer again, another seed another', async () => {
  const [first, again, other] = [
    await ask({ temperature: 1, seed: 7 }),
    await ask({ temperature: 1, seed: 7 }),
    await ask({ temperature: 1, seed: 8 }),
  ]
  assert.equal(first.text, again.text)
  assert.notEqual(first.text, other.text)
})

test('nothing of a stop text leaves, even when it is spread over several tokens', async () => {
  const whole = (await ask({})).text
  const stop = whole.slice(7, 17)
  const answer = await ask({ stop: [stop] })
  assert.equal(answer.text, whole.slice(0, whole.indexOf(stop)))
  assert.equal(done(answer).finishReason, 'stop')
})

test('more than the context holds is refused with the numbers before a token is made', async () => {
  const long = await ask(question('word '.repeat(600)))
  assert.ok(long.end.type === 'refused')
  assert.equal(long.end.code, 'context-overflow')
  assert.equal(long.end.facts['contextTokens'], 512)
  assert.ok(long.end.facts['promptTokens']! > 600)
  const greedy = await ask({ maxTokens: 500 })
  assert.ok(greedy.end.type === 'refused' && greedy.end.facts['maxTokens'] === 500)
})

test('a prompt that nearly fills the context is read whole, not cut', async () => {
  const { promptTokens: empty } = await ask({ ...question(''), maxTokens: 1 })
  const answer = await ask({ ...question('The password is ' + 'word '.repeat(440 - empty)), maxTokens: 40 })
  const { promptTokens, completionTokens } = done(answer)
  assert.ok(promptTokens > 435 && promptTokens + completionTokens <= 512, `${promptTokens} + ${completionTokens}`)
})

test('an answer held to a JSON schema is JSON of that schema, and ends with it', async () => {
  const json = {
    type: 'object',
    properties: { colour: { enum: ['red', 'blue'] }, count: { type: 'integer' } },
    required: ['colour', 'count'],
    additionalProperties: false,
  }
  const answer = await ask({ json, maxTokens: 60 })
  const value = JSON.parse(answer.text) as { colour: string; count: number }
  assert.deepEqual(Object.keys(value), ['colour', 'count'])
  assert.ok(['red', 'blue'].includes(value.colour) && Number.isInteger(value.count))
  assert.equal(done(answer).finishReason, 'stop')
  const loose = await ask({ json: 'object', maxTokens: 100, ...question('Answer {"a":1}') })
  if (done(loose).finishReason === 'stop') assert.equal(typeof JSON.parse(loose.text), 'object')
  else assert.match(loose.text, /^\{/)
})

test('what a grammar cannot hold an answer to is refused by name, not read over', async () => {
  const string = { type: 'string' }
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ type: 'object', properties: { a: { $ref: '#/nowhere' } } }, /#\/properties\/a refers to #\/nowhere/],
    [{ type: 'nonsense' }, /type "nonsense"/],
    [{ type: 'object', properties: { a: { type: 'string', pattern: '^a' } } }, /"pattern"/],
    [{ type: 'integer', minimum: 3 }, /"minimum"/],
    [{ allOf: [string] }, /"allOf"/],
    [{ type: 'string', maxLength: 1e9 }, /more than 4000/],
    [{ type: 'array', items: string, minItems: -1 }, /whole number/],
    [{ enum: Array.from({ length: 2000 }, (_, i) => i) }, /1 to 1000/],
    [
      { type: 'object', properties: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`p${i}`, string])) },
      /more than 1000 schemas/,
    ],
    [{ type: 'object', properties: { a: {} } }, /does not say what it is/],
    [Array.from({ length: 40 }).reduce<Record<string, unknown>>((inner) => ({ type: 'array', items: inner }), string), /deeper/],
  ]
  for (const [json, reason] of wrong) {
    const { end } = await ask({ json })
    assert.ok(end.type === 'refused' && end.code === 'bad-schema' && reason.test(end.message), JSON.stringify(end))
  }
})

test('the largest schema that is taken holds up no one for long', async () => {
  const startedMs = performance.now()
  await ask({ json: { type: 'array', items: { type: 'string', maxLength: 2000 }, maxItems: 2000 }, maxTokens: 3 })
  assert.ok(performance.now() - startedMs < 5000, `${performance.now() - startedMs} ms`)
})

test('an abort ends the reading of a long prompt and the writing of an answer, long before either would have ended', async () => {
  const aborted = async (run: (stop: () => void, signal: AbortSignal) => Promise<Answer>) => {
    const stopper = new AbortController()
    const answer = await run(() => stopper.abort(), stopper.signal)
    assert.equal(done(answer).finishReason, 'aborted')
    return done(answer)
  }
  await aborted((stop, signal) => ask({ maxTokens: 400 }, { signal, heard: (event) => event.type === 'text' && stop() }))
  const { completionTokens } = await aborted((stop, signal) =>
    ask(
      { ...question('once upon a time '.repeat(110)), tenant: 'long' },
      { signal, heard: (event) => event.type === 'started' && stop() },
    ),
  )
  assert.equal(completionTokens, 0)
  assert.equal(done(await ask({})).completionTokens, 24)
})

test('characters of several tokens arrive whole', async () => {
  const pieces: string[] = []
  await ask(
    { ...question('Repeat: 😀😃😄 漢字'), json: { enum: ['😀😃😄 漢字 ẞ'] } },
    { heard: (event) => event.type === 'text' && void pieces.push(event.text) },
  )
  assert.ok(!pieces.join('').includes('\ufffd'), pieces.join('|'))
  assert.match(pieces.join(''), /😀😃😄 漢字 ẞ/)
})

test('a child that crashes ends its answers with the reason and harms no other engine', async () => {
  const victim = await begin(smollm, 'victim')
  const bystander = ask({ maxTokens: 40 })
  const { end } = await ask(
    { maxTokens: 400 },
    { on: victim, heard: (event) => event.type === 'text' && void process.kill(victim.pid, 'SIGSEGV') },
  )
  assert.ok(end.type === 'gone', JSON.stringify(end))
  assert.match(end.message, /SIGSEGV/)
  assert.equal(done(await bystander).completionTokens, 40)
})

const folder = mkdtempSync(join(tmpdir(), 'holdfast-engine-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const withOther = (name: string, template: string): string => {
  withTemplate(smollm, join(folder, name), template)
  return join(folder, name)
}

test('a model whose template has tools calls the one it must call, with arguments of its schema', async () => {
  const on = await begin(withOther('tools.gguf', hermesTemplate), 'tools')
  assert.equal((await on.ready).tools, true)
  const tool = (name: string) => ({
    type: 'function' as const,
    function: {
      name,
      description: name,
      parameters: { type: 'object', properties: { city: { enum: ['Oslo', 'Bern'] } }, required: ['city'] },
    },
  })
  const answer = await ask(
    { ...question('How is the weather in Oslo?'), tools: [tool('weather'), tool('news')], mustCall: ['weather'], maxTokens: 60 },
    { on },
  )
  const { finishReason, toolCalls } = done(answer)
  assert.equal(finishReason, 'tool_calls')
  assert.equal(answer.text, '')
  assert.equal(toolCalls?.[0]?.name, 'weather')
  assert.ok(['Oslo', 'Bern'].includes(JSON.parse(toolCalls![0]!.arguments).city))
  assert.notEqual(
    done(await ask({ ...question('Say hello.'), tools: [tool('weather')], maxTokens: 12 }, { on })).finishReason,
    'aborted',
  )
  on.kill()
})

test('a template that fails on a conversation is told; one that fails on all of them does not load', async () => {
  const on = await begin(
    withOther(
      'picky.gguf',
      `{% if messages|length > 1 %}{{ raise_exception('only one message') }}{% endif %}{{ messages[0].content }}`,
    ),
    'picky',
  )
  const { end } = await ask(
    {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
      ],
    },
    { on },
  )
  assert.ok(end.type === 'refused' && end.code === 'bad-template' && /only one message/.test(end.message), JSON.stringify(end))
  on.kill()
  await assert.rejects(begin(withOther('broken.gguf', '{% for %}'), 'broken'))
})
