import type { Registry } from 'prom-client'
import type { Blobs } from './blobs.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Approved, Decider, Principal, Rehearsal } from './context.ts'
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
}

/** A request the site sends to itself on someone's behalf: to try a change, or to carry out an approved one. */
export type InnerCall = {
  readonly actor: Principal
  readonly requestId: string
  readonly approved?: Approved
  readonly rehearsal?: Rehearsal
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
    /** Calls in the making, by a secret of 256 bits that never leaves the process; taken out when the call arrives. */
    innerCalls: Map<string, InnerCall>
  }
}
