// Calls for another OpenAI-compatible server: its bytes go through unparsed, so that a call costs what a socket costs and not what a parser does.
import type http from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Resource } from '#resources'
import { monotonicMs } from '#platform/clock.ts'
import type { Context } from '#platform/context.ts'
import { openCall, recorded, settle, type Call, type Progress } from './complete.ts'
import { refuseUnsupported, type ChatRequest } from './request.ts'
import { runnerOf } from './supervisor.ts'
import { askUpstream, engineFailed } from './upstream.ts'

const answerBytesMax = 32 * 1024 ** 2
const tailBytes = 16 * 1024
const doneMark = Buffer.from('data: [DONE]')

/** Answers the request itself; resolves when reply and record are complete. */
export const forward = async (ctx: Context, deployment: Resource, request: ChatRequest, reply: FastifyReply): Promise<void> => {
  const call = openCall(ctx, deployment, request)
  try {
    await recorded(call, (progress) => pass(call, request, { reply, progress }))
  } catch (error) {
    if (!reply.raw.headersSent) throw error
    reply.raw.end(
      `data: ${JSON.stringify({ error: { message: 'The upstream failed while it answered.', type: 'server_error', code: 'engine-failed' } })}\n\n`,
    )
  }
}

const pass = async (
  call: Call,
  request: ChatRequest,
  { reply, progress }: { reply: FastifyReply; progress: Progress },
): Promise<void> => {
  const { ctx, deployment } = call
  refuseUnsupported(request)
  const leave = await runnerOf(ctx.site, deployment).queue.enter(ctx.signal)
  progress.queueMs = monotonicMs() - call.startedMs
  try {
    const response = await askUpstream(ctx, deployment, request)
    const answered = response.statusCode ?? 502
    progress.ttftMs = monotonicMs() - call.startedMs
    void reply.header('x-holdfast-receipt', call.receipt)
    const isStream = /event-stream/.test(response.headers['content-type'] ?? '')
    const { last, tail } = isStream ? await pipeStream(response, reply, progress) : await collect(response, progress)
    progress.usage = usageIn(tail)
    await settle(call, progress, {
      outcome: answered < 400 ? 'done' : 'failed',
      finishReason: answered < 400 ? 'stop' : `upstream ${answered}`,
    })
    if (isStream) reply.raw.end(last)
    else
      await reply
        .code(answered < 400 ? 200 : answered === 429 ? 429 : answered < 500 ? 400 : 502)
        .type('application/json')
        .send(last)
  } finally {
    leave()
  }
}

const collect = async (response: http.IncomingMessage, progress: Progress): Promise<{ last: Buffer; tail: string }> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerBytesMax) throw engineFailed(`The upstream's answer is larger than ${answerBytesMax} bytes.`)
    chunks.push(chunk)
  }
  const last = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  progress.text = last.toString('latin1')
  return { last, tail: last.subarray(-tailBytes).toString('utf8') }
}

/** How many of the last bytes may be the beginning of the end mark; an event's own end is never held back. */
const markBegun = (bytes: Buffer): number => {
  const from = Math.max(0, bytes.length - doneMark.length + 1)
  for (let at = bytes.indexOf(doneMark[0]!, from); at >= 0; at = bytes.indexOf(doneMark[0]!, at + 1))
    if (doneMark.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return bytes.length - at
  return 0
}

/** Passes on all but the end mark, which waits for the record. What could be the beginning of the mark is held until it is clear. */
const pipeStream = async (
  response: http.IncomingMessage,
  reply: FastifyReply,
  progress: Progress,
): Promise<{ last: Buffer; tail: string }> => {
  reply.hijack()
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
  }) // fastify holds them as it was given them
  let held: Buffer = Buffer.alloc(0)
  let tail = ''
  const parts: string[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const text = chunk.toString('latin1')
    parts.push(text)
    tail = (tail + text).slice(-tailBytes)
    const whole = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const mark = whole.indexOf(doneMark)
    const cut = mark >= 0 ? mark : whole.length - markBegun(whole)
    if (cut > 0 && !reply.raw.write(whole.subarray(0, cut))) await drained(reply)
    held = whole.subarray(cut)
  }
  progress.text = parts.join('')
  return { last: held, tail }
}

const slowReaderMsMax = 60_000

const drained = (reply: FastifyReply): Promise<void> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(engineFailed('The client reads too slowly.')), slowReaderMsMax)
    const done = () => {
      clearTimeout(late)
      resolve()
    }
    reply.raw.once('drain', done).once('close', done)
  })

const usageIn = (tail: string): { promptTokens: number; completionTokens: number } => {
  const at = tail.lastIndexOf('"usage"')
  const read = (name: string) => Number(new RegExp(`"${name}"\\s*:\\s*(\\d{1,9})`).exec(tail.slice(Math.max(0, at)))?.[1] ?? 0)
  return at < 0
    ? { promptTokens: 0, completionTokens: 0 }
    : { promptTokens: read('prompt_tokens'), completionTokens: read('completion_tokens') }
}
