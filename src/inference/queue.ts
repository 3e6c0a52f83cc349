// Who may use an engine now, and who waits in which place. As many at once as the engine batches; a bounded line behind them; first come, first served.
import { Problem, problem } from '#platform/problem.ts'

export const queueFull = problem('queue-full', 429, 'The queue is full')
export const cancelledWaiting = problem('cancelled', 499, 'Cancelled while waiting')
const retrySecondsMax = 300
const secondsGuess = 5

type Waiting = { start: () => void; cancel: (reason: unknown) => void }

export type Queue = {
  /** Resolves with the way out when it is one's turn; rejects at once with `queue-full`, or when `signal` aborts. */
  enter(signal: AbortSignal): Promise<() => void>
  state(): { running: number; waiting: number }
  /** Refuses all who wait. */
  clear(problem: Problem): void
}

export const createQueue = ({
  slots,
  waitingMax,
  onChange,
}: {
  slots: number
  waitingMax: number
  onChange?: () => void
}): Queue => {
  let running = 0
  let averageSeconds = secondsGuess
  const line: Waiting[] = []

  const leave = (startedMs: number) => {
    let left = false
    return () => {
      if (left) return
      left = true
      averageSeconds = averageSeconds * 0.8 + ((performance.now() - startedMs) / 1000) * 0.2
      running--
      line.shift()?.start()
      onChange?.()
    }
  }
  const begin = (): (() => void) => {
    running++
    onChange?.()
    return leave(performance.now())
  }
  const wait = (signal: AbortSignal) =>
    new Promise<() => void>((resolve, reject) => {
      const gone = () => {
        line.splice(line.indexOf(waiting), 1)
        onChange?.()
        reject(cancelledWaiting('The caller went away before its turn.'))
      }
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener('abort', gone)
          resolve(begin())
        },
        cancel: (reason) => {
          signal.removeEventListener('abort', gone)
          reject(reason)
        },
      }
      line.push(waiting)
      onChange?.()
      signal.addEventListener('abort', gone, { once: true })
    })

  return {
    async enter(signal) {
      if (signal.aborted) throw cancelledWaiting('The caller went away before its turn.')
      if (running < slots) return begin()
      if (line.length >= waitingMax) {
        const seconds = Math.min(retrySecondsMax, Math.max(1, Math.ceil(((line.length + 1) / slots) * averageSeconds)))
        throw queueFull(
          `${running} calls run and ${line.length} wait, as many as this deployment takes. You would be number ${line.length + 1}. Try again in about ${seconds} s.`,
          {
            position: line.length + 1,
            retryAfterSeconds: seconds,
            headers: { 'retry-after': String(seconds), 'x-queue-position': String(line.length + 1) },
          },
        )
      }
      return wait(signal)
    },
    state: () => ({ running, waiting: line.length }),
    clear: (reason) => {
      for (const waiting of line.splice(0)) waiting.cancel(reason)
    },
  }
}
