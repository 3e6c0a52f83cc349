import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { createKey, listKeys, revokeKey } from './keys.ts'
import { IdParam, Key, KeyMade, KeysOf, NewKey, Nothing, page } from './schema.ts'

const tags = ['keys']

export const keyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/keys',
    {
      schema: {
        operationId: 'keyList',
        summary: 'API keys of one’s own, or of a person',
        tags,
        querystring: KeysOf,
        response: { 200: page(Key) },
      },
    },
    async (request) => ({ items: await listKeys(request.ctx, request.query.user) }),
  )
  app.post(
    '/keys',
    {
      config: { direct: 'a key is its maker’s own, and its secret is shown once' },
      schema: {
        operationId: 'keyCreate',
        summary: 'Make an API key; its secret is shown this once',
        tags,
        body: NewKey,
        response: { 201: KeyMade },
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await createKey(request.ctx, request.body)),
  )
  app.delete(
    '/keys/:id',
    {
      schema: {
        operationId: 'keyRevoke',
        summary: 'Revoke an API key at once',
        tags,
        params: IdParam,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await revokeKey(request.ctx, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
