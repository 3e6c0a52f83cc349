import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { setBytesMax } from '#guardrails'
import { takeSet } from './publishers.ts'

const Taken = Type.Object({
  publisher: Type.String(),
  sequence: Type.Integer(),
  version: Type.String(),
  guardrails: Type.Array(Type.String()),
  initiatives: Type.Array(Type.String()),
})

export const setRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/guardrail-sets',
    {
      bodyLimit: setBytesMax,
      schema: {
        operationId: 'guardrailSetImport',
        summary: 'Take a signed set of guardrails from a publisher that is trusted here',
        tags: ['compliance'],
        querystring: Type.Object({ force: Type.Optional(Type.Boolean({ description: 'As in the spec of a guardrail' })) }),
        // The form is looked at after the signature: what nobody trusted has signed is not looked into.
        body: Type.Record(Type.String(), Type.Unknown()),
        response: { 200: Taken },
      },
    },
    (request) => takeSet(request.ctx, JSON.stringify(request.body), request.query),
  )
}
