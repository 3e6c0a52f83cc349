// What a bench needs of processes: start one, wait until it answers, read the CPU time the kernel charged to it and its children.
import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100 // USER_HZ: fixed at 100 on every Linux that Node runs on
const pageKb = 4

export type Started = { readonly child: ChildProcess; readonly pid: number; stop(): Promise<void>; output(): string }

export const start = (command: string, args: string[], env: Record<string, string> = {}): Started => {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-20_000)))
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    child,
    pid: child.pid ?? -1,
    output: () => text,
    stop: async () => {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await gone
      clearTimeout(late)
    },
  }
}

/** Waits until `check` is true; throws with the program's own output when it ends first or takes too long. */
export const until = async (started: Started, check: () => Promise<boolean> | boolean, secondsMax: number): Promise<void> => {
  const deadline = performance.now() + secondsMax * 1000
  while (performance.now() < deadline) {
    if (started.child.exitCode !== null) throw new Error(`The program ended with ${started.child.exitCode}:\n${started.output()}`)
    if (await Promise.resolve(check()).catch(() => false)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`The program did not get ready in ${secondsMax} s:\n${started.output()}`)
}

type Stat = { pid: number; parent: number; name: string; cpuSeconds: number; residentMb: number }

const statOf = (pid: number): Stat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {
      pid,
      name,
      parent: Number(fields[1]),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      residentMb: (Number(fields[21]) * pageKb) / 1024,
    }
  } catch {
    return undefined // ended meanwhile
  }
}

/** The process and all its descendants. */
export const tree = (root: number): Stat[] => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(Number(pid)) ?? [])
  const members = new Set([root])
  for (let grew = true; grew;) {
    grew = false
    for (const { pid, parent } of all) if (members.has(parent) && !members.has(pid)) grew = Boolean(members.add(pid))
  }
  return all.filter(({ pid }) => members.has(pid))
}

export const cpuSeconds = (root: number, only?: (stat: Stat) => boolean): number =>
  tree(root)
    .filter(only ?? (() => true))
    .reduce((sum, stat) => sum + stat.cpuSeconds, 0)

/** Proportional set size: memory shared between processes is counted once. */
export const pssMb = (root: number, only?: (stat: Stat) => boolean): number =>
  tree(root)
    .filter(only ?? (() => true))
    .reduce((sum, { pid }) => {
      try {
        return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024
      } catch {
        return sum
      }
    }, 0)
