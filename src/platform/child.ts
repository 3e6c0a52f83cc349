// Child processes for what may crash, hang or be hostile: engines, parsers of foreign files. No network, bounded memory, dead when we are.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Logger } from './log.ts'

export type ChildOptions = {
  /** TypeScript module to run. */
  module: URL | string
  name: string
  network: 'none' | 'loopback'
  args?: readonly string[]
  /** Resident memory above which the child is killed. */
  memoryMbMax?: number
  log: Logger
}

export type ChildExit = {
  code: number | null
  signal: NodeJS.Signals | null
  reason: 'exit' | 'memory' | 'killed'
  stderrTail: string
}

export type Child = {
  readonly pid: number
  send(message: unknown): void
  onMessage(handler: (message: unknown) => void): void
  readonly exited: Promise<ChildExit>
  /** Asks nothing: SIGKILL. A child holds no state that matters. */
  kill(): void
}

const memoryPollMs = 500
const stderrTailBytes = 4096

/** How this machine lets us put a child into a network namespace of its own: as root, through a user namespace, or not at all. */
let isolation: string[] | undefined
const isolate = (): string[] => {
  const ways = [['unshare', '-n', '--'], ['unshare', '-Urn', '--'], []]
  isolation ??=
    ways.find((way) => way.length === 0 || spawnSync(way[0]!, [...way.slice(1), 'true'], { stdio: 'ignore' }).status === 0) ?? []
  return isolation
}

/** True when children run in a namespace without a network; else only the guard inside Node holds them. */
export const childrenIsolated = (): boolean => isolate().length > 0

const preload = new URL('./egress-preload.ts', import.meta.url)

export const startChild = (options: ChildOptions): Child => {
  const modulePath = typeof options.module === 'string' ? options.module : fileURLToPath(options.module)
  const command = [
    ...(options.network === 'none' ? isolate() : []),
    // The kernel ends the child if we are killed without a chance to.
    'setpriv',
    '--pdeathsig',
    'KILL',
    '--',
    process.execPath,
    '--import',
    preload.href,
    modulePath,
    ...(options.args ?? []),
    `--network=${options.network}`,
  ]
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    // A child inherits no setting and no secret of ours.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', NODE_CHANNEL_SERIALIZATION_MODE: 'advanced' },
  })
  return watch(child, options)
}

const watch = (child: ChildProcess, { name, memoryMbMax, log }: ChildOptions): Child => {
  let reason: ChildExit['reason'] = 'exit'
  let tail = ''
  const handlers: ((message: unknown) => void)[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-stderrTailBytes)))
  child.on('message', (message) => {
    for (const handler of handlers) handler(message)
  })
  const poll =
    memoryMbMax === undefined
      ? undefined
      : setInterval(() => {
          if (residentMb(child.pid) <= memoryMbMax) return
          reason = 'memory'
          child.kill('SIGKILL')
        }, memoryPollMs).unref()
  const exited = new Promise<ChildExit>((resolve) => {
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      clearInterval(poll)
      resolve({ code, signal, reason, stderrTail: tail })
    }
    child.once('exit', finish)
    child.once('error', (error) => {
      tail = error.message
      finish(null, null)
    })
  })
  exited.then(
    (exit) => log.debug({ child: name, code: exit.code, signal: exit.signal, reason: exit.reason }, 'a child process ended'),
    () => {},
  )
  return {
    pid: child.pid ?? -1,
    // A message to a child that has just died is lost, as if it had died a moment later; `exited` tells.
    send: (message) => void (child.connected && child.send(message as object, () => {})),
    onMessage: (handler) => void handlers.push(handler),
    exited,
    kill: () => {
      if (reason === 'exit') reason = 'killed'
      child.kill('SIGKILL')
    },
  }
}

const pageBytes = 4096

export const residentMb = (pid: number | undefined): number => {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes) / 1024 ** 2
  } catch {
    return 0 // gone already
  }
}

/** One core stays with the control plane: with all of them an engine starves the door it answers through (measured). */
export const engineThreadsDefault = (): number => Math.max(1, availableParallelism() - 1)
