import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import type { Elevation } from '#policy'
import { ElevationList, NewElevation, ShownElevation } from './elevation-schema.ts'
import { activate, eligibilities, elevations, endElevation } from './elevations.ts'

const tags = ['access']

const Page = Type.Object({
  after: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})
const Which = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) })

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
