import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Trial, Tried, tryGuardrail } from './trial.ts'

export const trialRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/guardrails/try',
    {
      config: { direct: 'it changes nothing' },
      schema: {
        operationId: 'guardrailTry',
        summary: 'What a guardrail would say of what there is; nothing is changed',
        tags: ['compliance'],
        body: Trial,
        response: { 200: Tried },
      },
    },
    (request) => tryGuardrail(request.ctx, request.body),
  )
}
