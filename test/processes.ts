// The engine children of this process, oldest first.
import { readdirSync, readFileSync } from 'node:fs'

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // gone already
  }
}

/** Process numbers come round again; the time of start does not (proc(5), stat, field 22). */
const startedTicks = (pid: number): number => Number(read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19] ?? 0)

export const enginePids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) =>
        Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) === process.pid &&
        read(`/proc/${pid}/cmdline`).includes('inference/engine/child.ts'),
    )
    .sort((a, b) => startedTicks(a) - startedTicks(b))
