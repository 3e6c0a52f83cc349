import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { notFound } from '#platform/problem.ts'
import { consistency, currentCheckpoint, exportLog, getEntry, listEntries, receipt, verifyLog } from './log.ts'
import { rebuildSearch } from './projection.ts'
import { AuditQuery, ConsistencyProof, EntryDetail, EntryPage, LogCheckpoint, LogVerdict, Receipt } from './schema.ts'
import { readTile } from './tile-files.ts'
import { parseTilePath, tileWidth } from './tiles.ts'

const tags = ['audit']
const Which = Type.Object({
  entry: Type.String({ pattern: '^(entry_[0-9a-z]{26}|[0-9]{1,15})$', description: 'Id or place in the log' }),
})

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/audit',
    {
      schema: {
        operationId: 'auditList',
        summary: 'Entries of the log, newest first',
        tags,
        querystring: AuditQuery,
        response: { 200: EntryPage },
      },
    },
    (request) => listEntries(request.ctx, request.query),
  )

  app.get(
    '/audit/entries/:entry',
    {
      schema: {
        operationId: 'auditGet',
        summary: 'One entry, with its exact bytes',
        tags,
        params: Which,
        response: { 200: EntryDetail },
      },
    },
    (request) => getEntry(request.ctx, request.params.entry),
  )

  app.get(
    '/audit/entries/:entry/proof',
    {
      schema: {
        operationId: 'auditProve',
        summary: 'Proof that an entry is in the log',
        tags,
        params: Which,
        response: { 200: Receipt },
      },
    },
    (request) => receipt(request.ctx, request.params.entry),
  )

  app.get(
    '/receipts/:entry',
    {
      schema: {
        operationId: 'receiptGet',
        summary: 'The receipt of an act of your own',
        tags,
        params: Which,
        response: { 200: Receipt },
      },
    },
    (request) => receipt(request.ctx, request.params.entry),
  )

  app.get(
    '/audit/checkpoint',
    {
      schema: { operationId: 'auditCheckpoint', summary: 'The latest signed checkpoint', tags, response: { 200: LogCheckpoint } },
    },
    (request) => currentCheckpoint(request.ctx),
  )

  const Sizes = Type.Object({ from: Type.Integer({ minimum: 0 }), to: Type.Optional(Type.Integer({ minimum: 0 })) })
  app.get(
    '/audit/consistency',
    {
      schema: {
        operationId: 'auditConsistency',
        summary: 'Proof that a later log begins with an earlier one',
        tags,
        querystring: Sizes,
        response: { 200: ConsistencyProof },
      },
    },
    (request) => consistency(request.ctx, request.query.from, request.query.to),
  )

  app.get(
    '/audit/verify',
    {
      schema: { operationId: 'auditVerify', summary: 'Recompute the whole log and compare', tags, response: { 200: LogVerdict } },
    },
    (request) => verifyLog(request.ctx),
  )

  app.get(
    '/audit/export',
    {
      schema: {
        operationId: 'auditExport',
        summary: 'The whole log as lines, to verify elsewhere',
        tags,
        produces: ['application/x-ndjson'],
        response: { 200: Type.Unsafe<Readable>(Type.String()) },
      },
    },
    async (request, reply) => {
      const lines = await exportLog(request.ctx)
      return reply
        .type('application/x-ndjson')
        .header('content-disposition', 'attachment; filename="holdfast-log.ndjson"')
        .serializer((payload: string) => payload)
        .send(lines)
    },
  )

  app.post(
    '/audit/rebuild',
    {
      config: { direct: 'what it makes anew follows from the log alone' },
      schema: {
        operationId: 'auditRebuild',
        summary: 'Make the search table anew from the entries; tells how far it is, as lines',
        tags,
        produces: ['application/x-ndjson'],
        response: { 200: Type.Unsafe<Readable>(Type.String()) },
      },
    },
    async (request, reply) => {
      const lines = await rebuildSearch(request.ctx)
      return reply
        .type('application/x-ndjson')
        .serializer((payload: string) => payload)
        .send(lines)
    },
  )
}

const neverChanges = 'private, max-age=31536000, immutable'

/** C2SP tlog-tiles, for other people's tools. */
export const logRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/checkpoint', { schema: { hide: true } }, async (request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send((await currentCheckpoint(request.ctx)).text),
  )

  app.get('/tile/*', { schema: { hide: true } }, async (request, reply) => {
    const { '*': path } = request.params as { '*': string } // the route's own wildcard
    const tile = parseTilePath(path)
    await request.ctx.authorize(tile && tile.level < 0 ? 'audit.read' : 'log.read', { kind: 'log' })
    const data = tile && (await readTile(request.ctx, tile))
    if (!data) throw notFound('The log has no such tile.')
    return reply
      .type('application/octet-stream')
      .header('cache-control', tile.width === tileWidth ? neverChanges : 'no-cache')
      .send(data)
  })
}
