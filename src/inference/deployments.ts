// A deployment: a model that answers, under a name. Declared here; the supervisor makes it so.
import { findScope } from '#policy'
import { allOf, defineKind, refFor, type Change, type Resource } from '#resources'
import { on } from '#platform/events.ts'
import { afterCommit, type Context } from '#platform/context.ts'
import { isLoopback } from '#platform/config.ts'
import { invalid, problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { ensureDefaults } from './defaults.ts'
import { deploymentFacts, nearest } from './facts.ts'
import { DeploymentSpec, DeploymentStatus, specOf } from './schema.ts'
import { outdate, reconcile } from './supervisor.ts'

export const modelUnknown = problem('model-unknown', 400, 'No such model')

export const defineDeployments = (site: Site): void => {
  defineKind(site, {
    kind: 'deployment',
    plural: 'deployments',
    title: 'Deployment',
    description: 'A model that answers under a name, on this machine or on a server of yours.',
    spec: DeploymentSpec,
    status: DeploymentStatus,
    idPrefix: 'deployment',
    admit: admitDeployment,
    facts: deploymentFacts,
    dependsOn: ({ status }) => (typeof status?.['modelId'] === 'string' ? [{ id: status['modelId'], relation: 'runs' }] : []),
    applied: async (tx, { resource }) => afterCommit(tx, () => outdate(tx.site, resource.id)),
    removed: async (tx, resource) => afterCommit(tx, () => outdate(tx.site, resource.id)),
  })
  on<{ id: string; kind: string }>(site.jobs, 'resource.changed', 'inference', async (ctx, { id, kind }) => {
    if (kind === 'deployment') await reconcile(ctx, id)
  })
  on(site.jobs, 'organisation.created', 'inference', ensureDefaults)
}

const admitDeployment = async (tx: Context, { resource, before }: Change): Promise<Record<string, unknown>> => {
  const spec = specOf(resource)
  const extra = spec.engine === 'openai' ? admitUpstream(tx, spec) : await admitLocal(tx, resource, spec)
  return { restarts: 0, running: 0, waiting: 0, ...(before ? before.status : {}), state: 'starting', ...extra }
}

const admitLocal = async (
  tx: Context,
  resource: Resource,
  spec: DeploymentSpec,
): Promise<{ modelId: string; modelDigest: string }> => {
  if (spec.baseUrl !== undefined || spec.upstreamModel !== undefined)
    throw invalid('baseUrl and upstreamModel belong to the engine openai. Leave them out, or set engine to openai.')
  const model = await modelFor(tx, resource)
  if (!model || !(await tx.permits('model.read', refFor(model))))
    throw modelUnknown(
      `No model ${JSON.stringify(spec.model)} is at ${resource.scope} or above it. Add it first: \`holdfast model add FILE.gguf --name ${spec.model.slice(0, 60)}\`.`,
    )
  return { modelId: model.id, modelDigest: String(model.spec['digest']) }
}

const modelFor = async (tx: Context, deployment: Resource): Promise<Resource | undefined> =>
  nearest(await allOf(tx, 'model'), deployment, (await findScope(tx, deployment.scopeId))?.ancestors ?? [])

const admitUpstream = (tx: Context, spec: DeploymentSpec): object => {
  const url = URL.parse(spec.baseUrl ?? '')
  if (!url)
    throw invalid('The engine openai needs a baseUrl, for example http://127.0.0.1:8000/v1.', {
      faults: [{ at: '/spec/baseUrl', message: 'missing or not a URL' }],
    })
  if (url.username !== '' || url.password !== '')
    throw invalid('A URL is no place for a secret: it is shown to everyone who may read the deployment.')
  if (!isLoopback(url.hostname) && !tx.site.config.allowHosts.includes(url.hostname))
    throw invalid(
      `${url.hostname} is outside this machine, and nothing leaves it. If it is a server of your own, the operator allows it with HOLDFAST_ALLOW_HOSTS=${url.hostname}.`,
    )
  return {}
}
