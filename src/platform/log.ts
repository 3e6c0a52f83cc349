import { pino } from 'pino'

export type Logger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Logger
}

export type Failure = { type: string; message: string; code?: string; stack?: string; because?: Failure }

const causesMax = 5

/**
 * Of a failure, what leads to its place. PostgreSQL's `detail`, `where` and `internalQuery` quote rows and statements, and its data exceptions
 * (SQLSTATE class 22) quote the value that was wrong: all of them may be somebody's words, and none of them is told.
 */
export const failureOf = (error: unknown, depth = 0): Failure => {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something thrown that is no error' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const quotes = code !== undefined && /^22[0-9A-Z]{3}$/.test(code)
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    message: quotes ? 'a value does not have the form its column takes' : error.message,
    ...(code === undefined ? {} : { code }),
    ...(frames ? { stack: frames.join('\n') } : {}),
    ...(error.cause instanceof Error && depth < causesMax ? { because: failureOf(error.cause, depth + 1) } : {}),
  }
}

/** JSON lines on stderr: a constant sentence plus fields. Never prompts, tokens or document text; `redact` is the second net. */
export const createLog = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      serializers: { err: (error: unknown) => failureOf(error) },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['password', 'token', 'secret', 'authorization', 'cookie', '*.password', '*.token', '*.secret'],
        censor: '[secret]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  )

export const silentLog: Logger = pino({ level: 'silent' })
