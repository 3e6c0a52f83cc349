// What a crash leaves behind: a server or backends that still end, and a pid file that names a process which is gone or, after a power cut, a stranger.
import { readFileSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from './log.ts'
import { PostgresFault } from './postgres-fault.ts'

const askedMsMax = 20_000
const pollMs = 25

/** Ends what still works in the data folder and removes the files that name its process. The caller holds the home, so whatever is there is of a former life. */
export const endFormerServer = async ({ data, host }: { data: string; host: string }, log: Logger): Promise<void> => {
  const pidFile = join(data, 'postmaster.pid')
  const pid = postmasterOf(pidFile)
  if (pid === undefined) return
  const folder = realpathSync(data)
  const startedMs = performance.now()
  let said: NodeJS.Signals | undefined
  for (let holders = workingIn(folder); holders.length > 0; holders = workingIn(folder)) {
    const waitedMs = performance.now() - startedMs
    const say = waitedMs < askedMsMax ? 'SIGINT' : 'SIGQUIT' // a clean shutdown; later, one that leaves recovery to the next start
    if (holders.includes(pid) && said !== say) {
      log.warn({ pid, signal: say }, 'a database server of a former run is still there; ending it')
      process.kill(pid, say)
      said = say
    }
    // Backends whose server is gone leave by themselves when their query ends; one that does not end is ended.
    if (!holders.includes(pid) && say === 'SIGQUIT' && said !== say) {
      for (const orphan of holders) process.kill(orphan, say)
      said = say
    }
    if (waitedMs > askedMsMax * 2)
      throw new PostgresFault(
        'orphan',
        `Processes of a former run (${holders.join(', ')}) still hold ${data}. End them, then start again.`,
      )
    await sleep(pollMs)
  }
  // PostgreSQL would refuse to start while any process has that number, were it a stranger or not yet reaped.
  rmSync(pidFile, { force: true })
  rmSync(join(host, '.s.PGSQL.5432.lock'), { force: true })
}

const postmasterOf = (pidFile: string): number | undefined => {
  try {
    return Number(readFileSync(pidFile, 'utf8').split('\n')[0])
  } catch {
    return undefined
  }
}

/** Postmaster and backends all have the data as their working folder. */
const workingIn = (folder: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readlinkSync(`/proc/${name}/cwd`) === folder
      } catch {
        return false // ended, or another user's
      }
    })
    .map(Number)
