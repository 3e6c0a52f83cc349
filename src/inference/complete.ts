// One call: found, decided, queued, answered, recorded. The answer streams while it is made; the call ends only when its record is durable.
import { recordAlone, type EntryId, type Outcome } from '#audit'
import { findByName, refFor, type Resource } from '#resources'
import { monotonicMs } from '#platform/clock.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { canonicalJson, type Json } from '#platform/json.ts'
import { forbidden, invalid, notFound, problem, Problem, unavailable } from '#platform/problem.ts'
import type { EngineEvent } from './engine/engine.ts'
import type { FinishReason, GenerateRequest, ToolCall } from './engine/protocol.ts'
import { countCall } from './measure.ts'
import { refuseUnsupported, toGenerate, type ChatRequest } from './request.ts'
import { deploymentDefaults, specOf } from './schema.ts'
import { runnerOf, runningAs, startingProblem, type Runner } from './supervisor.ts'
import { engineFailed, streamUpstream } from './upstream.ts'

export const contextOverflow = problem('context-length-exceeded', 400, 'The context of the model is too small')
export const notDeployed = problem('model-not-deployed', 404, 'The model is not deployed')

export type Usage = { promptTokens: number; completionTokens: number }
export type Completion = {
  receipt: EntryId
  finishReason: FinishReason
  usage: Usage
  toolCalls?: ToolCall[]
  totalMs: number
  ttftMs: number | undefined
}
/** Where the answer goes as it is made. `started` comes once, when the engine has accepted the call. */
export type Sink = { started(receipt: EntryId): void; text(piece: string): void }

/** The deployment a client names, decided: by name at the root, or by path. */
export const findDeployment = async (ctx: Context, model: string): Promise<Resource> => {
  const slash = model.lastIndexOf('/')
  const [scope, name] = slash < 0 ? ['/', model] : [`/${model.slice(0, slash)}`, model.slice(slash + 1)]
  const deployment = runningAs(ctx.site, scope, name) ?? (await findByName(ctx, 'deployment', scope, name))
  if (deployment) {
    const on = refFor(deployment)
    await ctx.authorize('deployment.invoke', on).catch(async (error: unknown) => {
      const refused = error instanceof Problem && error.code === forbidden.code
      // Who may not read it is not told that there is one of that name.
      throw refused && !(await ctx.permits('deployment.read', on)) ? unknown(model) : error
    })
    return deployment
  }
  await ctx.permits('deployment.invoke', { kind: 'deployment' })
  const known = await findByName(ctx, 'model', scope, name)
  if (known && (await ctx.permits('model.read', refFor(known))))
    throw notDeployed(
      `${model} is a model here, but no deployment runs it under that name. Deploy it first: \`holdfast deployment create ${name} --model ${name}\`.`,
    )
  throw unknown(model)
}

const unknown = (model: string) =>
  notFound(`No deployment is called ${JSON.stringify(model.slice(0, 200))}. See /v1/models for those you may use.`)

export type Call = {
  ctx: Context
  deployment: Resource
  receipt: EntryId
  startedMs: number
  streamed: boolean
  params: Record<string, Json>
  prompt: string
}

/** What every engine's calls have in common: the receipt's id chosen up front, the prompt's text for its HMAC. */
export const openCall = (ctx: Context, deployment: Resource, request: ChatRequest): Call => ({
  ctx,
  deployment,
  receipt: newId('entry', ctx.now()),
  startedMs: monotonicMs(),
  streamed: request.stream === true,
  params: paramsOf(request),
  prompt: canonicalJson(request.messages as unknown as Json), // parsed from JSON
})

const paramsOf = (request: ChatRequest): Record<string, Json> => {
  const kept = ['temperature', 'top_p', 'seed', 'max_tokens', 'max_completion_tokens'] as const
  return Object.fromEntries(kept.flatMap((name) => (request[name] == null ? [] : [[name, request[name]]])))
}

export const complete = async (ctx: Context, request: ChatRequest, sink: Sink): Promise<Completion> => {
  const call = openCall(ctx, await findDeployment(ctx, request.model), request)
  return recorded(call, (progress) => run(call, request, { sink, progress }))
}

/** Whatever becomes of a call that policy permitted, it is recorded: a refusal before the engine worked, too, is an answer someone got. */
export const recorded = async <T>(call: Call, run: (progress: Progress) => Promise<T>): Promise<T> => {
  const progress: Progress = { text: '', usage: { promptTokens: 0, completionTokens: 0 }, ttftMs: undefined, queueMs: 0 }
  try {
    return await run(progress)
  } catch (error) {
    if (!progress.settled)
      await settle(call, progress, {
        outcome: call.ctx.signal.aborted ? 'cancelled' : 'failed',
        finishReason: error instanceof Problem ? error.code : 'defect',
      })
    throw error
  }
}

const run = async (
  call: Call,
  request: ChatRequest,
  { sink, progress }: { sink: Sink; progress: Progress },
): Promise<Completion> => {
  const { ctx, deployment } = call
  refuseUnsupported(request)
  const runner = runnerOf(ctx.site, deployment)
  const answer = answerOf(call, request, { runner, sink, progress })
  const leave = await runner.queue.enter(ctx.signal)
  progress.queueMs = monotonicMs() - call.startedMs
  try {
    const { finishReason, toolCalls } = await answer()
    await settle(call, progress, { outcome: finishReason === 'aborted' ? 'cancelled' : 'done', finishReason })
    return {
      receipt: call.receipt,
      finishReason,
      usage: progress.usage,
      totalMs: monotonicMs() - call.startedMs,
      ttftMs: progress.ttftMs,
      ...(toolCalls ? { toolCalls } : {}),
    }
  } finally {
    leave()
  }
}

