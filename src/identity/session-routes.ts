import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { endSession, fromOf, openedReply } from './opened-reply.ts'
import { refuseForeignOrigin } from './origin.ts'
import { signInOptions } from './passkeys.ts'
import { currentSession } from './profile.ts'
import { CurrentSession, IdParam, Nothing, page, PasskeyOptions, PasskeySignIn, Session, SessionsOf, SignIn } from './schema.ts'
import { endOwnSession, listSessions, revokeSession } from './sessions.ts'
import { signIn, signInByPasskey } from './sign-in.ts'

const tags = ['sign-in']
const config = { public: 'sign-in' }

export const sessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/session',
    {
      config,
      schema: {
        operationId: 'sessionCreate',
        summary: 'Sign in by password',
        tags,
        security: [],
        body: SignIn,
        response: { 200: CurrentSession },
      },
    },
    async (request, reply) => openedReply(request, reply, await signIn(request.ctx, request.body, fromOf(request))),
  )
  app.post(
    '/session/passkey/options',
    {
      config,
      schema: {
        operationId: 'sessionPasskeyOptions',
        summary: 'Begin signing in by passkey',
        tags,
        security: [],
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => {
      refuseForeignOrigin(request.ctx.site, fromOf(request))
      return { ...(await signInOptions(request.ctx, fromOf(request))) }
    },
  )
  app.post(
    '/session/passkey',
    {
      config,
      schema: {
        operationId: 'sessionPasskeyCreate',
        summary: 'Sign in by passkey',
        tags,
        security: [],
        body: PasskeySignIn,
        response: { 200: CurrentSession },
      },
    },
    async (request, reply) =>
      openedReply(request, reply, await signInByPasskey(request.ctx, request.body.response, fromOf(request))),
  )
  app.get(
    '/session',
    {
      schema: {
        operationId: 'sessionGet',
        summary: 'Who is signed in, and what they may do',
        tags,
        response: { 200: CurrentSession },
      },
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      return currentSession(request.ctx)
    },
  )
  app.delete(
    '/session',
    {
      config: { direct: 'one’s own session' },
      schema: { operationId: 'sessionEnd', summary: 'Sign out', tags, response: { 204: Nothing } },
    },
    async (request, reply) => {
      await endOwnSession(request.ctx)
      endSession(request, reply)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/sessions',
    {
      schema: {
        operationId: 'sessionList',
        summary: 'Sessions of one’s own, or of a person',
        tags,
        querystring: SessionsOf,
        response: { 200: page(Session) },
      },
    },
    async (request) => ({ items: await listSessions(request.ctx, request.query.user) }),
  )
  app.delete(
    '/sessions/:id',
    {
      schema: {
        operationId: 'sessionRevoke',
        summary: 'End a session at once',
        tags,
        params: IdParam,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await revokeSession(request.ctx, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
