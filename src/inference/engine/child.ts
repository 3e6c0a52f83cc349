// An engine: one model in a process of its own, without network. It may crash, hang or be killed; nothing is lost but the answers under way.
import { randomInt } from 'node:crypto'
import { Template } from '@huggingface/jinja'
import {
  getLlama,
  LlamaGrammarEvaluationState,
  LlamaLogLevel,
  type Llama,
  type LlamaContextSequence,
  type LlamaGrammar,
  type LlamaModel,
  type SequenceEvaluateOptions,
  type Token,
} from 'node-llama-cpp'
import type { FinishReason, GenerateRequest, ToChild, ToParent, ToolCall } from './protocol.ts'
import { grammarSchema } from './json-schema.ts'
import { jsonEnd, parseCall, parseToolCalls, stopFilter, toolCallOpen } from './text.ts'

/** Small batches: between two of them an abort is heard. 128 tokens take about half a second on one core (measured for the default model). */
const batchTokens = 128

const say = (message: ToParent): void => void process.send?.(message)

type Slot = { sequence: LlamaContextSequence; busy: boolean; tenant: string | undefined }
type Loaded = { llama: Llama; model: LlamaModel; template: Template; contextTokens: number; tools: boolean; slots: Slot[] }

let loaded: Loaded | undefined
const running = new Map<number, AbortController>()

const load = async ({ path, contextTokens, parallel, threads }: Extract<ToChild, { type: 'load' }>): Promise<void> => {
  // Prebuilt binary out of our own packages, or nothing: never compiled, never downloaded.
  const llama = await getLlama({
    build: 'never',
    skipDownload: true,
    gpu: false,
    logLevel: LlamaLogLevel.error,
    maxThreads: threads,
  })
  const model = await llama.loadModel({ modelPath: path })
  const source = model.fileInfo.metadata.tokenizer?.chat_template
  if (typeof source !== 'string') throw new Error('the model has no chat template, so it cannot hold a conversation')
  const template = new Template(source)
  template.render({ messages: [{ role: 'user', content: 'x' }], add_generation_prompt: true, bos_token: '', eos_token: '' })
  const size = Math.min(contextTokens, model.trainContextSize)
  const context = await model.createContext({ contextSize: size, sequences: parallel, batchSize: batchTokens, threads })
  const slots = Array.from({ length: parallel }, () => ({ sequence: context.getSequence(), busy: false, tenant: undefined }))
  loaded = { llama, model, template, contextTokens: size, tools: /\btools\b/.test(source), slots }
  say({ type: 'ready', contextTokens: size, tools: loaded.tools })
}

class Refusal extends Error {
  readonly told: Omit<Extract<ToParent, { type: 'refused' }>, 'type' | 'id'>
  constructor(code: Extract<ToParent, { type: 'refused' }>['code'], message: string, facts: Record<string, number> = {}) {
    super(message)
    this.told = { code, message, facts }
  }
}

const promptTokens = ({ model, template }: Loaded, request: GenerateRequest): Token[] => {
  try {
    const { bosString, eosString } = model.tokens
    const text = template.render({
      messages: request.messages,
      ...(request.tools ? { tools: request.tools } : {}),
      add_generation_prompt: true,
      bos_token: bosString ?? '',
      eos_token: eosString ?? '',
    })
    // Special tokens in a person's own text are the person's text: the template around it is what may hold them. The engine cannot tell the two
    // apart once rendered, so marks that open and close turns are taken out of the content before (see gateway/request.ts).
    return model.tokenize(text, true)
  } catch (error) {
    throw new Refusal(
      'bad-template',
      `The model's chat template does not take this conversation: ${error instanceof Error ? error.message.slice(0, 300) : 'it failed'}`,
    )
  }
}

const roomFor = ({ contextTokens }: Loaded, prompt: number, { maxTokens, maxTokensDefault }: GenerateRequest): number => {
  const left = contextTokens - prompt
  if (left < 1 || (maxTokens !== undefined && maxTokens > left))
    throw new Refusal(
      'context-overflow',
      `This model's context holds ${contextTokens} tokens. The messages take ${prompt}${maxTokens === undefined ? '' : ` and ${maxTokens} are asked for the answer, ${prompt + maxTokens} together`}. Shorten the messages${maxTokens === undefined ? '' : ' or max_tokens'}.`,
      { contextTokens, promptTokens: prompt, maxTokens: maxTokens ?? 0 },
    )
  return Math.min(left, maxTokens ?? maxTokensDefault)
}