type Answer = { finishReason: FinishReason; toolCalls?: ToolCall[] }
type Ways = { runner: Runner; sink: Sink; progress: Progress }

/** How this deployment answers. What can be refused is refused here, before a place in the queue is taken. */
const answerOf = (call: Call, request: ChatRequest, { runner, sink, progress }: Ways): (() => Promise<Answer>) => {
  const { ctx, deployment } = call
  const spec = { ...deploymentDefaults, ...specOf(deployment) }
  if (spec.engine === 'openai') return () => askAfar(call, request, { sink, progress })
  if (!runner.engine || runner.status.state !== 'ready') throw startingProblem(deployment, runner.status)
  const ask = toGenerate(request, { tools: runner.status.tools ?? false, maxTokensDefault: spec.maxTokensDefault }, ctx.actor.id)
  return () => generate(call, runner, { ask, sink, progress })
}

const hear = (call: Call, { sink, progress }: Pick<Ways, 'sink' | 'progress'>, piece: string): void => {
  progress.ttftMs ??= monotonicMs() - call.startedMs
  progress.text += piece
  progress.usage.completionTokens++ // exact at the end; by pieces until then, for a call that is cut off
  sink.text(piece)
}

const askAfar = async (call: Call, request: ChatRequest, to: Pick<Ways, 'sink' | 'progress'>): Promise<Answer> => ({
  finishReason: await streamUpstream(call.ctx, call.deployment, {
    request,
    reader: {
      started: () => to.sink.started(call.receipt),
      text: (piece) => hear(call, to, piece),
      usage: (told) => void (to.progress.usage = told),
    },
  }),
})

export type Progress = { text: string; usage: Usage; ttftMs: number | undefined; queueMs: number; settled?: boolean }

const generate = (
  call: Call,
  runner: Runner,
  { ask, sink, progress }: { ask: GenerateRequest; sink: Sink; progress: Progress },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const engine = runner.engine
    if (!engine) return reject(startingProblem(runner.deployment, runner.status))
    const onEvent = (event: EngineEvent): void => {
      switch (event.type) {
        case 'started':
          progress.usage.promptTokens = event.promptTokens
          return sink.started(call.receipt)
        case 'text':
          return hear(call, { sink, progress }, event.text)
        case 'done':
          progress.usage = { promptTokens: event.promptTokens, completionTokens: event.completionTokens }
          if (event.toolCalls) progress.text += canonicalJson(event.toolCalls as unknown as Json) // plain data
          return resolve({ finishReason: event.finishReason, ...(event.toolCalls ? { toolCalls: event.toolCalls } : {}) })
        case 'refused':
          return reject(
            event.code === 'context-overflow'
              ? contextOverflow(event.message, { param: 'messages', ...event.facts })
              : invalid(event.message, { param: event.code === 'bad-schema' ? 'response_format' : 'messages' }),
          )
        case 'crashed':
          return reject(engineFailed(`The engine could not answer: ${event.message.slice(0, 300)}`))
        case 'gone':
          return reject(
            unavailable(`The engine ended while it answered (${event.message}). It is being started again.`, {
              headers: { 'retry-after': '5' },
            }),
          )
        default:
          event satisfies never
      }
    }
    engine.generate(ask, call.ctx.signal, (event) => {
      try {
        onEvent(event)
      } catch (error) {
        // What the sink throws belongs to this call, not to the process.
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })

/** Writes the call's record, and with it the HMACs of what was asked and answered: a plain hash of a short text could be guessed. */
export const settle = async (
  call: Call,
  progress: Progress,
  ended: { outcome: Outcome; finishReason: string },
): Promise<void> => {
  const { ctx, deployment } = call
  const { site } = ctx
  const spec = specOf(deployment)
  progress.settled = true
  const totalMs = Math.round(monotonicMs() - call.startedMs)
  countCall(site, { outcome: ended.outcome, usage: progress.usage, totalMs, queueMs: progress.queueMs, ttftMs: progress.ttftMs })
  const facts = {
    deployment: deployment.name,
    engine: spec.engine ?? 'llama',
    model:
      typeof deployment.status?.['modelDigest'] === 'string'
        ? deployment.status['modelDigest']
        : (spec.upstreamModel ?? spec.model),
    params: call.params,
    streamed: call.streamed,
    usage: progress.usage,
    finishReason: ended.finishReason,
    queueMs: Math.round(progress.queueMs),
    ...(progress.ttftMs === undefined ? {} : { ttftMs: Math.round(progress.ttftMs) }),
    totalMs,
    promptHmac: site.secrets.hmac('prompt', call.prompt).toString('hex'),
    answerHmac: site.secrets.hmac('answer', progress.text).toString('hex'),
  }
  const sealed =
    spec.recordContent === 'sealed'
      ? { sealed: { subject: ctx.actor.id, content: { prompt: call.prompt, answer: progress.text } } }
      : {}
  const on = { kind: 'deployment', id: deployment.id, scope: deployment.scopeId }
  await recordAlone(ctx, 'deployment.invoke', on, facts, { id: call.receipt, outcome: ended.outcome, ...sealed })
}
