import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { keepDirect } from '#platform/inner.ts'
import { addCertificate, certificateChallenge, listCertificates, removeCertificate } from './certificates.ts'
import { Certificate, IdParam, NewCertificate, Nothing, page } from './schema.ts'

const tags = ['me']

export const certificateRoutes: FastifyPluginAsyncTypebox = async (app) => {
  keepDirect(app, 'one’s own account')
  app.get(
    '/me/certificates',
    {
      schema: {
        operationId: 'certificateList',
        summary: 'One’s own certificates, to sign approvals with',
        tags,
        response: { 200: page(Certificate) },
      },
    },
    async (request) => ({ items: await listCertificates(request.ctx) }),
  )
  app.post(
    '/me/certificates/challenge',
    {
      schema: {
        operationId: 'certificateChallenge',
        summary: 'What a certificate’s key must sign to be registered',
        tags,
        response: { 200: Type.Object({ challenge: Type.String(), statement: Type.String() }) },
      },
    },
    (request) => certificateChallenge(request.ctx),
  )
  app.post(
    '/me/certificates',
    {
      schema: {
        operationId: 'certificateCreate',
        summary: 'Register a certificate whose key one holds',
        tags,
        body: NewCertificate,
        response: { 201: Certificate },
      },
    },
    async (request, reply) => reply.code(201).send(await addCertificate(request.ctx, request.body)),
  )
  app.delete(
    '/me/certificates/:id',
    {
      schema: {
        operationId: 'certificateDelete',
        summary: 'Remove a certificate',
        tags,
        params: IdParam,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await removeCertificate(request.ctx, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