const grammarFor = async ({ llama }: Loaded, { json, mustCall, tools }: GenerateRequest): Promise<LlamaGrammar | undefined> => {
  try {
    if (mustCall) {
      const forms = (tools ?? [])
        .filter((tool) => mustCall.includes(tool.function.name))
        .map((tool) => ({
          type: 'object',
          properties: {
            name: { const: tool.function.name },
            arguments: tool.function.parameters ? grammarSchema(tool.function.parameters) : { type: 'object' },
          },
        }))
      return await llama.createGrammarForJsonSchema((forms.length === 1 ? forms[0]! : { oneOf: forms }) as never) // checked by grammarSchema
    }
    if (json === 'object') return await llama.getGrammarFor('json')
    return json && (await llama.createGrammarForJsonSchema(grammarSchema(json) as never)) // checked by it
  } catch (error) {
    throw new Refusal(
      'bad-schema',
      `The JSON schema cannot be turned into a grammar: ${error instanceof Error ? error.message.slice(0, 300) : 'it failed'}`,
    )
  }
}

const takeSlot = (slots: Slot[], tenant: string): Slot => {
  const free = slots.filter(({ busy }) => !busy)
  const slot = free.find((candidate) => candidate.tenant === tenant) ?? free[0]
  if (!slot) throw new Error('more calls than slots') // the parent counts them
  slot.busy = true
  return slot
}

const generate = async (id: number, request: GenerateRequest): Promise<void> => {
  if (!loaded) throw new Error('nothing is loaded')
  const abort = new AbortController()
  running.set(id, abort)
  let slot: Slot | undefined
  try {
    const prompt = promptTokens(loaded, request)
    const room = roomFor(loaded, prompt.length, request)
    const grammar = await grammarFor(loaded, request)
    say({ type: 'started', id, promptTokens: prompt.length })
    slot = takeSlot(loaded.slots, request.tenant)
    if (slot.tenant !== request.tenant) await slot.sequence.clearHistory()
    slot.tenant = request.tenant
    say({
      type: 'done',
      id,
      promptTokens: prompt.length,
      ...(await run(slot.sequence, id, { request, prompt, room, grammar, abort })),
    })
  } catch (error) {
    if (error instanceof Refusal) say({ type: 'refused', id, ...error.told })
    else say({ type: 'crashed', id, message: error instanceof Error ? error.message : String(error) })
  } finally {
    if (slot) slot.busy = false
    running.delete(id)
  }
}

type Run = { request: GenerateRequest; prompt: Token[]; room: number; grammar: LlamaGrammar | undefined; abort: AbortController }
type Ended = { finishReason: FinishReason; completionTokens: number; toolCalls?: ToolCall[] }

const run = async (
  sequence: LlamaContextSequence,
  id: number,
  { request, prompt, room, grammar, abort }: Run,
): Promise<Ended> => {
  // A tool call is only told from prose once it is whole, so that text stays here until the end.
  const holds = request.mustCall !== undefined
  const out = outlet(request, holds, (text) => say({ type: 'text', id, text }))
  const written: Token[] = []
  const ended = (finishReason: FinishReason): Ended => ({
    ...concluded(id, { kept: out.end(), holds, reason: finishReason }),
    completionTokens: written.length,
  })
  const read = await prefill(sequence, prompt, abort.signal)
  if (read === undefined) return ended('aborted')
  const { model } = sequence
  const textOf = (tokens: Token[]): string =>
    model.detokenize(
      tokens,
      request.tools !== undefined,
      [...prompt.slice(-recentTokens), ...written].slice(-recentTokens - tokens.length, -tokens.length),
    )
  let unread: Token[] = []
  for await (const token of sequence.evaluate(read, sampling(model, request, grammar, written))) {
    written.push(token)
    unread.push(token)
    const text = textOf(unread)
    // A character may be spread over several tokens; until it is whole it reads as U+FFFD.
    if (!text.endsWith('\ufffd') || unread.length >= tokensPerCharacterMax) {
      unread = []
      if (out.push(text)) return ended('stop')
    }
    if (abort.signal.aborted) return ended('aborted')
    if (written.length >= room) return ended('length')
  }
  return ended('stop')
}

