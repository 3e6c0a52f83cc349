// Bytes that moved, their rate and the time left, on one line of the terminal; nothing where there is none.
import { bytes, duration } from './output.ts'

const shownEveryMs = 100

export type Progress = {
  readonly moved: (count: number) => void
  readonly named: (what: string) => void
  readonly done: () => { bytes: number; seconds: number }
}

export const progress = (totalBytes: number): Progress => {
  const startedMs = performance.now()
  let sum = 0
  let name = ''
  let shownMs = -Infinity
  const draw = () => {
    if (!process.stderr.isTTY || performance.now() - shownMs < shownEveryMs) return
    shownMs = performance.now()
    const rate = sum / Math.max(0.001, (performance.now() - startedMs) / 1000)
    const left = rate > 0 ? `, ${duration((totalBytes - sum) / rate)} left` : ''
    process.stderr.write(`\r\u001b[K  ${bytes(sum)} of ${bytes(totalBytes)}, ${bytes(rate)}/s${left}  ${name}`)
  }
  return {
    moved: (count) => {
      sum += count
      draw()
    },
    named: (what) => {
      name = what
      draw()
    },
    done: () => {
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
      return { bytes: sum, seconds: (performance.now() - startedMs) / 1000 }
    },
  }
}
