import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { Effects, type Elevation } from '#policy'
import { Desired, documentsMax } from '#resources'
import { ElevationList, NewElevation, ShownElevation } from './elevation-schema.ts'
import { activate, eligibilities, elevations, endElevation } from './elevations.ts'
import { effectsOf } from './what-if.ts'

const tags = ['access']

const Page = Type.Object({
  after: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})
const Which = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) })

const Proposed = Type.Object(
  {
    documents: Type.Optional(Type.Array(Desired, { maxItems: documentsMax, description: 'As they would be applied' })),
    deletions: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        maxItems: documentsMax,
        description: 'Ids of what would be deleted',
      }),
    ),
  },
  { additionalProperties: false },
)

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/elevations',
    {
      schema: {
        operationId: 'elevationList',
        summary: 'Who holds what for a time, and what you could activate',
        tags,
        querystring: Page,
        response: { 200: ElevationList },
      },
    },
    async (request) => {
      const { items, ...rest } = await elevations(request.ctx, request.query)
      return { items: items.map(shown), eligible: await eligibilities(request.ctx), ...rest }
    },
  )

  app.post(
    '/elevations',
    {
      schema: {
        operationId: 'elevationActivate',
        summary: 'Activate, for a time and with a reason, a role you are eligible for',
        tags,
        body: NewElevation,
        response: { 201: ShownElevation },
      },
    },
    async (request, reply) => reply.code(201).send(shown(await activate(request.ctx, request.body))),
  )

  app.delete(
    '/elevations/:id',
    {
      schema: {
        operationId: 'elevationEnd',
        summary: 'End an elevation at once',
        tags,
        params: Which,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await endElevation(request.ctx, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/what-if',
    {
      config: { direct: 'it changes nothing' },
      schema: {
        operationId: 'policyWhatIf',
        summary: 'Who would gain and who would lose by a change',
        tags,
        body: Proposed,
        response: { 200: Effects },
      },
    },
    (request) => effectsOf(request.ctx, request.body),
  )
}

const shown = ({
  id,
  principalId,
  assignmentId,
  role,
  path,
  reason,
  startsAt,
  expiresAt,
}: Elevation): Static<typeof ShownElevation> => ({
  id,
  principal: principalId,
  assignment: assignmentId,
  role,
  scope: path,
  reason,
  startsAt: startsAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
})
