import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { attest, withdrawAttestation } from './attestation.ts'
import { listAttestations } from './attestation-read.ts'
import {
  Attestation,
  AttestationItem,
  AttestationParam,
  Attestations,
  AttestationsQuery,
  NewAttestation,
  Withdrawal,
} from './attestation-schema.ts'

const tags = ['compliance']

export const attestationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/compliance/attestations',
    {
      schema: {
        operationId: 'attestationList',
        summary: 'What people vouched for, and whether it still counts; newest first',
        tags,
        querystring: AttestationsQuery,
        response: { 200: Attestations },
      },
    },
    (request) => listAttestations(request.ctx, request.query),
  )
  app.post(
    '/compliance/attestations',
    {
      schema: {
        operationId: 'complianceAttest',
        summary: 'Vouch for what only a person can see',
        tags,
        body: NewAttestation,
        response: { 201: Attestation },
      },
    },
    async (request, reply) => reply.code(201).send(await attest(request.ctx, request.body)),
  )
  app.post(
    '/compliance/attestations/:id/withdraw',
    {
      schema: {
        operationId: 'attestationWithdraw',
        summary: 'Take back what was vouched for: from now on it counts for nothing',
        tags,
        params: AttestationParam,
        body: Withdrawal,
        response: { 200: AttestationItem },
      },
    },
    (request) => withdrawAttestation(request.ctx, request.params.id, request.body.reason),
  )
}
