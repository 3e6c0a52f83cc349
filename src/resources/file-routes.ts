// The inventory as files: out of the site, and held against it.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { drift, Drift, driftDocumentsMax } from './drift.ts'
import { exportInventory } from './export.ts'
import { Desired, namePattern } from './schema.ts'

const tags = ['resources']
const scope = Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'Path or id: what lies at or below it' }))
const driftBytesMax = 32 * 1024 ** 2

export const fileRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/export',
    {
      schema: {
        operationId: 'inventoryExport',
        summary: 'Every resource you may read, a document a line, as apply takes them',
        tags,
        querystring: Type.Object({ scope }),
        produces: ['application/x-ndjson'],
        response: { 200: Type.Unsafe<Readable>(Type.String()) },
      },
    },
    async (request, reply) => {
      const pages = await exportInventory(request.ctx, request.query.scope)
      return reply
        .type('application/x-ndjson')
        .header('content-disposition', 'attachment; filename="holdfast-inventory.ndjson"')
        .serializer((payload: string) => payload)
        .send(Readable.from(asLines(pages)))
    },
  )

  app.post(
    '/drift',
    {
      config: { direct: 'it changes nothing' },
      bodyLimit: driftBytesMax,
      schema: {
        operationId: 'inventoryDrift',
        summary: 'What differs between files and the site',
        tags,
        body: Type.Object(
          {
            documents: Type.Array(Desired, { maxItems: driftDocumentsMax }),
            scope,
            manager: Type.Optional(
              Type.String({ pattern: namePattern, description: 'Whose files these are: what others made is not missed in them' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: Drift },
      },
    },
    (request) => drift(request.ctx, request.body),
  )
}

async function* asLines(pages: AsyncIterable<readonly Desired[]>): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((document) => `${JSON.stringify(document)}\n`).join('')
}
