// The process: settings, database, TLS, rooms, listen; and down again in the opposite order.
import * as identity from '#identity'
import { parseConfig, settings, wantsDetail, type Config } from '#platform/config.ts'
import { systemContext } from '#platform/context.ts'
import { createPool, type Connection } from '#platform/db.ts'
import { installEgressGuard } from '#platform/egress.ts'
import { createLog, type Logger } from '#platform/log.ts'
import { migrate } from '#platform/migrate.ts'
import { makeFolder } from '#platform/files.ts'
import { claimHome, requireHome } from '#platform/home.ts'
import { startPostgres } from '#platform/postgres.ts'
import { stopEach, type Stop } from '#platform/stops.ts'
import { caPath, serverCertificate } from '#platform/tls.ts'
import { createApp, version, type App } from './app.ts'
import { startFault } from './start-fault.ts'

/** Tells what happens on the terminal; stdout carries the one line people need, and nothing else. */
const tell = (text: string): void => void process.stderr.write(`${text}\n`)

type Lost = (why: Error) => void

const startDatabase = async (config: Config, log: Logger, stops: Stop[], lost: Lost = () => {}): Promise<Connection> => {
  if (config.databaseUrl !== undefined) return config.databaseUrl
  const postgres = await startPostgres({ home: config.home, assetsDir: config.assets, log })
  stops.unshift(() => postgres.stop())
  void postgres.ended.then(lost)
  return postgres.connection
}

const up = async (config: Config): Promise<void> => {
  const log = createLog(config.logLevel)
  const stops: Stop[] = []
  const stopAll = () => stopEach(stops.splice(0))
  stopOnSignals(stopAll)
  try {
    makeFolder(config.home, 0o700)
    const claim = await claimHome(config.home, version)
    stops.unshift(async () => claim.release())
    const app = await startSite(config, log, stops, endWithoutDatabase(stopAll))
    await announce(config, app)
  } catch (error) {
    await stopAll().catch(() => {}) // the first fault is the one to tell
    throw error
  }
}

const endMsMax = 20_000

/** Without its database a site can answer nothing: it ends, and says so where the next who looks will read it. */
const endWithoutDatabase =
  (stopAll: () => Promise<void>): Lost =>
  (why) => {
    tell(`The database ended and could not be started again, so the site ends.\n${why.message}`)
    const end = (): never => process.exit(1)
    setTimeout(end, endMsMax)
    stopAll().then(end, end) // what has to be written last cannot be, and is not lost: it was never acknowledged
  }

const startSite = async (config: Config, log: Logger, stops: Stop[], lost: Lost): Promise<App> => {
  const databaseHost = config.databaseUrl === undefined ? [] : [new URL(config.databaseUrl).hostname]
  installEgressGuard({
    allow: [...config.allowHosts, ...databaseHost],
    onAttempt: (attempt) => log.error({ ...attempt }, 'something tried to leave the site and was refused'),
  })
  const pool = createPool(await startDatabase(config, log, stops, lost))
  stops.unshift(() => pool.end())
  await migrate(pool)
  const tls = await serverCertificate(config, new Date())
  const app = await createApp({ config, pool, log, ...(tls ? { tls } : {}) })
  stops.unshift(() => app.stop())
  await app.start()
  await app.http.listen({ host: config.host, port: config.port })
  return app
}

const announce = async (config: Config, app: App): Promise<void> => {
  const address = new URL(config.publicUrl)
  const listening = app.http.server.address()
  if (config.port === 0 && listening && typeof listening === 'object') address.port = String(listening.port)
  const ca = caPath(config)
  if (ca !== undefined) tell(`Browsers and clients that shall trust this site need the certificate of its CA: ${ca}`)
  const token = await identity.issueSetupToken(systemContext(app.site, 'setup'))
  const where = token === undefined ? address.href : new URL(`/setup?token=${token}`, address).href
  process.stdout.write(token === undefined ? `Holdfast is up: ${where}\n` : `Holdfast is up. Set it up once at ${where}\n`)
}

const stopOnSignals = (stopAll: () => Promise<void>): void => {
  let asked = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (asked++ > 0) process.exit(130)
      tell('Stopping…')
      stopAll().then(
        () => process.exit(0),
        (error: unknown) => {
          tell(`Stopped, but not cleanly: ${error instanceof Error ? error.message : String(error)}`)
          process.exit(1)
        },
      )
    })
}

const printSettings = (): void => {
  for (const { name, meaning, default: standard } of Object.values(settings))
    process.stdout.write(`${name.padEnd(28)} ${meaning}${standard === '' ? '' : ` [${standard}]`}\n`)
}

/** A one-time link for someone who lost every way in; whoever can run this holds the home anyway. */
const recover = async (config: Config, username: string): Promise<void> => {
  const log = createLog('warn')
  const stops: Stop[] = []
  requireHome(config.home)
  try {
    const claim = await claimHome(config.home, version)
    stops.unshift(async () => claim.release())
    const pool = createPool(await startDatabase(config, log, stops))
    stops.unshift(() => pool.end())
    await migrate(pool)
    const app = await createApp({ config, pool, log })
    stops.unshift(() => app.stop())
    await app.start({ engines: false })
    const token = await identity.issueRecoveryToken(systemContext(app.site, 'recover'), username)
    process.stdout.write(`Start the site, then open ${new URL(`/join?token=${token}`, config.publicUrl).href}\n`)
  } finally {
    await stopEach(stops)
  }
}

const usage = `usage: holdfast up | config | recover USERNAME

up        run a site; it takes no options
config    print every setting: the site reads them from the environment
recover   print a one-time link for someone who lost every way in (while the site is stopped)`

/** What each verb takes. More than that is refused: a site must not start on a word that was meant to do something else. */
const verbs: Record<string, { takes: number; run(...given: string[]): Promise<void> | void }> = {
  up: { takes: 0, run: () => up(parseConfig()) },
  config: { takes: 0, run: printSettings },
  recover: { takes: 1, run: (username = '') => recover(parseConfig(), username) },
}

const main = async ([verb = '', ...rest]: string[]): Promise<void> => {
  if ([verb, ...rest].some((word) => word === '--help' || word === '-h')) return void process.stdout.write(`${usage}\n`)
  const found = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (found && rest.length === found.takes && !rest.some((word) => word.startsWith('-'))) return found.run(...rest)
  if (found && rest.length > 0) tell(`\`${verb}\` does not take ${rest.map((word) => JSON.stringify(word)).join(' ')}.`)
  tell(usage)
  process.exit(2)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  tell(`Holdfast did not start.\n${startFault(error, wantsDetail())}`)
  process.exit(1)
})
