// Makes deployments so: starts an engine for each, starts it again when it ends, with growing pauses, and never lets one's trouble reach another.
import { availableParallelism } from 'node:os'
import { allOf, findById, setStatus, type Resource } from '#resources'
import { weightsOf } from '#models'
import { systemContext, type Context } from '#platform/context.ts'
import { problem, unavailable, type Problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { deploymentDefaults, specOf, type DeploymentSpec, type DeploymentStatus } from './schema.ts'
import { startEngine, type Engine } from './engine/engine.ts'
import { beginCounting } from './measure.ts'
import { createQueue, type Queue } from './queue.ts'

export const notReady = problem('deployment-not-ready', 503, 'The deployment is not ready')

const backOffMs = [500, 1_000, 2_000, 5_000, 15_000, 60_000]
/** An engine that ran so long is taken to be well: the next end begins the pauses anew. */
const wellMs = 60_000
const countersEveryMs = 1_000

export type Runner = {
  readonly deployment: Resource
  readonly queue: Queue
  outdated: boolean
  status: DeploymentStatus
  engine: Engine | undefined
  stop(): Promise<void>
}

type Supervisor = { runners: Map<string, Runner>; changing: Map<string, Promise<void>> }
const supervisors = new WeakMap<Site, Supervisor>()

/** Starts every deployment in the background: the doors open at once, and a deployment says `starting` until it is ready. */
export const startEngines = async (site: Site): Promise<{ stop(): Promise<void> }> => {
  const supervisor: Supervisor = { runners: new Map(), changing: new Map() }
  supervisors.set(site, supervisor)
  beginCounting(site)
  const ctx = systemContext(site, 'engines')
  for (const { id } of await allOf(ctx, 'deployment')) void reconcile(ctx, id)
  return {
    stop: async () => {
      supervisors.delete(site)
      await Promise.all([...supervisor.runners.values()].map((runner) => runner.stop()))
    },
  }
}

/** The deployment that runs under this name, without asking the database: the common case of every call. */
export const runningAs = (site: Site, scope: string, name: string): Resource | undefined => {
  for (const { deployment, outdated } of supervisors.get(site)?.runners.values() ?? [])
    if (!outdated && deployment.name === name && deployment.scope === scope) return deployment
  return undefined
}

/** It was changed or deleted: until the supervisor has caught up, the database is asked again. */
export const outdate = (site: Site, id: string): void => {
  const runner = supervisors.get(site)?.runners.get(id)
  if (runner) runner.outdated = true
}

/** The runner of a deployment, or why there is none. */
export const runnerOf = (site: Site, deployment: Resource): Runner => {
  const runner = supervisors.get(site)?.runners.get(deployment.id)
  if (runner) return runner
  throw startingProblem(deployment, deployment.status as DeploymentStatus | undefined) // written by this module
}

export const startingProblem = (deployment: Resource, status: DeploymentStatus | undefined): Problem =>
  notReady(
    `The deployment ${deployment.name} is ${status?.state ?? 'starting'}${status?.message ? `: ${status.message}` : ''}. Try again shortly, or look at it under Deployments.`,
    { state: status?.state ?? 'starting', headers: { 'retry-after': '2' } },
  )

/** Brings what runs to what is declared. Calls for one deployment take turns. */
export const reconcile = async (ctx: Context, id: string): Promise<void> => {
  const supervisor = supervisors.get(ctx.site)
  if (!supervisor) return // no engines in this process
  const before = supervisor.changing.get(id) ?? Promise.resolve()
  const now = before.then(() => bring(ctx.site, supervisor, id))
  supervisor.changing.set(id, now)
  await now.finally(() => {
    if (supervisor.changing.get(id) === now) supervisor.changing.delete(id)
  })
}

const bring = async (site: Site, supervisor: Supervisor, id: string): Promise<void> => {
  const wanted = await findById(site, id)
  const present = supervisor.runners.get(id)
  if (present && wanted && present.deployment.generation === wanted.generation) return
  supervisor.runners.delete(id)
  await present?.stop()
  if (wanted && supervisors.get(site) === supervisor) supervisor.runners.set(id, startRunner(site, wanted))
}

const startRunner = (site: Site, deployment: Resource): Runner => {
  const ctx = systemContext(site, 'engines')
  const spec = { ...deploymentDefaults, ...specOf(deployment) }
  let stopping = false
  let counters: NodeJS.Timeout | undefined
  const store = async (): Promise<void> => {
    const { running, waiting } = runner.queue.state()
    runner.status = { ...runner.status, running, waiting }
    await setStatus(ctx, deployment.id, runner.status).catch((error: unknown) =>
      site.log.error({ err: error, deployment: deployment.id }, 'the status of a deployment could not be stored'),
    )
  }
  // Counters are stored once a second at most: they are shown to people, not decided on.
  const soon = () => (counters ??= setTimeout(() => ((counters = undefined), void store()), countersEveryMs).unref())
  const runner: Runner = {
    deployment,
    queue: createQueue({ slots: spec.parallel, waitingMax: spec.queueMax, onChange: soon }),
    status: { ...(deployment.status as DeploymentStatus), state: 'starting', restarts: 0 }, // admitted with one
    engine: undefined,
    outdated: false,
    stop: async () => {
      stopping = true
      clearTimeout(counters)
      runner.queue.clear(
        unavailable(`The deployment ${deployment.name} is being changed or stopped.`, { headers: { 'retry-after': '5' } }),
      )
      runner.engine?.kill()
      await runner.engine?.exited
    },
  }
  const become = (state: DeploymentStatus['state'], message?: string) => {
    const { message: _, ...rest } = runner.status
    runner.status = { ...rest, state, ...(message === undefined ? {} : { message }) }
    return stopping ? Promise.resolve() : store()
  }
  if (spec.engine === 'openai') void become('ready')
  else void keepRunning(ctx, runner, { spec, become, isStopping: () => stopping })
  return runner
}

type RunSpec = DeploymentSpec & { parallel: number; contextTokens: number; queueMax: number }
type Keep = {
  spec: RunSpec
  become: (state: DeploymentStatus['state'], message?: string) => Promise<void>
  isStopping: () => boolean
}

const keepRunning = async (ctx: Context, runner: Runner, { spec, become, isStopping }: Keep): Promise<void> => {
  const { site } = ctx
  for (let inARow = 0; !isStopping();) {
    const startedMs = performance.now()
    const ended = await runOnce(ctx, runner, { spec, become, isStopping }).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    )
    runner.engine = undefined
    if (isStopping()) return
    inARow = performance.now() - startedMs > wellMs ? 1 : inARow + 1
    runner.status = { ...runner.status, restarts: runner.status.restarts + 1 }
    const pauseMs = backOffMs[Math.min(inARow, backOffMs.length) - 1]!
    site.log.error({ deployment: runner.deployment.id, pauseMs, why: ended }, 'an engine ended and is started again')
    await become(inARow > 3 ? 'failed' : 'restarting', `${ended}; starting again in ${pauseMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref())
  }
}

/** One life of an engine; resolves with why it ended. */
const runOnce = async (ctx: Context, runner: Runner, { spec, become, isStopping }: Keep): Promise<string> => {
  const { site } = ctx
  await become('starting')
  const model = await findById(ctx, String(runner.status.modelId))
  if (!model) throw new Error('its model was deleted')
  const path = await weightsOf(ctx, model)
  if (isStopping()) return 'stopped'
  const engine = startEngine({
    path,
    contextTokens: spec.contextTokens,
    parallel: spec.parallel,
    // One core stays with the control plane: with all of them an engine starves the door it answers through (measured).
    threads: spec.threads ?? site.config.engineThreads ?? Math.max(1, availableParallelism() - 1),
    name: runner.deployment.name,
    log: site.log,
    ...(spec.memoryMbMax === undefined ? {} : { memoryMbMax: spec.memoryMbMax }),
  })
  runner.engine = engine
  const { contextTokens, tools } = await engine.ready
  runner.status = { ...runner.status, contextTokens, tools, loadedAt: ctx.now().toISOString() }
  await become('ready')
  const exit = await engine.exited
  return exit.reason === 'memory'
    ? 'the engine took more memory than it may'
    : `the engine ended (${exit.signal ?? `code ${exit.code}`})`
}

export type EngineNow = { id: string; state: DeploymentStatus['state']; running: number; waiting: number; restarts: number }

/** What runs in this process, without asking the database. */
export const enginesNow = (site: Site): EngineNow[] =>
  [...(supervisors.get(site)?.runners.values() ?? [])].map(({ deployment: { id }, status: { state, restarts }, queue }) => ({
    id,
    state,
    restarts,
    ...queue.state(),
  }))

export type DeploymentNow = {
  id: string
  name: string
  scope: string
  model: string
  state: string
  running: number
  waiting: number
  message?: string
}

export const deploymentsNow = async (ctx: Context): Promise<DeploymentNow[]> =>
  (await allOf(ctx, 'deployment')).map((deployment) => {
    const status = supervisors.get(ctx.site)?.runners.get(deployment.id)?.status ?? (deployment.status as DeploymentStatus) // admitted with one
    const { running, waiting } = supervisors.get(ctx.site)?.runners.get(deployment.id)?.queue.state() ?? {
      running: 0,
      waiting: 0,
    }
    return {
      id: deployment.id,
      name: deployment.name,
      scope: deployment.scope,
      model: String(deployment.spec['model']),
      state: String(status.state),
      running,
      waiting,
      ...(status.message ? { message: status.message } : {}),
    }
  })
