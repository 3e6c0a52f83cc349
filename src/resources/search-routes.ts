import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { depthMax, Graph, graph } from './graph.ts'
import { queryCharsMax } from './query.ts'
import { Resource } from './schema.ts'
import { search, sortPattern } from './search.ts'
import { searchView } from './views.ts'

const tags = ['resources']

const SearchQuery = Type.Object({
  query: Type.Optional(
    Type.String({
      maxLength: queryCharsMax,
      description: 'kind:deployment label.env=prod spec.engine:openai criticality>=high text',
    }),
  ),
  view: Type.Optional(Type.String({ maxLength: 200, description: 'Id or name of a saved view; query narrows it further' })),
  sort: Type.Optional(Type.String({ pattern: sortPattern, description: 'A - before it is descending' })),
  after: Type.Optional(Type.String({ maxLength: 1000 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
})

const GraphQuery = Type.Object({
  resource: Type.String({ minLength: 1, maxLength: 200, description: 'Id' }),
  depth: Type.Optional(Type.Integer({ minimum: 0, maximum: depthMax })),
})

export const searchRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/resources',
    {
      schema: {
        operationId: 'resourceSearch',
        summary: 'Search every kind of resource by any field',
        tags,
        querystring: SearchQuery,
        response: { 200: Type.Object({ items: Type.Array(Resource), next: Type.Optional(Type.String()) }) },
      },
    },
    (request) => {
      const { view, ...query } = request.query
      return view === undefined ? search(request.ctx, query) : searchView(request.ctx, { ...query, view })
    },
  )

  app.get(
    '/graph',
    {
      schema: {
        operationId: 'resourceGraph',
        summary: 'What a resource needs and what needs it',
        tags,
        querystring: GraphQuery,
        response: { 200: Graph },
      },
    },
    (request) => graph(request.ctx, request.query),
  )
}
