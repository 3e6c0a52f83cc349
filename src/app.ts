// The composition root, short of a process: every room wired to the ones below it, every door mounted. The only file that knows everyone.
import { join } from 'node:path'
import { Registry } from 'prom-client'
import type pg from 'pg'
import * as access from '#access'
import * as approvals from '#approvals'
import * as artifacts from '#artifacts'
import * as audit from '#audit'
import * as compliance from '#compliance'
import * as guardrails from '#guardrails'
import * as identity from '#identity'
import * as inference from '#inference'
import * as models from '#models'
import * as operations from '#operations'
import * as policy from '#policy'
import * as registry from '#registry'
import * as resources from '#resources'
import * as workspace from '#workspace'
import { openBlobs } from '#platform/blobs.ts'
import { openBucket } from '#platform/bucket.ts'
import { createClock } from '#platform/clock.ts'
import type { Config } from '#platform/config.ts'
import { systemContext, type Context } from '#platform/context.ts'
import { createDb } from '#platform/db.ts'
import { createHttp, type Http } from '#platform/http.ts'
import { newId } from '#platform/id.ts'
import { createJobs, startJobs } from '#platform/jobs.ts'
import type { Logger } from '#platform/log.ts'
import { measurePool } from '#platform/metrics.ts'
import { openSecrets, type Secrets } from '#platform/secrets.ts'
import type { Site } from '#platform/site.ts'
import { stopEach } from '#platform/stops.ts'
import type { ServerCertificate } from '#platform/tls.ts'
import { servePortal } from '#platform/portal.ts'

export const version = '0.1.0'
const clockPersistMs = 60_000

export type AppOptions = {
  config: Config
  pool: pg.Pool
  log: Logger
  tls?: ServerCertificate
  /** Tests stand in for the wall clock. */
  wall?: () => number
  secrets?: Secrets
}

export type App = {
  readonly site: Site
  readonly http: Http
  /** Starts what runs beside requests: the sequencer, jobs, engines. */
  start(options?: { engines: boolean }): Promise<void>
  stop(): Promise<void>
}

/** Expects a migrated database. */
export const createApp = async ({ config, pool, log, tls, wall, secrets }: AppOptions): Promise<App> => {
  const stopping = new AbortController()
  const db = createDb(pool)
  const clock = await createClock(db, log, wall)
  const known = await knownSite(pool)
  // Keys before the name: killed in between, a home has keys and no site yet, never a site whose keys are lost.
  const keys = secrets ?? openSecrets(config.home, known === undefined ? 'new' : 'known')
  const site: Site = {
    id: known ?? (await newSite(pool)),
    version,
    startedAt: clock.now(),
    config,
    db,
    blobs: await openBlobs(join(config.home, 'blobs'), {
      bucket: config.store.s3 && openBucket(config.store.s3, clock.now),
      keepIn: config.store.keepIn,
    }),
    secrets: keys,
    clock,
    jobs: createJobs(),
    log,
    metrics: new Registry(),
    stopping: stopping.signal,
    wiring: { innerCalls: new Map(), operations: new Map() },
  }
  measurePool(site.metrics, pool)
  policy.wirePolicy(site)
  site.wiring.authenticate = identity.authenticate
  site.wiring.knowsPrincipal = identity.principalExists
  resources.defineScopeKinds(site)
  access.defineAccess(site)
  approvals.defineApprovalRules(site)
  compliance.defineCompliance(site)
  artifacts.defineRepositories(site)
  artifacts.defineQuotas(site)
  artifacts.defineHolds(site)
  models.defineModels(site)
  inference.defineDeployments(site)
  resources.defineViews(site)
  resources.defineLocks(site)
  workspace.defineErasure(site)
  operations.defineObserved(site)
  const http = await mountDoors(site, await createHttp(site, tls))
  return { site, http, ...lifetime(site, http, pool, stopping) }
}

const knownSite = async (pool: pg.Pool): Promise<string | undefined> =>
  (await pool.query<{ id: string }>('select id from site')).rows[0]?.id

const newSite = async (pool: pg.Pool): Promise<string> => {
  const id = newId('site')
  await pool.query('insert into site (id) values ($1)', [id])
  return id
}

export const mountDoors = async (site: Site, http: Http): Promise<Http> => {
  const api = { prefix: '/api/v1' }
  await http.register(audit.routes, api)
  await http.register(audit.logRoutes, { prefix: '/log' })
  await http.register(policy.routes, api)
  await http.register(identity.routes, api)
  await http.register(resources.routesFor(site), api)
  await http.register(access.routes, api)
  await http.register(approvals.routes, api)
  await http.register(compliance.routes, api)
  await http.register(artifacts.routes, api)
  await http.register(registry.ociRoutes, { prefix: '/v2' })
  await http.register(registry.filesRoutes, { prefix: '/files' })
  await http.register(registry.aptRoutes, { prefix: '/apt' })
  await http.register(registry.npmRoutes, { prefix: '/npm' })
  await http.register(registry.hfRoutes, { prefix: '/hf' })
  await http.register(registry.pypiRoutes, { prefix: '/pypi' })
  await http.register(models.routes, api)
  await http.register(inference.gatewayRoutes, { prefix: '/v1' })
  await http.register(workspace.routes, api)
  await http.register(operations.routes, api)
  await http.register(operations.probeRoutes)
  await http.register(servePortal)
  await http.ready()
  return http
}

const lifetime = (site: Site, http: Http, pool: pg.Pool, stopping: AbortController): Pick<App, 'start' | 'stop'> => {
  const stops: (() => Promise<void>)[] = []
  const ctx = (): Context => systemContext(site, 'start')
  return {
    async start({ engines } = { engines: true }) {
      const sequencer = await audit.startSequencer(site)
      stops.unshift(() => sequencer.stop())
      const facts = await policy.startPolicy(site, pool)
      stops.unshift(() => facts.stop())
      const limits = await guardrails.startGuardrails(site, pool)
      stops.unshift(() => limits.stop())
      const pulls = artifacts.startPulls(site)
      stops.unshift(() => pulls.stop())
      if (!engines) return
      const supervisor = await inference.startEngines(site)
      stops.unshift(() => supervisor.stop())
      const jobs = await startJobs(site, pool)
      stops.unshift(() => jobs.stop())
      const upkeep = artifacts.startUpkeep(site)
      stops.unshift(() => upkeep.stop())
      const judge = await compliance.startCompliance(site, pool)
      stops.unshift(() => judge.stop())
      const persist = setInterval(
        () =>
          site.clock.persist().catch((error: unknown) => site.log.error({ err: error }, 'the time floor could not be stored')),
        clockPersistMs,
      )
      stops.unshift(async () => clearInterval(persist))
      // A site without its demonstration model is a whole site.
      await inference
        .ensureDefaults(ctx())
        .catch((error: unknown) => site.log.error({ err: error }, 'the default model could not be set up'))
    },
    async stop() {
      stopping.abort(new Error('The site stops'))
      await stopEach([() => http.close(), ...stops, () => site.clock.persist(), async () => site.blobs.bucket?.close()])
    },
  }
}
