// The OpenAI-shaped door. Use cases raise the same problems as everywhere; here, and only here, they are told in OpenAI's words.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { filterFor } from '#policy'
import { allOf, refFor } from '#resources'
import type { Context } from '#platform/context.ts'
import { asProblem } from '#platform/http.ts'
import { keepDirect } from '#platform/inner.ts'
import { notFound, Problem, unavailable } from '#platform/problem.ts'
import { complete, findDeployment, type Completion } from './complete.ts'
import type { ToolCall } from './engine/protocol.ts'
import { forward } from './forward.ts'
import { ChatRequest } from './request.ts'
import { publicName, specOf } from './schema.ts'

const heartbeatMs = 15_000
const tags = ['inference']

const errorType = (status: number): string =>
  ({
    400: 'invalid_request_error',
    401: 'authentication_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'invalid_request_error',
    422: 'invalid_request_error',
    429: 'rate_limit_error',
  })[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error')

/** The codes OpenAI's clients know by name. */
const knownCodes: Record<string, string> = {
  'context-length-exceeded': 'context_length_exceeded',
  'not-found': 'model_not_found',
  'queue-full': 'rate_limit_exceeded',
}

const asOpenAi = ({ message, status, code, facts }: Problem) => ({
  error: {
    message: `${message}${faultsOf(facts)}`,
    type: errorType(status),
    param: typeof facts['param'] === 'string' ? facts['param'] : null,
    code: status === 401 ? 'invalid_api_key' : (knownCodes[code] ?? code),
  },
})

const faultsOf = (facts: Record<string, unknown>): string => {
  const faults = Array.isArray(facts['faults']) ? (facts['faults'] as { at: string; message: string }[]) : [] // written by asProblem
  return faults.length === 0
    ? ''
    : ` ${faults
        .slice(0, 5)
        .map(({ at, message }) => `${at}: ${message}`)
        .join('; ')}`
}

const answerFailure = (error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) => {
  const told = asProblem(error, request)
  return reply.code(told.status).headers(told.headers).type('application/json').serializer(JSON.stringify).send(asOpenAi(told))
}

const ModelCard = Type.Object({
  id: Type.String(),
  object: Type.Literal('model'),
  created: Type.Integer(),
  owned_by: Type.String(),
})

export const gatewayRoutes: FastifyPluginAsyncTypebox = async (app) => {
  keepDirect(app, 'an answer that was given is not taken back')
  app.setErrorHandler(answerFailure)

  app.get(
    '/models',
    {
      schema: {
        operationId: 'gatewayModels',
        summary: 'Deployments you may use, as OpenAI lists models',
        tags,
        response: { 200: Type.Object({ object: Type.Literal('list'), data: Type.Array(ModelCard) }) },
      },
    },
    async (request) => ({
      object: 'list' as const,
      data: await modelCards(request.ctx),
    }),
  )

  app.get(
    '/models/*',
    {
      schema: {
        operationId: 'gatewayModel',
        summary: 'One deployment you may use',
        tags,
        response: { 200: ModelCard },
      },
    },
    async (request) => {
      // The name may hold slashes, hence the wildcard; TypeBox cannot read a schema with a member called `*`, so it goes unchecked: it is only compared.
      const name = (request.params as { '*': string })['*']
      const found = (await modelCards(request.ctx)).find(({ id }) => id === name)
      if (!found) throw notFound(`No deployment ${JSON.stringify(name.slice(0, 200))} that you may use.`)
      return found
    },
  )

  app.post(
    '/chat/completions',
    { schema: { operationId: 'gatewayChat', summary: 'A chat completion, streamed or whole', tags, body: ChatRequest } },
    async (request, reply) => {
      const { ctx, body } = request
      const deployment = await findDeployment(ctx, body.model)
      if (specOf(deployment).engine === 'openai') return forward(ctx, deployment, body, reply)
      if (body.stream) return stream(ctx, body, reply)
      let answer = ''
      const done = await complete(ctx, body, {
        started: (receipt) => void reply.header('x-holdfast-receipt', receipt),
        text: (piece) => void (answer += piece),
      })
      if (done.finishReason === 'aborted') throw cutShort()
      return reply.send(whole(body, done, answer))
    },
  )
}

/** What may be invoked, in one decision per scope: `filterFor` says where, the tree says what lies there. */
const modelCards = async (ctx: Context) => {
  await filterFor(ctx, 'deployment.invoke')
  const cards = []
  for (const deployment of await allOf(ctx, 'deployment'))
    if (await ctx.permits('deployment.invoke', refFor(deployment)))
      cards.push({
        id: publicName(deployment),
        object: 'model' as const,
        created: Math.floor(Date.parse(deployment.createdAt) / 1000),
        owned_by: 'holdfast',
      })
  return cards
}

const seconds = (ctx: Context): number => Math.floor(ctx.now().getTime() / 1000)
const usageOf = ({ usage }: Completion) => ({
  prompt_tokens: usage.promptTokens,
  completion_tokens: usage.completionTokens,
  total_tokens: usage.promptTokens + usage.completionTokens,
})
const callOf =
  (receipt: string) =>
  ({ name, arguments: given }: ToolCall, index: number) => ({
    id: `call_${receipt.slice(6)}_${index}`,
    type: 'function' as const,
    function: { name, arguments: given },
  })

const whole = (body: ChatRequest, done: Completion, answer: string) => ({
  id: `chatcmpl-${done.receipt.slice(6)}`,
  object: 'chat.completion',
  created: Math.floor(Date.now() / 1000),
  model: body.model,
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: done.toolCalls ? answer || null : answer,
        ...(done.toolCalls ? { tool_calls: done.toolCalls.map(callOf(done.receipt)) } : {}),
      },
      finish_reason: done.finishReason,
      logprobs: null,
    },
  ],
  usage: usageOf(done),
  holdfast: { receipt: done.receipt },
})

