// An engine: one model in a process of its own, without network. It may crash, hang or be killed; nothing is lost but the answers under way.
import { Template } from '@huggingface/jinja'
import {
  getLlama,
  LlamaCompletion,
  LlamaLogLevel,
  type Llama,
  type LlamaContextSequence,
  type LlamaGrammar,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp'
import type { FinishReason, GenerateRequest, ToChild, ToParent, ToolCall } from './protocol.ts'
import { parseCall, parseToolCalls, stopFilter, toolCallOpen } from './text.ts'

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
          properties: { name: { const: tool.function.name }, arguments: tool.function.parameters ?? { type: 'object' } },
        }))
      return await llama.createGrammarForJsonSchema((forms.length === 1 ? forms[0]! : { oneOf: forms }) as never) // the library checks the schema itself
    }
    if (json === 'object') return await llama.getGrammarFor('json')
    return json && (await llama.createGrammarForJsonSchema(json as never)) // the library checks the schema itself
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
  const completion = new LlamaCompletion({ contextSequence: sequence, autoDisposeSequence: false })
  // A tool call is only told from prose once it is whole, so that text stays here until the end.
  const holds = request.mustCall !== undefined
  const mayCall = request.tools !== undefined && !holds
  const stops = stopFilter(request.stop)
  const toolMark = stopFilter(mayCall ? [toolCallOpen] : [])
  let completionTokens = 0
  let stopped = false
  let kept = ''
  const emit = (text: string) => {
    if (text === '') return
    if (holds || kept !== '') kept += text
    else say({ type: 'text', id, text })
  }
  const pass = (text: string) => {
    if (kept !== '') return emit(text)
    const { out, stopped: called } = toolMark.push(text)
    emit(out)
    if (called) kept = toolCallOpen + text.slice(text.lastIndexOf(toolCallOpen) + toolCallOpen.length)
  }
  try {
    const { metadata } = await completion.generateCompletionWithMeta(prompt, {
      maxTokens: room,
      temperature: request.temperature ?? 1,
      ...(request.topP === undefined ? {} : { topP: request.topP }),
      ...(request.seed === undefined ? {} : { seed: request.seed }),
      ...(request.frequencyPenalty === undefined && request.presencePenalty === undefined
        ? {}
        : {
            repeatPenalty: {
              penalty: 1,
              frequencyPenalty: request.frequencyPenalty ?? 0,
              presencePenalty: request.presencePenalty ?? 0,
            },
          }),
      ...(grammar ? { grammar } : {}),
      signal: abort.signal,
      stopOnAbortSignal: true,
      onToken: (tokens) => void (completionTokens += tokens.length),
      onTextChunk: (piece) => {
        if (stopped) return
        const { out, stopped: met } = stops.push(piece)
        pass(out)
        if (!met) return
        stopped = true
        abort.abort()
      },
    })
    if (!stopped) pass(stops.end())
    if (kept === '') emit(toolMark.end())
    const reason: FinishReason = stopped
      ? 'stop'
      : metadata.stopReason === 'abort'
        ? 'aborted'
        : metadata.stopReason === 'maxTokens'
          ? 'length'
          : 'stop'
    return { ...concluded(id, { kept, holds, reason }), completionTokens }
  } finally {
    completion.dispose()
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
