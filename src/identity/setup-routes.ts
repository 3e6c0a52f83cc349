import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fromOf, openedReply } from './opened-reply.ts'
import { acceptInvitation, invitationPasskeyOptions, invitationState } from './invitations.ts'
import {
  AcceptInvitation,
  CurrentSession,
  InvitationState,
  PasskeyOptions,
  Setup,
  SetupNames,
  SetupState,
  TokenOnly,
} from './schema.ts'
import { setUp, setupPasskeyOptions, setupState } from './setup.ts'

const tags = ['sign-in']
const open = (why: string) => ({ public: why })

export const setupRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/setup',
    {
      config: open('set-up'),
      schema: {
        operationId: 'setupGet',
        summary: 'Whether the site still needs its owner',
        tags,
        security: [],
        response: { 200: SetupState },
      },
    },
    (request) => setupState(request.ctx),
  )
  app.post(
    '/setup/passkey',
    {
      config: open('set-up'),
      schema: {
        operationId: 'setupPasskeyOptions',
        summary: 'Begin the owner’s passkey',
        tags,
        security: [],
        body: SetupNames,
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => ({ ...(await setupPasskeyOptions(request.ctx, request.body, fromOf(request))) }),
  )
  app.post(
    '/setup',
    {
      config: open('set-up'),
      schema: {
        operationId: 'setupRun',
        summary: 'Set the site up by its one-time link',
        tags,
        security: [],
        body: Setup,
        response: { 201: CurrentSession },
      },
    },
    async (request, reply) => {
      const opened = await setUp(request.ctx, request.body, fromOf(request))
      return reply.code(201).send(await openedReply(request, reply, opened))
    },
  )
  app.get(
    '/invitation',
    {
      config: open('invitation'),
      schema: {
        operationId: 'invitationGet',
        summary: 'Whom a one-time link is for',
        tags,
        security: [],
        querystring: TokenOnly,
        response: { 200: InvitationState },
      },
    },
    (request) => invitationState(request.ctx, request.query.token),
  )
  app.post(
    '/invitation/passkey',
    {
      config: open('invitation'),
      schema: {
        operationId: 'invitationPasskeyOptions',
        summary: 'Begin an invited person’s passkey',
        tags,
        security: [],
        body: TokenOnly,
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => ({ ...(await invitationPasskeyOptions(request.ctx, request.body.token, fromOf(request))) }),
  )
  app.post(
    '/invitation',
    {
      config: open('invitation'),
      schema: {
        operationId: 'invitationAccept',
        summary: 'Join, or recover, by a one-time link',
        tags,
        security: [],
        body: AcceptInvitation,
        response: { 200: CurrentSession },
      },
    },
    async (request, reply) => openedReply(request, reply, await acceptInvitation(request.ctx, request.body, fromOf(request))),
  )
}
