// Another OpenAI-compatible server, asked; and its streamed answer read, for those who want its words and not its bytes.
import http from 'node:http'
import https from 'node:https'
import type { Resource } from '#resources'
import type { Context } from '#platform/context.ts'
import { Problem, problem, unavailable } from '#platform/problem.ts'
import type { FinishReason } from './engine/protocol.ts'
import type { ChatRequest } from './request.ts'
import { specOf } from './schema.ts'

export const engineFailed = problem('engine-failed', 502, 'The engine failed')

const agents = {
  'http:': new http.Agent({ keepAlive: true, maxSockets: 1024 }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: 1024 }),
}
/** Without a byte for so long the upstream is taken to be dead. */
const silenceMsMax = 300_000

export const askUpstream = (ctx: Context, deployment: Resource, request: ChatRequest): Promise<http.IncomingMessage> => {
  const { baseUrl = '', upstreamModel, model } = specOf(deployment)
  const url = new URL(`${baseUrl.replace(/\/$/, '')}/chat/completions`)
  const secure = url.protocol === 'https:'
  const body = Buffer.from(
    JSON.stringify({
      ...request,
      model: upstreamModel ?? model,
      ...(request.stream ? { stream_options: { include_usage: true } } : {}),
    }),
  )
  return new Promise((resolve, reject) => {
    const sent = (secure ? https : http).request(url, {
      method: 'POST',
      agent: secure ? agents['https:'] : agents['http:'],
      timeout: silenceMsMax,
      signal: ctx.signal,
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        accept: request.stream ? 'text/event-stream' : 'application/json',
      },
    })
    sent.on('timeout', () => sent.destroy(new Error(`no byte for ${silenceMsMax / 1000} s`)))
    sent.on('error', (error) =>
      reject(
        engineFailed(`The upstream of ${deployment.name} cannot be reached: ${error.message}. Look whether it runs.`, {}, error),
      ),
    )
    sent.on('response', resolve)
    sent.end(body)
  })
}

const lineCharsMax = 1024 ** 2
const toldCharsMax = 300

type Reader = {
  started(): void
  text(piece: string): void
  usage(told: { promptTokens: number; completionTokens: number }): void
}
type Chunk = {
  choices?: { delta?: { content?: unknown }; finish_reason?: unknown }[]
  usage?: { prompt_tokens?: unknown; completion_tokens?: unknown } | null
  error?: { message?: unknown }
}

/** Tells the reader each piece as it comes. A call its caller left is no failure: what came until then stands. */
export const streamUpstream = async (
  ctx: Context,
  deployment: Resource,
  { request, reader }: { request: ChatRequest; reader: Reader },
): Promise<FinishReason> => {
  try {
    const response = await askUpstream(ctx, deployment, { ...request, stream: true })
    await refuseFailed(response, deployment)
    reader.started()
    return await readEvents(response, reader)
  } catch (error) {
    if (ctx.signal.aborted) return 'aborted'
    // A socket's error has a code; what has none is a defect of ours and no failure of theirs.
    if (error instanceof Problem || !(error instanceof Error && 'code' in error)) throw error
    throw engineFailed(`The upstream of ${deployment.name} broke off while it answered.`, {}, error)
  }
}

const refuseFailed = async (response: http.IncomingMessage, { name }: Resource): Promise<void> => {
  const status = response.statusCode ?? 502
  if (status < 400 && /event-stream/.test(response.headers['content-type'] ?? '')) return
  let said = ''
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) if (said.length < toldCharsMax) said += piece
  const told = said.slice(0, toldCharsMax)
  if (status === 429) throw unavailable(`The upstream of ${name} is busy: ${told}`, { headers: { 'retry-after': '5' } })
  throw engineFailed(
    status < 400 ? `The upstream of ${name} does not stream its answers.` : `The upstream of ${name} answered ${status}: ${told}`,
  )
}

const readEvents = async (response: http.IncomingMessage, reader: Reader): Promise<FinishReason> => {
  let ended: FinishReason | undefined
  for await (const data of eventsOf(response)) {
    if (data === '[DONE]') return ended ?? 'stop'
    const { choices, usage, error } = chunkOf(data)
    if (error) throw engineFailed(`The upstream failed while it answered: ${String(error.message).slice(0, toldCharsMax)}`)
    const piece = choices?.[0]?.delta?.content
    if (typeof piece === 'string' && piece !== '') reader.text(piece)
    if (usage) reader.usage({ promptTokens: countOf(usage.prompt_tokens), completionTokens: countOf(usage.completion_tokens) })
    const reason = choices?.[0]?.finish_reason
    if (typeof reason === 'string') ended = reason === 'length' ? 'length' : 'stop'
  }
  if (ended === undefined) throw engineFailed('The upstream ended before its answer did.')
  return ended
}

const countOf = (told: unknown): number => (Number.isSafeInteger(told) && Number(told) >= 0 ? Number(told) : 0)

const chunkOf = (data: string): Chunk => {
  try {
    const chunk: unknown = JSON.parse(data)
    if (typeof chunk === 'object' && chunk !== null) return chunk as Chunk // each member is looked at before it is used
  } catch {
    // told below
  }
  throw engineFailed('The upstream said something that is no answer in OpenAI’s form.')
}

/** The data of each server-sent event (WHATWG HTML, 9.2.6), one line each, as OpenAI's servers write them. */
async function* eventsOf(response: http.IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + piece).split(/\r?\n/)
    rest = lines.pop() ?? ''
    if (rest.length > lineCharsMax) throw engineFailed(`The upstream wrote a line of more than ${lineCharsMax} characters.`)
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim()
  }
}
