// The parent's end of an engine: loads it, asks it, stops it, and sees when it hangs.
import { startChild, type ChildExit } from '#platform/child.ts'
import type { Logger } from '#platform/log.ts'
import type { GenerateRequest, ToParent } from './protocol.ts'

export type EngineInfo = { contextTokens: number; tools: boolean }
export type EngineEvent = Extract<ToParent, { id: number }> | { type: 'gone'; message: string }

export type Engine = {
  readonly pid: number
  /** Resolves when the model is loaded; rejects with the reason when it cannot be. */
  readonly ready: Promise<EngineInfo>
  readonly exited: Promise<ChildExit>
  /** Events until `done`, `refused`, `crashed` or `gone`. Aborting lets the engine finish its batch and say `done` with what there was. */
  generate(request: GenerateRequest, signal: AbortSignal, onEvent: (event: EngineEvent) => void): void
  kill(): void
}

export type EngineOptions = {
  path: string
  contextTokens: number
  parallel: number
  threads: number
  memoryMbMax?: number
  name: string
  log: Logger
}

const pingMs = 5_000
/** A child that does not answer for so long is stuck in a template or in native code. */
const hangMsMax = 30_000
const loadMsMax = 600_000

export const startEngine = ({ path, contextTokens, parallel, threads, memoryMbMax, name, log }: EngineOptions): Engine => {
  const child = startChild({
    module: new URL('./child.ts', import.meta.url),
    name: `engine ${name}`,
    network: 'none',
    log,
    ...(memoryMbMax === undefined ? {} : { memoryMbMax }),
  })
  const calls = new Map<number, (event: EngineEvent) => void>()
  const ready = Promise.withResolvers<EngineInfo>()
  ready.promise.catch(() => {}) // whoever waits hears it; nobody waiting is no defect
  let nextId = 1
  let heardAtMs = performance.now()
  let loading = true
  const startedAtMs = heardAtMs
  child.onMessage((raw) => {
    const message = raw as ToParent // our own child's protocol
    heardAtMs = performance.now()
    if (message.type === 'pong') return
    if (message.type === 'ready') {
      loading = false
      return ready.resolve({ contextTokens: message.contextTokens, tools: message.tools })
    }
    if (message.type === 'failed') {
      ready.reject(new Error(message.message))
      return child.kill()
    }
    calls.get(message.id)?.(message)
    if (message.type === 'done' || message.type === 'refused' || message.type === 'crashed') calls.delete(message.id)
  })
  const watchdog = setInterval(() => {
    const limitMs = loading ? loadMsMax : hangMsMax
    if (performance.now() - (loading ? startedAtMs : heardAtMs) > limitMs) {
      log.error({ engine: name }, 'an engine does not answer and is ended')
      child.kill()
    } else if (!loading) child.send({ type: 'ping' })
  }, pingMs).unref()
  void child.exited.then((exit) => {
    clearInterval(watchdog)
    const why =
      exit.reason === 'memory'
        ? 'it took more memory than it may'
        : exit.signal
          ? `ended by ${exit.signal}`
          : `ended with code ${exit.code}`
    ready.reject(new Error(why))
    for (const tell of calls.values()) tell({ type: 'gone', message: why })
    calls.clear()
  })
  child.send({ type: 'load', path, contextTokens, parallel, threads })
  return {
    pid: child.pid,
    ready: ready.promise,
    exited: child.exited,
    kill: () => child.kill(),
    generate: (request, signal, onEvent) => {
      const id = nextId++
      const abort = () => child.send({ type: 'abort', id })
      calls.set(id, (event) => {
        if (event.type !== 'text' && event.type !== 'started') signal.removeEventListener('abort', abort)
        onEvent(event)
      })
      child.send({ type: 'generate', id, request })
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    },
  }
}
