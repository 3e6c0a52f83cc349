import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { keepDirect } from '#platform/inner.ts'
import { fromOf, setSession } from './opened-reply.ts'
import { addPasskey, changePassword, changeProfile, listPasskeys, ownPasskeyOptions, removePasskey } from './profile.ts'
import { makeRecoveryCodes } from './recovery-codes.ts'
import {
  Code,
  IdParam,
  NewPasskey,
  Nothing,
  OwnChange,
  page,
  Passkey,
  PasskeyOptions,
  PasswordChange,
  RecoveryCodes,
  TotpOffer,
  User,
} from './schema.ts'
import { confirmTotp, offerTotp, removeTotp } from './second-factor.ts'

const tags = ['me']

export const meRoutes: FastifyPluginAsyncTypebox = async (app) => {
  keepDirect(app, 'one’s own account')
  app.patch(
    '/me',
    {
      schema: {
        operationId: 'profileUpdate',
        summary: 'Change one’s own name or e-mail',
        tags,
        body: OwnChange,
        response: { 200: User },
      },
    },
    (request) => changeProfile(request.ctx, request.body),
  )
  app.post(
    '/me/password',
    {
      schema: {
        operationId: 'passwordSet',
        summary: 'Set one’s password; other sessions end',
        tags,
        body: PasswordChange,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const renewed = await changePassword(request.ctx, request.body, fromOf(request))
      if (renewed) setSession(request, reply, renewed)
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/me/totp',
    { schema: { operationId: 'totpOffer', summary: 'Begin an authenticator app', tags, response: { 200: TotpOffer } } },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      return offerTotp(request.ctx)
    },
  )
  app.post(
    '/me/totp/confirm',
    {
      schema: {
        operationId: 'totpConfirm',
        summary: 'Confirm the authenticator app by its first code',
        tags,
        body: Code,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const renewed = await confirmTotp(request.ctx, request.body.code)
      if (renewed) setSession(request, reply, renewed)
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/me/totp',
    { schema: { operationId: 'totpDelete', summary: 'Remove the authenticator app', tags, response: { 204: Nothing } } },
    async (request, reply) => {
      await removeTotp(request.ctx)
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/me/recovery-codes',
    {
      schema: {
        operationId: 'recoveryCodesCreate',
        summary: 'New recovery codes, shown once; the old ones end',
        tags,
        response: { 200: RecoveryCodes },
      },
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      return makeRecoveryCodes(request.ctx)
    },
  )
  app.get(
    '/me/passkeys',
    { schema: { operationId: 'passkeyList', summary: 'One’s own passkeys', tags, response: { 200: page(Passkey) } } },
    async (request) => ({ items: await listPasskeys(request.ctx) }),
  )
  app.post(
    '/me/passkeys/options',
    { schema: { operationId: 'passkeyOptions', summary: 'Begin a passkey', tags, response: { 200: PasskeyOptions } } },
    async (request) => ({ ...(await ownPasskeyOptions(request.ctx, fromOf(request))) }),
  )
  app.post(
    '/me/passkeys',
    { schema: { operationId: 'passkeyCreate', summary: 'Add a passkey', tags, body: NewPasskey, response: { 201: Passkey } } },
    async (request, reply) => reply.code(201).send(await addPasskey(request.ctx, request.body, fromOf(request))),
  )
  app.delete(
    '/me/passkeys/:id',
    { schema: { operationId: 'passkeyDelete', summary: 'Remove a passkey', tags, params: IdParam, response: { 204: Nothing } } },
    async (request, reply) => {
      await removePasskey(request.ctx, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
