import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { unavailable } from '#platform/problem.ts'
import { measurements } from './metrics.ts'
import { Overview, overview } from './overview.ts'

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/overview',
    {
      schema: {
        operationId: 'siteOverview',
        summary: 'What runs, how it is, what expires',
        tags: ['site'],
        response: { 200: Overview },
      },
    },
    (request) => overview(request.ctx),
  )
}

const Plain = Type.Object({ status: Type.String(), version: Type.Optional(Type.String()) })

/** For supervisors and scrapers, at the addresses they look for. */
export const probeRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/healthz',
    {
      config: { public: 'liveness' },
      schema: { operationId: 'siteHealth', summary: 'The process answers', tags: ['site'], response: { 200: Plain } },
    },
    async () => ({ status: 'ok' }),
  )

  app.get(
    '/readyz',
    {
      config: { public: 'readiness' },
      schema: { operationId: 'siteReady', summary: 'The database answers', tags: ['site'], response: { 200: Plain } },
    },
    async (request) => {
      await sql`select 1`.execute(request.ctx.db).catch((error: unknown) => {
        throw unavailable('The database does not answer.', { headers: { 'retry-after': '2' } }, error)
      })
      return { status: 'ready', version: request.ctx.site.version }
    },
  )

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'siteMetrics',
        summary: 'Measurements in the Prometheus text format',
        tags: ['site'],
        response: { 200: Type.String() },
      },
    },
    async (request, reply) => {
      return reply.type(request.ctx.site.metrics.contentType).send(await measurements(request.ctx))
    },
  )
}
