import type { FastifyReply, FastifyRequest } from 'fastify'
import { listPaths } from '#artifacts'
import { countOf, nextLink, queryOf } from './oci-asked.ts'

export const catalog = async (request: FastifyRequest, reply: FastifyReply) => {
  const { items, next } = await listPaths(request.ctx, { after: queryOf(request)['last'], limit: countOf(request) })
  if (next !== undefined) void reply.header('link', nextLink(request, next))
  return reply.send({ repositories: items })
}
