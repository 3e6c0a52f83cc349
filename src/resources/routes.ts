import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { Type, type TSchema } from 'typebox'
import type { Site } from '#platform/site.ts'
import { kindsOf, type Kind } from './kinds.ts'
import { apply, applyAll, documentsMax } from './apply.ts'
import { get, history, list } from './read.ts'
import { move, remove } from './remove.ts'
import { Applied, applyOf, Desired, KindInfo, Outcome, resourceOf, Revision, type Desired as DesiredDocument } from './schema.ts'
import { watch, type WatchEvent } from './watch.ts'

const tags = ['resources']
const ListQuery = Type.Object({
  scope: Type.Optional(Type.String({ maxLength: 1000, description: 'Path or id: only what lies at or below it' })),
  q: Type.Optional(Type.String({ maxLength: 100, description: 'Part of the name' })),
  after: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})
const Which = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200, description: 'Id, or a name that only one has' }) })
const Conditional = Type.Object({
  'if-match': Type.Optional(Type.String({ maxLength: 200 })),
  'if-none-match': Type.Optional(Type.Literal('*')),
})
const camel = (kind: string) => kind.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Built when the doors are mounted, after every room has defined its kinds. */
export const routesFor =
  (site: Site): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(commonRoutes)
    for (const kind of kindsOf(site)) await app.register(kindRoutes(kind))
  }

const kindRoutes =
  (kind: Kind): FastifyPluginAsyncTypebox =>
  async (app) => {
    const resource = resourceOf(kind)
    const id = camel(kind.kind)
    const title = kind.title.toLowerCase()
    const answer: TSchema = Type.Object({ outcome: Outcome, resource, before: Type.Optional(resource) })
    const path = `/${kind.plural}`
    const page: TSchema = Type.Object({ items: Type.Array(resource), next: Type.Optional(Type.String()) })

    app.get(
      path,
      {
        schema: {
          operationId: `${id}List`,
          summary: `Every ${title} you may read`,
          tags,
          querystring: ListQuery,
          response: { 200: page },
        },
      },
      (request) => list(request.ctx, kind.kind, request.query),
    )

    app.get(
      `${path}/:id`,
      { schema: { operationId: `${id}Get`, summary: `One ${title}`, tags, params: Which, response: { 200: resource } } },
      async (request, reply) => {
        const found = await get(request.ctx, kind.kind, request.params.id)
        return reply.header('etag', found.etag).send(found)
      },
    )

    app.put(
      path,
      {
        schema: {
          operationId: `${id}Apply`,
          summary: `Create or change a ${title}`,
          tags,
          headers: Conditional,
          body: applyOf(kind),
          response: { 200: answer, 201: answer },
        },
      },
      async (request, reply) => {
        const body = request.body as Omit<DesiredDocument, 'kind'> // checked against the kind's own schema
        const applied = await apply(
          request.ctx,
          { ...body, kind: kind.kind },
          { ifMatch: request.headers['if-match'], create: request.headers['if-none-match'] === '*' },
        )
        return reply
          .code(applied.outcome === 'created' ? 201 : 200)
          .header('etag', applied.resource.etag)
          .send(applied)
      },
    )

    app.delete(
      `${path}/:id`,
      {
        schema: {
          operationId: `${id}Delete`,
          summary: `Delete a ${title}`,
          tags,
          params: Which,
          headers: Conditional,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await remove(request.ctx, kind.kind, request.params.id, { ifMatch: request.headers['if-match'] })
        return reply.code(204).send(null)
      },
    )

    const past = Type.Object({ items: Type.Array(Revision) })
    app.get(
      `${path}/:id/history`,
      {
        schema: {
          operationId: `${id}History`,
          summary: `Every state a ${title} had, newest first`,
          tags,
          params: Which,
          response: { 200: past },
        },
      },
      async (request) => ({
        items: await history(request.ctx, kind.kind, request.params.id),
      }),
    )

    if (kind.isScope)
      app.post(
        `${path}/:id/move`,
        {
          schema: {
            operationId: `${id}Move`,
            summary: `Move a ${title}, with all that is in it, to another place in the tree`,
            tags,
            params: Which,
            headers: Conditional,
            body: Type.Object({ scope: Type.String({ maxLength: 1000 }) }, { additionalProperties: false }),
            response: { 200: resource },
          },
        },
        async (request, reply) => {
          const { scope } = request.body
          const moved = await move(request.ctx, kind.kind, request.params.id, { scope, ifMatch: request.headers['if-match'] })
          return reply.header('etag', moved.etag).send(moved)
        },
      )
  }

const Documents = Type.Object(
  { resources: Type.Array(Desired, { maxItems: documentsMax }), dryRun: Type.Optional(Type.Boolean()) },
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
        body: Documents,
        response: { 200: Type.Object({ dryRun: Type.Boolean(), changes: Type.Array(Applied) }) },
      },
    },
    async (request) => {
      const { resources, dryRun = false } = request.body
      return { dryRun, changes: await applyAll(request.ctx, resources, { dryRun }) }
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
