// The engine children of this process, oldest first, as the kernel lists them.
import { readdirSync, readFileSync } from 'node:fs'

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // gone already
  }
}

export const enginePids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) =>
        Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) === process.pid &&
        read(`/proc/${pid}/cmdline`).includes('inference/engine/child.ts'),
    )
    .sort((a, b) => a - b)
