import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { problem } from './problem.ts'

/** Untyped on purpose: each room sees its own tables only, by `ctx.db.withTables<Tables>()`. */
export type Db = Kysely<unknown>

/** A URL, or the folder of a UNIX socket (our own PostgreSQL listens on nothing else). */
export type Connection = string | { host: string; database: string; user: string }

export const poolSize = 16
const statementMsMax = 60_000

pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text)
  // A rounded number is a wrong number: 2^53 of anything here is a defect.
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a JavaScript integer`)
  return value
})

/**
 * A statement that begins so is planned once a connection, for those few that requests wait for and whose planning takes longer than their running (measured:
 * 0.3 of 0.45 ms). It names its columns: a plan does not outlive a change of what `*` means.
 */
export const kept = '/* kept */'

const keepPlans = (client: pg.PoolClient): void => {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown // its overloads; what it is given is passed on as it came
  const named = (text: unknown, values: unknown, ...more: unknown[]) =>
    typeof text === 'string' && text.startsWith(kept)
      ? query({ name: nameOf(text), text, values }, ...more)
      : query(text, values, ...more)
  Object.assign(client, { query: named })
}

const names = new Map<string, string>()
const nameOf = (text: string): string => {
  const name = names.get(text) ?? `kept-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
  names.set(text, name) // as many as there are statements in the code that say so
  return name
}

export const createPool = (connection: Connection, size = poolSize): pg.Pool => {
  const where = typeof connection === 'string' ? { connectionString: connection } : connection
  const pool = new pg.Pool({
    ...where,
    max: size,
    statement_timeout: statementMsMax,
    idleTimeoutMillis: 30_000,
    application_name: 'holdfast',
  })
  // An idle connection that breaks (the server restarts) is replaced at its next use; unhandled, it would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  pool.on('connect', keepPlans)
  return pool
}

/** A few more connections to the same database, for work that must not take those of requests. */
export const besidePool = (pool: pg.Pool, size: number): pg.Pool => {
  const beside = new pg.Pool({ ...pool.options, max: size })
  beside.on('error', () => {})
  beside.on('connect', (client) => client.on('error', () => {}))
  beside.on('connect', keepPlans)
  return beside
}

export const createDb = (pool: pg.Pool): Db => new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })

export const databaseDown = problem('database-down', 503, 'The database does not answer')

/** SQLSTATE (PostgreSQL, appendix A): connection exceptions, shutdown, crash, still starting, no connection to spare. */
const downStates = /^(08...|57P0[123]|53300)$/
const downErrnos = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND'])
/** What the driver says of a connection that broke has no code. */
const downWords = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/

/** The database is away, which is nobody's defect and passes. */
export const isDatabaseDown = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  if (typeof code !== 'string') return downWords.test(error.message)
  // The socket's file is missing while the server is away.
  return downStates.test(code) || downErrnos.has(code) || (code === 'ENOENT' && syscall === 'connect')
}
