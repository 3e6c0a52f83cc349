import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { attestationRoutes } from './attestation-routes.ts'
import { pointsOver } from './history.ts'
import { remediationRoutes } from './remediation-routes.ts'
import {
  AskedQuery,
  Points,
  PointsQuery,
  Summary,
  Sweep,
  SweepRequest,
  Transitions,
  TransitionsQuery,
  Verdicts,
  VerdictsQuery,
} from './state-schema.ts'
import { summary } from './summary.ts'
import { verdicts } from './summary-verdicts.ts'
import { askForSweep } from './sweep-ask.ts'
import { transitionsOf } from './transitions.ts'

const tags = ['compliance']

export const stateRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/compliance',
    {
      schema: {
        operationId: 'complianceGet',
        summary: 'How it stands: things by the worst of their verdicts, by place, by initiative and by assignment',
        tags,
        querystring: AskedQuery,
        response: { 200: Summary },
      },
    },
    (request) => summary(request.ctx, request.query),
  )
  app.get(
    '/compliance/history',
    {
      schema: {
        operationId: 'complianceHistory',
        summary: 'How it stood, at points in time',
        tags,
        querystring: PointsQuery,
        response: { 200: Points },
      },
    },
    async (request) => ({ items: await pointsOver(request.ctx, request.query) }),
  )
  app.get(
    '/compliance/verdicts',
    {
      schema: {
        operationId: 'complianceVerdicts',
        summary: 'Verdict by verdict; none is compliant that may no longer be',
        tags,
        querystring: VerdictsQuery,
        response: { 200: Verdicts },
      },
    },
    (request) => verdicts(request.ctx, request.query),
  )
  app.get(
    '/compliance/transitions',
    {
      schema: {
        operationId: 'complianceTransitions',
        summary: 'What became compliant and what no longer is, by whom or why; newest first',
        tags,
        querystring: TransitionsQuery,
        response: { 200: Transitions },
      },
    },
    (request) => transitionsOf(request.ctx, { limit: 50, ...request.query }),
  )
  app.post(
    '/compliance/sweep',
    {
      schema: {
        operationId: 'complianceSweep',
        summary: 'Judge everything again, or all at or below a scope',
        tags,
        body: SweepRequest,
        response: { 202: Sweep },
      },
    },
    async (request, reply) => reply.code(202).send(await askForSweep(request.ctx, request.body.scope)),
  )
  await app.register(attestationRoutes)
  await app.register(remediationRoutes)
}
