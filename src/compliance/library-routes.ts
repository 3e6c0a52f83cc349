import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { library, Library } from './library.ts'

const tags = ['compliance']

export const libraryRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/guardrail-library',
    {
      schema: {
        operationId: 'guardrailLibrary',
        summary: 'Guardrails and initiatives that come with the product or from a publisher, ready to be assigned',
        tags,
        response: { 200: Library },
      },
    },
    (request) => library(request.ctx),
  )
}
