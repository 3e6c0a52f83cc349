import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { browseRoutes } from './browse-routes.ts'
import { signatureRoutes } from './signature-routes.ts'
import { upload } from './files.ts'
import { generationRoutes } from './generation-routes.ts'
import { storageRoutes } from './storage-routes.ts'

const Uploaded = Type.Object({
  digest: Type.String(),
  sizeBytes: Type.Integer({ minimum: 0 }),
  mended: Type.Boolean({ description: 'It took the place of a stored file that was damaged' }),
})
const Headers = Type.Object({
  'x-content-sha256': Type.Optional(
    Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Refuse unless the content has this digest' }),
  ),
})

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  await app.register(browseRoutes)
  await app.register(signatureRoutes)
  await app.register(storageRoutes)
  await app.register(generationRoutes)
  // The body goes to the store as it arrives; nothing of it is held.
  app.addContentTypeParser('application/octet-stream', async (_request: unknown, body: Readable) => body)

  app.post(
    '/uploads',
    {
      config: { direct: 'a file that was stored is not taken back' },
      schema: {
        operationId: 'artifactUpload',
        summary: 'Bring a file into the store',
        tags: ['models'],
        consumes: ['application/octet-stream'],
        headers: Headers,
        body: Type.Unsafe<Readable>(Type.Unknown({ description: 'The file' })),
        response: { 201: Uploaded },
      },
    },
    async (request, reply) => {
      const sha256 = request.headers['x-content-sha256']
      const length = Number(request.headers['content-length'])
      const uploaded = await upload(request.ctx, request.body, {
        digest: sha256 && `sha256:${sha256}`,
        sizeBytes: Number.isSafeInteger(length) ? length : undefined,
      })
      return reply.code(201).send(uploaded)
    },
  )
}
