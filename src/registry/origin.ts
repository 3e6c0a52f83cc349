import type { FastifyRequest } from 'fastify'

/** As the client reached us, by a name the edge has accepted: so that what we answer leads back by the same way. */
export const originOf = (request: FastifyRequest): string => `${request.protocol}://${request.host}`
