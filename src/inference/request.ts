// A chat completion as OpenAI's clients ask for it, checked and turned into what an engine takes.
// Form: OpenAI's "Create chat completion". Fields that say how to answer and are not supported are refused, not ignored.
import { Type, type Static } from 'typebox'
import { invalid, problem } from '#platform/problem.ts'
import type { GenerateRequest, Message, Tool } from './engine/protocol.ts'

export const unsupported = problem('unsupported', 400, 'Not supported here')

const messagesMax = 1024
const stopsMax = 8
const toolsMax = 128

const Part = Type.Object({ type: Type.String({ maxLength: 40 }), text: Type.Optional(Type.String()) })
const Content = Type.Union([Type.String(), Type.Null(), Type.Array(Part, { maxItems: 256 })])
const MessageIn = Type.Object({
  role: Type.Union([
    Type.Literal('system'),
    Type.Literal('developer'),
    Type.Literal('user'),
    Type.Literal('assistant'),
    Type.Literal('tool'),
  ]),
  content: Type.Optional(Content),
  name: Type.Optional(Type.String({ maxLength: 200 })),
  tool_call_id: Type.Optional(Type.String({ maxLength: 200 })),
  tool_calls: Type.Optional(Type.Array(Type.Unknown(), { maxItems: toolsMax })),
})
const ToolIn = Type.Object({
  type: Type.Literal('function'),
  function: Type.Object({
    name: Type.String({ pattern: '^[a-zA-Z0-9_-]{1,64}$' }),
    description: Type.Optional(Type.String({ maxLength: 4096 })),
    parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
})
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Optional(Type.Union([type, Type.Null()]))

export const ChatRequest = Type.Object({
  model: Type.String({ minLength: 1, maxLength: 500 }),
  messages: Type.Array(MessageIn, { minItems: 1, maxItems: messagesMax }),
  stream: maybe(Type.Boolean()),
  stream_options: maybe(Type.Object({ include_usage: Type.Optional(Type.Boolean()) })),
  temperature: maybe(Type.Number({ minimum: 0, maximum: 2 })),
  top_p: maybe(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
  seed: maybe(Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })),
  max_tokens: maybe(Type.Integer({ minimum: 1, maximum: 1_048_576 })),
  max_completion_tokens: maybe(Type.Integer({ minimum: 1, maximum: 1_048_576 })),
  stop: maybe(
    Type.Union([
      Type.String({ minLength: 1, maxLength: 200 }),
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: stopsMax }),
    ]),
  ),
  frequency_penalty: maybe(Type.Number({ minimum: -2, maximum: 2 })),
  presence_penalty: maybe(Type.Number({ minimum: -2, maximum: 2 })),
  n: maybe(Type.Integer()),
  logprobs: maybe(Type.Boolean()),
  response_format: maybe(
    Type.Object({
      type: Type.String(),
      json_schema: Type.Optional(Type.Object({ schema: Type.Optional(Type.Record(Type.String(), Type.Unknown())) })),
    }),
  ),
  tools: maybe(Type.Array(ToolIn, { maxItems: toolsMax })),
  tool_choice: maybe(
    Type.Union([Type.String(), Type.Object({ type: Type.Literal('function'), function: Type.Object({ name: Type.String() }) })]),
  ),
  user: maybe(Type.String({ maxLength: 500 })),
})
export type ChatRequest = Static<typeof ChatRequest>

export const refuseUnsupported = (request: ChatRequest): void => {
  const refuse = (param: string, text: string): never => {
    throw unsupported(text, { param })
  }
  if ((request.n ?? 1) !== 1) refuse('n', 'One answer is given per call: leave n out or set it to 1.')
  if (request.logprobs) refuse('logprobs', 'Log probabilities are not given here.')
  const part = request.messages
    .flatMap(({ content }) => (Array.isArray(content) ? content : []))
    .find(({ type }) => type !== 'text')
  if (part) refuse('messages', `Content of type ${JSON.stringify(part.type)} is not read here, only text.`)
}

/** What the engine is asked. `tools` says whether the model's template knows them. */
export const toGenerate = (
  request: ChatRequest,
  deployed: { tools: boolean; maxTokensDefault: number },
  tenant: string,
): GenerateRequest => {
  const tools = request.tool_choice === 'none' ? undefined : (request.tools ?? undefined)
  if (tools && tools.length > 0 && !deployed.tools)
    throw unsupported(
      "This model's chat template has no tools, so it cannot be given any. Choose a model whose passport says tools.",
      { param: 'tools' },
    )
  const maxTokens = request.max_completion_tokens ?? request.max_tokens
  const json = jsonForm(request)
  const mustCall = tools && mustCallOf(request, tools)
  return {
    messages: request.messages.map(toMessage),
    maxTokensDefault: deployed.maxTokensDefault,
    stop: request.stop == null ? [] : [request.stop].flat(),
    tenant,
    ...(tools && tools.length > 0 ? { tools } : {}),
    ...(mustCall ? { mustCall } : {}),
    ...(json ? { json } : {}),
    ...(maxTokens == null ? {} : { maxTokens }),
    ...(request.temperature == null ? {} : { temperature: request.temperature }),
    ...(request.top_p == null ? {} : { topP: request.top_p }),
    ...(request.seed == null ? {} : { seed: Math.abs(request.seed) % 2 ** 31 }),
    ...(request.frequency_penalty == null ? {} : { frequencyPenalty: request.frequency_penalty }),
    ...(request.presence_penalty == null ? {} : { presencePenalty: request.presence_penalty }),
  }
}

const jsonForm = ({ response_format }: ChatRequest): GenerateRequest['json'] => {
  if (!response_format || response_format.type === 'text') return undefined
  if (response_format.type === 'json_object') return 'object'
  const schema = response_format.json_schema?.schema
  if (response_format.type !== 'json_schema' || !schema)
    throw invalid('response_format is text, json_object, or json_schema with a schema in json_schema.schema.', {
      param: 'response_format',
    })
  return schema
}

const mustCallOf = ({ tool_choice }: ChatRequest, tools: Tool[]): string[] | undefined => {
  if (tool_choice == null || tool_choice === 'auto') return undefined
  const names = tools.map((tool) => tool.function.name)
  if (tool_choice === 'required') return names
  const name = typeof tool_choice === 'object' ? tool_choice.function.name : undefined
  if (name === undefined || !names.includes(name))
    throw invalid('tool_choice is none, auto, required, or names one of the given tools.', { param: 'tool_choice' })
  return [name]
}

/** Marks with which templates open and close turns. In a person's text they could end the person's turn and begin another's, so they are broken apart. */
const turnMarks = /<\|(?=[a-z_]{2,40}\|>)|<(?=\/?s>)|\[(?=\/?INST\])/g

const plain = (content: Static<typeof Content> | undefined): string => {
  const text = content == null ? '' : typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('')
  if (text.includes('\u0000')) throw invalid('A message holds a NUL character.', { param: 'messages' })
  return text.replaceAll(turnMarks, (mark) => `${mark}\u200b`)
}

const toMessage = ({ role, content, name, tool_call_id, tool_calls }: Static<typeof MessageIn>): Message => ({
  role: role === 'developer' ? 'system' : role,
  content: plain(content),
  ...(name === undefined ? {} : { name }),
  ...(tool_call_id === undefined ? {} : { tool_call_id }),
  ...(tool_calls === undefined ? {} : { tool_calls }),
})
