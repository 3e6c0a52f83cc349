import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Registry } from 'prom-client'
import type { Blobs } from './blobs.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Context, Decider, Principal } from './context.ts'
import type { Db } from './db.ts'
import type { Jobs } from './jobs.ts'
import type { Logger } from './log.ts'
import type { Secrets } from './secrets.ts'

/** What a door knows of a caller before anyone is authenticated. */
export type Credentials = {
  readonly cookie?: string | undefined
  readonly authorization?: string | undefined
  readonly csrf?: string | undefined
  readonly origin?: string | undefined
  readonly method: string
  readonly address: string
  /** The port the connection came in on, which an origin of ours must name. */
  readonly localPort?: number | undefined
  /** A door open to everyone: a credential that does not hold leaves the caller anonymous there, instead of refused. */
  readonly publicDoor?: boolean
  /** A door whose clients know Basic credentials only: they send the key as the password. */
  readonly basic?: boolean
}

/** A door that changes something, by the name it has in openapi.json. */
export type Operation = {
  readonly method: string
  readonly url: string
  /** Why it is only ever done directly. */ readonly direct?: string
}

/** The process-wide services, made once by main and handed to every context. */
export type Site = {
  readonly id: string
  readonly version: string
  readonly startedAt: Date
  readonly config: Config
  readonly db: Db
  readonly blobs: Blobs
  readonly secrets: Secrets
  readonly clock: Clock
  readonly jobs: Jobs
  readonly log: Logger
  readonly metrics: Registry
  /** Aborted when the site stops. */
  readonly stopping: AbortSignal
  /** Filled by main: what lower rooms need of higher ones. */
  readonly wiring: {
    decider?: Decider
    authenticate?: (site: Site, credentials: Credentials) => Promise<Principal | undefined>
    /** Whether there is such a person or group. */
    knowsPrincipal?: (ctx: Context, id: string) => Promise<boolean>
    /** Contexts of calls in the making (platform/inner.ts), by a secret of 256 bits that never leaves the process; taken out when the call arrives. */
    readonly innerCalls: Map<string, Context>
    /** Filled by the doors as they are mounted. */
    readonly operations: Map<string, () => Operation>
    inject?: (request: InjectOptions) => Promise<LightMyRequestResponse>
  }
}
