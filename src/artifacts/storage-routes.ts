import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { collect } from './collect.ts'
import { listDamaged } from './damage.ts'
import { previewRetention, retainAt } from './retention.ts'
import { Going, Retained, Retention } from './retention-schema.ts'
import { askScrub } from './scrub.ts'
import { Collected, Damaged, FreeableItem, FreeableSum, Storage, Usage } from './storage-schema.ts'
import { listFreeable, listUsage, readStorage } from './storage.ts'

const tags = ['storage']
const daysMax = 3_650
const Path = Type.String({ minLength: 1, maxLength: 255, description: 'Of the repository, as clients name it' })
const Count = Type.Integer({ minimum: 0 })

export const storageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/storage',
    {
      schema: {
        operationId: 'storageGet',
        summary: 'What is stored, how it is, and what was last collected',
        tags,
        querystring: Type.Object({
          days: Type.Optional(Type.Integer({ minimum: 1, maximum: daysMax, description: 'Verified within so many days' })),
        }),
        response: { 200: Storage },
      },
    },
    ({ ctx, query }) => readStorage(ctx, query.days),
  )

  app.get(
    '/storage/freeable',
    {
      schema: {
        operationId: 'storageFreeable',
        summary: 'What a collection would take and why, without taking it',
        tags,
        response: { 200: Type.Object({ sums: Type.Array(FreeableSum), items: Type.Array(FreeableItem) }) },
      },
    },
    ({ ctx }) => listFreeable(ctx),
  )

  app.post(
    '/storage/collect',
    {
      config: { direct: 'what a collection takes is needed by nothing, for as long as the grace' },
      schema: {
        operationId: 'storageCollect',
        summary: 'Collect now what nothing needs',
        tags,
        response: { 200: Collected },
      },
    },
    ({ ctx }) => collect(ctx),
  )

  app.post(
    '/storage/scrub',
    {
      config: { direct: 'reading changes nothing that is stored' },
      schema: {
        operationId: 'storageScrub',
        summary: 'Read everything again from now on, at the set pace',
        tags,
        response: { 202: Type.Object({ count: Count, bytes: Count }) },
      },
    },
    async ({ ctx }, reply) => reply.code(202).send(await askScrub(ctx)),
  )

  app.post(
    '/storage/retention/preview',
    {
      config: { direct: 'it changes nothing' },
      schema: {
        operationId: 'storageRetentionPreview',
        summary: 'What a retention would take of a repository now, without taking it',
        tags,
        body: Type.Object(
          {
            path: Path,
            retention: Type.Optional(Type.Unsafe<Retention>({ ...Retention, description: 'Absent means the one that is set' })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ items: Type.Array(Going), more: Type.Boolean() }) },
      },
    },
    ({ ctx, body }) => previewRetention(ctx, body),
  )

  app.post(
    '/storage/retention/run',
    {
      schema: {
        operationId: 'storageRetentionRun',
        summary: 'Carry out the retention of a repository now',
        tags,
        body: Type.Object({ path: Path }, { additionalProperties: false }),
        response: { 200: Retained },
      },
    },
    ({ ctx, body }) => retainAt(ctx, body.path),
  )

  app.get(
    '/storage/damaged',
    {
      schema: {
        operationId: 'storageDamaged',
        summary: 'Stored content that is no longer what its digest says, and who holds it',
        tags,
        response: { 200: Type.Object({ items: Type.Array(Damaged), count: Count }) },
      },
    },
    ({ ctx }) => listDamaged(ctx),
  )

  app.get(
    '/storage/usage',
    {
      schema: {
        operationId: 'storageUsage',
        summary: 'What repositories that you may read hold, by place and by format, and the quotas on them',
        tags,
        response: { 200: Usage },
      },
    },
    ({ ctx }) => listUsage(ctx),
  )
}
