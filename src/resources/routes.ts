import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { Site } from '#platform/site.ts'
import { fileRoutes } from './file-routes.ts'
import { kindRoutes } from './kind-routes.ts'
import { kindsOf } from './kinds.ts'
import { applyAll, documentsMax } from './bulk.ts'
import { Applied, Desired, KindInfo, namePattern, Reason } from './schema.ts'
import { searchRoutes } from './search-routes.ts'
import { watch, type WatchEvent } from './watch.ts'

const tags = ['resources']
/** Built when the doors are mounted, after every room has defined its kinds. */
export const routesFor =
  (site: Site): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(commonRoutes)
    await app.register(searchRoutes)
    await app.register(fileRoutes)
    for (const kind of kindsOf(site)) await app.register(kindRoutes(kind))
  }

const Documents = Type.Object(
  {
    resources: Type.Array(Desired, { maxItems: documentsMax }),
    dryRun: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Reason),
    manager: Type.Optional(
      Type.String({ pattern: namePattern, description: 'Whose files these are; what is applied is labelled managed-by so' }),
    ),
    prune: Type.Optional(
      Type.Object(
        {
          scope: Type.String({ maxLength: 1000, description: 'What lies at or below it' }),
          force: Type.Optional(Type.Boolean({ description: 'Also when the files hold nothing' })),
        },
        { additionalProperties: false, description: 'Delete what this manager made there and the files hold no more' },
      ),
    ),
  },
  { additionalProperties: false },
)

const commonRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/kinds',
    {
      schema: {
        operationId: 'kindList',
        summary: 'Kinds of resources and the form of each',
        tags,
        response: { 200: Type.Object({ items: Type.Array(KindInfo) }) },
      },
    },
    async (request) => {
      await request.ctx.authorize('policy.read', { kind: 'policy' })
      return {
        items: kindsOf(request.ctx.site).map(({ kind, plural, title, description, isScope, spec }) => ({
          kind,
          plural,
          title,
          description,
          isScope: isScope ?? false,
          spec,
        })),
      }
    },
  )

  app.post(
    '/apply',
    {
      schema: {
        operationId: 'resourceApply',
        summary: 'Apply many resources: all of them or none',
        tags,
        headers: Type.Object({ 'x-reason': Type.Optional(Reason) }),
        body: Documents,
        response: { 200: Type.Object({ dryRun: Type.Boolean(), changes: Type.Array(Applied) }) },
      },
    },
    async (request) => {
      const { resources, dryRun = false, reason = request.headers['x-reason'], manager, prune } = request.body
      return { dryRun, changes: await applyAll(request.ctx, resources, { dryRun, reason, manager, prune }) }
    },
  )

  const WatchQuery = Type.Object({
    kind: Type.Optional(Type.String({ maxLength: 80 })),
    after: Type.Optional(Type.String({ maxLength: 50 })),
  })
  app.get(
    '/watch',
    {
      schema: {
        operationId: 'resourceWatch',
        summary: 'News of resources as server-sent events',
        tags,
        querystring: WatchQuery,
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const { ctx, headers, query } = request
      const after = headers['last-event-id']?.toString() ?? query.after
      const events = await watch(ctx, { kind: query.kind, after, stillWelcome: () => stillWelcome(request) })
      return reply
        .header('cache-control', 'no-store')
        .type('text/event-stream')
        .send(Readable.from(asText(events)))
    },
  )
}

/** A stream outlives the moment it was opened in: a session or key revoked since ends it. */
const stillWelcome = async ({ ctx, headers, ip, socket }: FastifyRequest): Promise<boolean> => {
  const { cookie, authorization, origin } = headers
  const found = await ctx.site.wiring
    .authenticate?.(ctx.site, { cookie, authorization, origin, method: 'GET', address: ip, localPort: socket.localPort })
    .catch(() => undefined)
  return found !== undefined && found.id === ctx.actor.id
}

async function* asText(events: AsyncIterable<WatchEvent | undefined>): AsyncGenerator<string> {
  yield ': watching\n\n'
  for await (const event of events)
    yield event ? `id: ${event.cursor}\nevent: ${event.change}\ndata: ${JSON.stringify(event)}\n\n` : ': still here\n\n'
}
