import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  perMinuteDefault,
  perMinuteMax,
  previewMax,
  previewRemediation,
  startRemediation,
  stopRemediating,
} from './remediation.ts'
import { getRemediation, listRemediations } from './remediation-read.ts'

const tags = ['compliance']
const Time = Type.String({ format: 'date-time' })
const Ref = Type.String({ minLength: 1, maxLength: 200 })
const Which = Type.Object({ id: Type.String({ pattern: '^remediation_[0-9a-z]{26}$' }) })
const Count = Type.Integer({ minimum: 0 })

const NewRemediation = Type.Object(
  {
    assignment: Ref,
    guardrails: Type.Optional(
      Type.Array(Ref, { minItems: 1, maxItems: 200, description: 'Some of the assignment’s; absent means all' }),
    ),
    scope: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1000, description: 'At or below it; absent means where it is assigned' }),
    ),
    perMinute: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: perMinuteMax,
        description: `Things rewritten a minute at most; ${perMinuteDefault} if absent`,
      }),
    ),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\u0000-\\u001f]*$' })),
    dryRun: Type.Optional(Type.Boolean({ description: 'Only shows what would be changed' })),
  },
  { additionalProperties: false },
)

const Preview = Type.Object({
  total: Count,
  items: Type.Array(
    Type.Object({
      resource: Type.Object({ id: Type.String(), kind: Type.String(), name: Type.String(), scope: Type.String() }),
      outcome: Type.Enum(['rewrite', 'locked', 'refused', 'set-aside']),
      explanation: Type.Optional(Type.String()),
      guardrails: Type.Array(Type.String()),
      changes: Type.Array(
        Type.Object({ path: Type.String(), before: Type.Optional(Type.Unknown()), after: Type.Optional(Type.Unknown()) }),
      ),
    }),
    { description: `The first ${previewMax}` },
  ),
})

const Remediation = Type.Object({
  id: Type.String(),
  assignment: Type.String(),
  guardrails: Type.Optional(Type.Array(Type.String())),
  scope: Type.String(),
  scopeId: Type.String(),
  perMinute: Type.Integer(),
  approved: Type.Boolean({ description: 'Started by a change that others approved' }),
  reason: Type.Optional(Type.String()),
  state: Type.Enum(['running', 'stopped']),
  startedBy: Type.String(),
  startedAt: Time,
  stoppedBy: Type.Optional(Type.String()),
  stoppedAt: Type.Optional(Time),
  stoppedBecause: Type.Optional(Type.String()),
  progress: Type.Object({ waiting: Count, rewritten: Count, locked: Count, refused: Count, setAside: Count }),
})
const Detail = Type.Object({
  ...Remediation.properties,
  outcomes: Type.Array(
    Type.Object({
      resource: Type.Object({ id: Type.String(), kind: Type.String(), name: Type.String() }),
      state: Type.Enum(['rewritten', 'locked', 'refused', 'set-aside']),
      explanation: Type.Optional(Type.String()),
      at: Time,
    }),
  ),
})

export const remediationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/remediations',
    {
      schema: {
        operationId: 'remediationStart',
        summary: 'Put right what an assignment with the effect remediate wants otherwise; or show what that would change',
        tags,
        body: NewRemediation,
        response: { 200: Preview, 201: Detail },
      },
    },
    async (request, reply) => {
      const { dryRun = false, ...given } = request.body
      if (dryRun) return reply.code(200).send(await previewRemediation(request.ctx, given))
      return reply.code(201).send(await getRemediation(request.ctx, await startRemediation(request.ctx, given)))
    },
  )
  app.post(
    '/remediations/:id/stop',
    {
      schema: {
        operationId: 'remediationStop',
        summary: 'Stop it; when this answers, it changes nothing more',
        tags,
        params: Which,
        response: { 200: Detail },
      },
    },
    async (request) => {
      await stopRemediating(request.ctx, request.params.id)
      return getRemediation(request.ctx, request.params.id)
    },
  )
  await app.register(readRoutes)
}

const readRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/remediations',
    {
      schema: {
        operationId: 'remediationList',
        summary: 'Remediations, newest first, with how far they are',
        tags,
        querystring: Type.Object({ after: Type.Optional(Type.String({ maxLength: 100 })) }, { additionalProperties: false }),
        response: { 200: Type.Object({ items: Type.Array(Remediation), next: Type.Optional(Type.String()) }) },
      },
    },
    (request) => listRemediations(request.ctx, request.query.after),
  )
  app.get(
    '/remediations/:id',
    {
      schema: {
        operationId: 'remediationGet',
        summary: 'A remediation, with what became of the things it came to',
        tags,
        params: Which,
        response: { 200: Detail },
      },
    },
    (request) => getRemediation(request.ctx, request.params.id),
  )
}
