// The portal's built files, the same for everyone; what they show, the API gives. Every other address a person types leads to its index.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'

const dist = join(import.meta.dirname, '../../portal/dist')
const yearSeconds = 31_536_000

export const servePortal: FastifyPluginAsync = async (app) => {
  if (!existsSync(join(dist, 'index.html'))) {
    app.get('/', { config: { public: 'portal' }, schema: { hide: true } }, (_request, reply) =>
      reply.code(503).type('text/plain').send('The portal is not built. Start the site with `npm start`, which builds it.\n'),
    )
    return
  }
  await app.register(fastifyStatic, { root: dist, serve: false })
  app.get('/assets/*', { config: { public: 'portal' }, schema: { hide: true } }, (request, reply) => {
    const { '*': path } = request.params as { '*': string } // the route's own wildcard
    // Names carry a hash of the content: what was fetched once never changes.
    return reply
      .header('cache-control', `public, max-age=${yearSeconds}, immutable`)
      .sendFile(join('assets', path), { cacheControl: false })
  })
  for (const path of ['/', '/*'])
    app.get(path, { config: { public: 'portal' }, schema: { hide: true } }, (request, reply) => {
      if (/^\/(api|v1|log|problems)\//.test(request.url)) return reply.callNotFound()
      const file = request.url.split('?')[0]!.slice(1)
      const known = /^[a-z0-9-]+\.(svg|png|ico|webmanifest|txt)$/.test(file) && existsSync(join(dist, file))
      return reply.header('cache-control', 'no-cache').sendFile(known ? file : 'index.html', { cacheControl: false })
    })
}
