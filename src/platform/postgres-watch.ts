// The database's process, held up: one that ends unasked is started again, with growing pauses, until it cannot be.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from './clock.ts'
import type { Logger } from './log.ts'
import { PostgresFault } from './postgres-fault.ts'

/** About a minute in all: who looks after the site hears of it while it can still be mended. */
const pausesMs = [0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]
/** A server that stood as long has overcome what felled it; the next fall is another matter. */
const steadyMs = 60_000
/** Trying again changes nothing about these. */
const hopeless = new Set(['damaged', 'version', 'permission', 'missing', 'root'])

export type Watched = {
  readonly pid: number
  /** Resolves when the server fell and cannot be started again. */
  readonly ended: Promise<PostgresFault>
  stop(): Promise<void>
}

export type Servant = {
  /** Starts the server anew; tells of the process before it is ready, so that it can be stopped on its way up. */
  start: (launched: (child: ChildProcess) => void) => Promise<ChildProcess>
  stop: (child: ChildProcess) => Promise<void>
}

export const holdUp = (first: ChildProcess, { start, stop }: Servant, log: Logger): Watched => {
  let child = first
  const stopping = new AbortController()
  const { promise: ended, resolve: giveUp } = Promise.withResolvers<PostgresFault>()
  const launched = (next: ChildProcess): void => {
    child = next
    if (stopping.signal.aborted) void stop(next)
  }
  /** Undefined when it stands; else why it does not. */
  const startOnce = async (): Promise<PostgresFault | undefined> => {
    try {
      child = await start(launched)
      return undefined
    } catch (error) {
      return error instanceof PostgresFault
        ? error
        : new PostgresFault('start', `PostgreSQL did not start: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const startAgain = async (falls: number): Promise<PostgresFault | undefined> => {
    let fault: PostgresFault | undefined
    for (const pauseMs of pausesMs.slice(falls)) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return undefined
      fault = await startOnce()
      if (!fault || hopeless.has(fault.code)) return fault
      log.error({ module: 'postgres', detail: fault.message }, 'the database could not be started again; trying once more')
    }
    return fault ?? new PostgresFault('falls', 'PostgreSQL was started again, and ended again, too often. Its own log says why.')
  }
  const watch = async (): Promise<void> => {
    for (let falls = 0; ; falls++) {
      const upMs = monotonicMs()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      if (stopping.signal.aborted) return
      if (monotonicMs() - upMs > steadyMs) falls = 0
      const { exitCode: code, signalCode: signal } = child
      log.error({ module: 'postgres', code, signal }, 'the database ended unasked; starting it again')
      const fault = await startAgain(falls)
      if (stopping.signal.aborted) return
      if (fault) return giveUp(fault)
      log.warn({ module: 'postgres', pid: child.pid }, 'the database answers again')
    }
  }
  const watching = watch()
  return {
    get pid() {
      return child.pid ?? -1
    },
    ended,
    stop: async () => {
      stopping.abort()
      await stop(child)
      await watching
    },
  }
}
