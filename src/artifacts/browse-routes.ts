import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { browseManifest, browsePackages, browseTags } from './browse.ts'
import { browseRepositories } from './browse-repositories.ts'
import { ManifestCard, PackageCard, RepositoryCard, TagCard } from './browse-schema.ts'
import { discardManifest } from './manifests.ts'
import { formats, placeFor } from './repositories.ts'

const tags = ['artifacts']
const Path = Type.String({ minLength: 1, maxLength: 255, description: 'As clients name it: scope/repository/package' })
const Reference = Type.String({ minLength: 1, maxLength: 200, description: 'A tag or a digest' })
const paging = {
  after: Type.Optional(Type.String({ maxLength: 500, description: '`next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
}
const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'What the name holds' }))

const pageOf = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String()) })

export const browseRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/artifacts',
    {
      schema: {
        operationId: 'artifactList',
        summary: 'Packages of the repositories you may read',
        tags,
        querystring: Type.Object({
          repository: Type.Optional(Type.String({ maxLength: 200, description: 'Id or name' })),
          format: Type.Optional(
            Type.String({
              maxLength: 50,
              pattern: `^(${formats.join('|')})(,(${formats.join('|')}))*$`,
              description: 'One or more, by commas',
            }),
          ),
          models: Type.Optional(
            Type.Boolean({ description: 'Only packages that hold a model: a ModelPack, GGUF or safetensors' }),
          ),
          q: Text,
          ...paging,
        }),
        response: { 200: pageOf(PackageCard) },
      },
    },
    ({ ctx, query: { format, ...query } }) => browsePackages(ctx, { ...query, formats: format?.split(',') }),
  )

  app.get(
    '/artifacts/repositories',
    {
      schema: {
        operationId: 'artifactRepositories',
        summary: 'Repositories that you may read: what each holds, and what you may do there',
        tags,
        response: { 200: Type.Object({ items: Type.Array(RepositoryCard) }) },
      },
    },
    async ({ ctx }) => ({ items: await browseRepositories(ctx) }),
  )

  app.get(
    '/artifacts/tags',
    {
      schema: {
        operationId: 'artifactTags',
        summary: 'Tags of a package, newest first',
        tags,
        querystring: Type.Object({ path: Path, q: Text, ...paging }),
        response: { 200: pageOf(TagCard) },
      },
    },
    (request) => browseTags(request.ctx, request.query),
  )

  app.get(
    '/artifacts/manifest',
    {
      schema: {
        operationId: 'artifactGet',
        summary: 'One release: its files, what refers to it, who pulls it',
        tags,
        querystring: Type.Object({ path: Path, reference: Reference }),
        response: { 200: ManifestCard },
      },
    },
    ({ ctx, query }) => browseManifest(ctx, query.path, query.reference),
  )

  app.delete(
    '/artifacts/manifest',
    {
      schema: {
        operationId: 'artifactDiscard',
        summary: 'Discard a tag, or a release with all its tags',
        tags,
        querystring: Type.Object({ path: Path, reference: Reference }),
        response: { 204: Type.Null() },
      },
    },
    async ({ ctx, query }, reply) => {
      await discardManifest(ctx, await placeFor(ctx, 'discard', query.path), query.reference)
      return reply.code(204).send(null)
    },
  )
}
