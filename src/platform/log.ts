import { pino } from 'pino'

export type Logger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Logger
}

/** JSON lines on stderr: a constant sentence plus fields. Never prompts, tokens or document text; `redact` is the second net. */
export const createLog = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['password', 'token', 'secret', 'authorization', 'cookie', '*.password', '*.token', '*.secret'],
        censor: '[secret]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  )

export const silentLog: Logger = pino({ level: 'silent' })
