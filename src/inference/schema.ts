import { Type, type Static } from 'typebox'
import type { Resource } from '#resources'

export const deploymentDefaults = {
  parallel: 2,
  contextTokens: 2048,
  queueMax: 16,
  maxTokensDefault: 512,
  recordContent: 'none',
} as const

export const DeploymentSpec = Type.Object(
  {
    engine: Type.Optional(
      Type.Union([Type.Literal('llama'), Type.Literal('openai')], {
        description: 'llama: run it here, on the CPU. openai: forward to an OpenAI-compatible server of yours',
      }),
    ),
    model: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Name or id of a model at this scope or above; for engine openai a label of your own',
    }),
    parallel: Type.Optional(Type.Integer({ minimum: 1, maximum: 64, description: 'Answers at once' })),
    contextTokens: Type.Optional(Type.Integer({ minimum: 128, maximum: 1_048_576 })),
    queueMax: Type.Optional(Type.Integer({ minimum: 0, maximum: 1024, description: 'Calls that may wait' })),
    threads: Type.Optional(Type.Integer({ minimum: 1, maximum: 512 })),
    memoryMbMax: Type.Optional(Type.Integer({ minimum: 256, maximum: 4_194_304 })),
    maxTokensDefault: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_048_576 })),
    recordContent: Type.Optional(
      Type.Union([Type.Literal('none'), Type.Literal('sealed')], {
        description: 'none: the log holds HMACs only. sealed: prompt and answer too, encrypted and erasable',
      }),
    ),
    baseUrl: Type.Optional(Type.String({ maxLength: 500, pattern: '^https?://' })),
    upstreamModel: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
)
export type DeploymentSpec = Static<typeof DeploymentSpec>

export const DeploymentStatus = Type.Object({
  state: Type.Union([
    Type.Literal('starting'),
    Type.Literal('ready'),
    Type.Literal('failed'),
    Type.Literal('restarting'),
    Type.Literal('stopped'),
  ]),
  message: Type.Optional(Type.String()),
  restarts: Type.Integer({ minimum: 0 }),
  running: Type.Integer({ minimum: 0 }),
  waiting: Type.Integer({ minimum: 0 }),
  contextTokens: Type.Optional(Type.Integer()),
  tools: Type.Optional(Type.Boolean()),
  modelId: Type.Optional(Type.String()),
  modelDigest: Type.Optional(Type.String()),
  loadedAt: Type.Optional(Type.String({ format: 'date-time' })),
})
export type DeploymentStatus = Static<typeof DeploymentStatus>

export const specOf = (deployment: Resource): DeploymentSpec => deployment.spec as DeploymentSpec // checked against the schema when it was applied

/** Name under which clients ask for it: its own at the root, its path below. */
export const publicName = (deployment: Resource): string =>
  deployment.scope === '/' ? deployment.name : `${deployment.scope.slice(1)}/${deployment.name}`
