// OCI Distribution 1.1 at /v2. A name holds slashes, so a route is a method, and what is meant is read from the address.
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { lendToken } from '#identity'
import { keepDirect } from '#platform/inner.ts'
import { notFound } from '#platform/problem.ts'
import { answerFailure } from './oci-errors.ts'
import { deleteBlob, headBlob, mountOrBegin, patchUpload, putUpload, sendBlob, tellUpload, stopUpload } from './oci-blobs.ts'
import { deleteManifest, pushManifest, sendManifest, sendReferrers, sendTags } from './oci-manifests.ts'
import { catalog } from './oci-catalog.ts'
import type { Asked, Handler } from './oci-asked.ts'

const tags = ['registry']

const shapes: [kind: string, pattern: RegExp][] = [
  ['uploads', /^(?<path>.+)\/blobs\/uploads\/?$/],
  ['upload', /^(?<path>.+)\/blobs\/uploads\/(?<rest>[^/]+)$/],
  ['blob', /^(?<path>.+)\/blobs\/(?<rest>[^/]+)$/],
  ['manifest', /^(?<path>.+)\/manifests\/(?<rest>[^/]+)$/],
  ['tags', /^(?<path>.+)\/tags\/list$/],
  ['referrers', /^(?<path>.+)\/referrers\/(?<rest>[^/]+)$/],
]

const handlers: Record<string, Handler> = {
  'GET blob': sendBlob,
  'HEAD blob': headBlob,
  'DELETE blob': deleteBlob,
  'POST uploads': mountOrBegin,
  'GET upload': tellUpload,
  'PATCH upload': patchUpload,
  'PUT upload': putUpload,
  'DELETE upload': stopUpload,
  'GET manifest': sendManifest,
  'HEAD manifest': sendManifest,
  'PUT manifest': pushManifest,
  'DELETE manifest': deleteManifest,
  'GET tags': sendTags,
  'GET referrers': sendReferrers,
}

const askedOf = (request: FastifyRequest): { kind: string; asked: Asked } | undefined => {
  const address = (request.params as { '*': string })['*'] // fastify's wildcard
  for (const [kind, pattern] of shapes) {
    const groups = pattern.exec(address)?.groups
    if (groups) return { kind, asked: { path: groups['path']!, rest: groups['rest'] ?? '' } }
  }
  return undefined
}

const answer = async (request: FastifyRequest, reply: FastifyReply) => {
  void reply.header('docker-distribution-api-version', 'registry/2.0')
  const found = askedOf(request)
  const handler = found && handlers[`${request.method} ${found.kind}`]
  if (!handler) {
    await request.ctx.authorize('organisation.read', { kind: 'organisation' })
    throw notFound(`The registry serves nothing at ${request.method} ${request.url.slice(0, 200)}.`)
  }
  return handler(request, reply, found.asked)
}

const operation = (operationId: string, summary: string) => ({ schema: { operationId, summary, tags } })

export const ociRoutes: FastifyPluginAsyncTypebox = async (app) => {
  keepDirect(app, 'what was sent is not taken back')
  app.addHook('onRoute', (route) => void (route.config = { ...route.config, basic: true }))
  app.setErrorHandler(answerFailure)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (_request: unknown, body: Readable) => body)

  app.get('/', operation('ociVersion', 'Whether this is a registry, and you are let in'), async (request, reply) => {
    await request.ctx.authorize('organisation.read', { kind: 'organisation' })
    return reply.header('docker-distribution-api-version', 'registry/2.0').send({})
  })
  app.get('/token', operation('ociToken', 'A token for some minutes, in place of the key that asks for it'), async (request) => {
    const { token, issuedAt, expiresInSeconds } = await lendToken(request.ctx)
    return { token, access_token: token, expires_in: expiresInSeconds, issued_at: issuedAt.toISOString() }
  })
  app.get('/_catalog', operation('ociCatalog', 'What you may pull'), catalog)
  // By hand: the framework's own HEAD counts the body it is given, and so says 0.
  app.head('/*', { schema: { hide: true } }, answer)
  app.get('/*', operation('ociGet', 'Pull a manifest or a blob; list tags and referrers'), answer)
  app.post('/*', operation('ociPost', 'Begin an upload, or mount a blob of another repository'), answer)
  app.patch('/*', operation('ociPatch', 'Send a piece of an upload'), answer)
  app.put('/*', operation('ociPut', 'Finish an upload, or push a manifest'), answer)
  app.delete('/*', operation('ociDelete', 'Discard a tag, a manifest or a blob; cancel an upload'), answer)
}