/** Most often the client has left and nobody reads this; but when it is the site that stops, half an answer must not look like a whole one. */
const cutShort = () =>
  unavailable('The answer was cut short: the call was cancelled, or the site is stopping.', { headers: { 'retry-after': '5' } })

/** Chunks as OpenAI's clients expect them: role first, then text, then the reason, usage if asked for, and the end mark once the record is durable. */
const stream = async (ctx: Context, body: ChatRequest, reply: FastifyReply): Promise<void> => {
  const created = seconds(ctx)
  let id = ''
  let beat: NodeJS.Timeout | undefined
  const send = (choice: object | undefined, extra: object = {}) => {
    const chunk = {
      id: `chatcmpl-${id.slice(6)}`,
      object: 'chat.completion.chunk',
      created,
      model: body.model,
      choices: choice ? [{ index: 0, logprobs: null, ...choice }] : [],
      ...extra,
    }
    reply.raw.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  try {
    const done = await complete(ctx, body, {
      started: (receipt) => {
        id = receipt
        reply.hijack()
        reply.raw.writeHead(200, {
          ...(reply.getHeaders() as Record<string, string>),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-holdfast-receipt': receipt,
        }) // fastify holds them as it was given them
        beat = setInterval(() => reply.raw.write(': still here\n\n'), heartbeatMs)
        send({ delta: { role: 'assistant', content: '' }, finish_reason: null })
      },
      text: (content) => send({ delta: { content }, finish_reason: null }),
    })
    if (done.finishReason === 'aborted') throw cutShort()
    if (done.toolCalls)
      send({
        delta: { tool_calls: done.toolCalls.map((call, index) => ({ index, ...callOf(done.receipt)(call, index) })) },
        finish_reason: null,
      })
    send({ delta: {}, finish_reason: done.finishReason }, { holdfast: { receipt: done.receipt } })
    if (body.stream_options?.include_usage) send(undefined, { usage: usageOf(done) })
    reply.raw.end('data: [DONE]\n\n')
  } catch (error) {
    if (!reply.raw.headersSent) throw error
    // Headers are gone; the failure is said in the stream, and the stream ends without its end mark.
    const told = error instanceof Problem ? error : asProblem(error as FastifyError, reply.request)
    reply.raw.end(`data: ${JSON.stringify(asOpenAi(told))}\n\n`)
  } finally {
    clearInterval(beat)
  }
}
