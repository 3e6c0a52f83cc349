import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Generation, GenerationCard, linePattern, NewGeneration, Switched } from './generation-schema.ts'
import { make, rollBack, switchGeneration } from './generation-switch.ts'
import { discardGeneration, listGenerations, readGeneration } from './generations.ts'

const tags = ['generations']
const Line = Type.String({ pattern: linePattern })
const Numbered = Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 })
const Which = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100, description: 'Id' }) })

export const generationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/generations',
    {
      schema: {
        operationId: 'generationList',
        summary: 'Generations, newest first',
        tags,
        querystring: Type.Object({
          line: Type.Optional(Line),
          before: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 2 ** 31, description: '`next` of the page before; of one line' }),
          ),
        }),
        response: { 200: Type.Object({ items: Type.Array(GenerationCard), next: Type.Optional(Type.Integer()) }) },
      },
    },
    ({ ctx, query }) => listGenerations(ctx, query),
  )

  app.get(
    '/generations/:id',
    {
      schema: {
        operationId: 'generationGet',
        summary: 'What a generation states, what it changed, and its signed statement',
        tags,
        params: Which,
        response: { 200: Generation },
      },
    },
    ({ ctx, params }) => readGeneration(ctx, params.id),
  )

  app.post(
    '/generations',
    {
      schema: {
        operationId: 'generationMake',
        summary: 'State which names mean which content, signed, and keep all of it',
        tags,
        body: NewGeneration,
        response: { 201: GenerationCard },
      },
    },
    async ({ ctx, body }, reply) => reply.code(201).send(await make(ctx, body)),
  )

  app.post(
    '/generations/:id/switch',
    {
      schema: {
        operationId: 'generationSwitch',
        summary: 'Make a generation live: its names mean what it says, all at once',
        tags,
        params: Which,
        response: { 200: Switched },
      },
    },
    ({ ctx, params }) => switchGeneration(ctx, params.id),
  )

  app.post(
    '/generations/rollback',
    {
      schema: {
        operationId: 'generationRollback',
        summary: 'Back to the generation that was live before, or to an older one',
        tags,
        body: Type.Object({ line: Line, to: Type.Optional(Numbered) }, { additionalProperties: false }),
        response: { 200: Switched },
      },
    },
    ({ ctx, body }) => rollBack(ctx, body),
  )

  app.delete(
    '/generations/:id',
    {
      schema: {
        operationId: 'generationDiscard',
        summary: 'Discard a generation that is not live',
        tags,
        params: Which,
        response: { 204: Type.Null() },
      },
    },
    async ({ ctx, params }, reply) => {
      await discardGeneration(ctx, params.id)
      return reply.code(204).send(null)
    },
  )
}
