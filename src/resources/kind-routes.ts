import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type TSchema } from 'typebox'
import { Effects } from '#policy'
import { apply } from './apply.ts'
import type { Kind } from './kinds.ts'
import { get, history, list } from './read.ts'
import { move, tryMove } from './move.ts'
import { MovePreview } from './move-schema.ts'
import { remove } from './remove.ts'
import { applyOf, Approval, GuardrailVerdict, Outcome, Reason, resourceOf, Revision, type Desired } from './schema.ts'

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
  'x-reason': Type.Optional(Reason),
})
const Move = Type.Object(
  {
    scope: Type.String({ minLength: 1, maxLength: 1000, description: 'Path or id of the scope it comes to lie in' }),
    reason: Type.Optional(Reason),
    dryRun: Type.Optional(Type.Boolean({ description: 'Say what is gained and lost by it, and move nothing' })),
    force: Type.Optional(
      Type.Boolean({
        description: 'Though it would lock everyone out there; where it would, that takes the approval of two owners',
      }),
    ),
  },
  { additionalProperties: false },
)
const camel = (kind: string) => kind.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** What the doors of one kind are called. */
const naming = (kind: Kind) => ({ id: camel(kind.kind), title: kind.title.toLowerCase(), path: `/${kind.plural}` })

/** The typed doors of one kind, the same for every kind. */
export const kindRoutes =
  (kind: Kind): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(readRoutes(kind))
    await app.register(writeRoutes(kind))
    if (kind.isScope) await app.register(moveRoute(kind))
  }

const readRoutes =
  (kind: Kind): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { id, title, path } = naming(kind)
    const resource = resourceOf(kind)
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
  }

const writeRoutes =
  (kind: Kind): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { id, title, path } = naming(kind)
    const resource = resourceOf(kind)
    const answer: TSchema = Type.Object({
      outcome: Outcome,
      resource,
      before: Type.Optional(resource),
      verdicts: Type.Optional(Type.Array(GuardrailVerdict)),
    })

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
        const { reason, ...body } = request.body as Omit<Desired, 'kind'> & { reason?: string } // checked against the kind's own schema
        const { headers } = request
        const applied = await apply(
          request.ctx,
          { ...body, kind: kind.kind },
          {
            ifMatch: headers['if-match'],
            create: headers['if-none-match'] === '*',
            reason: reason ?? headers['x-reason'],
          },
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
        const { 'if-match': ifMatch, 'x-reason': reason } = request.headers
        await remove(request.ctx, kind.kind, request.params.id, { ifMatch, reason })
        return reply.code(204).send(null)
      },
    )
  }

const moveRoute =
  (kind: Kind): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { id, title, path } = naming(kind)
    const answer: TSchema = Type.Object({
      ...resourceOf(kind).properties,
      preview: Type.Optional(MovePreview),
      approvals: Type.Optional(Type.Array(Approval, { description: 'Of a dry run: who else must approve' })),
      rights: Type.Optional(Effects),
    })

    app.post(
      `${path}/:id/move`,
      {
        schema: {
          operationId: `${id}Move`,
          summary: `Move a ${title}, with all that is in it, to another place in the tree`,
          tags,
          params: Which,
          headers: Conditional,
          body: Move,
          response: { 200: answer },
        },
      },
      async (request, reply) => {
        const { ctx, body, headers, params } = request
        const { scope, reason = headers['x-reason'], dryRun = false, force } = body
        const to = { scope, reason, force, ifMatch: headers['if-match'] }
        if (dryRun) {
          const { resource, ...said } = await tryMove(ctx, kind.kind, params.id, to)
          return { ...resource, ...said }
        }
        const moved = await move(ctx, kind.kind, params.id, to)
        return reply.header('etag', moved.etag).send(moved)
      },
    )
  }