const recentTokens = 8
const tokensPerCharacterMax = 8

/**
 * Evaluates what the sequence does not hold yet of the prompt, but for its last token, a batch at a time, so that an abort is heard between two.
 * Resolves with that last token; undefined when aborted. (The library's own completion would read it in one go, cut a prompt that comes within a
 * hundred tokens of the context, and put a second BOS before a template that writes its own.)
 */
const prefill = async (sequence: LlamaContextSequence, prompt: Token[], signal: AbortSignal): Promise<Token[] | undefined> => {
  await sequence.adaptStateToTokens(prompt.slice(0, -1), false)
  for (let at = sequence.nextTokenIndex; at < prompt.length - 1; at += batchTokens) {
    if (signal.aborted) return undefined
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(at, Math.min(at + batchTokens, prompt.length - 1)))
  }
  return signal.aborted ? undefined : prompt.slice(-1)
}

const penalisedTokens = 256

const sampling = (
  model: LlamaModel,
  request: GenerateRequest,
  grammar: LlamaGrammar | undefined,
  written: Token[],
): SequenceEvaluateOptions => {
  const { temperature = 1, topP, seed, frequencyPenalty = 0, presencePenalty = 0 } = request
  return {
    temperature,
    // Without one the library takes the clock in seconds: two calls of one second would answer alike.
    seed: seed ?? randomInt(2 ** 32),
    ...(topP === undefined ? {} : { topP }),
    ...(grammar ? { grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }) } : {}),
    ...(frequencyPenalty === 0 && presencePenalty === 0
      ? {}
      : {
          repeatPenalty: { punishTokens: () => written.slice(-penalisedTokens), penalty: 1, frequencyPenalty, presencePenalty },
        }),
  }
}

/** Where text goes on its way out: past stop texts, then past the mark of a tool call, to the caller, or kept to the end. `push` says that it is over. */
const outlet = (request: GenerateRequest, holds: boolean, tell: (text: string) => void) => {
  const stops = stopFilter(request.stop)
  const toolMark = stopFilter(request.tools !== undefined && !holds ? [toolCallOpen] : [])
  const json = request.json !== undefined || holds ? jsonEnd() : undefined
  let kept = ''
  let over = false
  const emit = (text: string): void => {
    if (holds || kept !== '') kept += text
    else if (text !== '') tell(text)
  }
  const pass = (text: string): void => {
    if (kept !== '') return emit(text)
    const { out, stopped, rest } = toolMark.push(text)
    emit(out)
    if (stopped) kept = toolCallOpen + rest
  }
  return {
    push(piece: string): boolean {
      if (over) return true
      const whole = json?.(piece)
      const { out, stopped } = stops.push(whole ?? piece)
      pass(out)
      over = stopped || whole !== undefined
      if (whole !== undefined && !stopped) pass(stops.end())
      return over
    },
    end(): string {
      if (!over) pass(stops.end())
      if (kept === '') emit(toolMark.end())
      return kept
    },
  }
}

const concluded = (
  id: number,
  { kept, holds, reason }: { kept: string; holds: boolean; reason: FinishReason },
): Pick<Ended, 'finishReason' | 'toolCalls'> => {
  const call = holds ? parseCall(kept) : undefined
  const calls = holds ? call && [call] : kept === '' ? undefined : parseToolCalls(kept)?.calls
  if (calls) return { finishReason: 'tool_calls', toolCalls: calls }
  if (kept !== '') say({ type: 'text', id, text: kept }) // it began like a call and was none
  return { finishReason: reason }
}

process.on('message', (message: ToChild) => {
  switch (message.type) {
    case 'load':
      load(message).catch((error: unknown) =>
        say({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
      )
      return
    case 'generate':
      void generate(message.id, message.request)
      return
    case 'abort':
      running.get(message.id)?.abort()
      return
    case 'ping':
      say({ type: 'pong' })
      return
    default:
      message satisfies never
  }
})
// The parent is gone: so are we.
process.on('disconnect', () => process.exit(0))
