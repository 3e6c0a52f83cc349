// What Hugging Face's clients ask of the Hub, answered from the store: HF_ENDPOINT=<site>/hf, or <site>/hf/<scope path>/<repository>.
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { findUsers } from '#identity'
import { keepDirect } from '#platform/inner.ts'
import { notFound } from '#platform/problem.ts'
import { answerFailure } from './hf-errors.ts'
import { askedOf, placeAsked, type Handler } from './hf-asked.ts'
import { sendFile } from './hf-files.ts'
import { acceptCard, createBranch, createRepo, preupload, refuseXet, sendBatch, takeCommit, takeObject } from './hf-upload.ts'
import { sendCommits, sendInfo, sendList, sendPaths, sendRefs, sendTree } from './hf-info.ts'

const tellWho: Handler = async ({ ctx }, reply) => {
  await ctx.authorize('organisation.read', { kind: 'organisation' })
  const { id } = ctx.actor
  const { username, displayName } = (await findUsers(ctx, [id])).get(id) ?? { username: id, displayName: id }
  const accessToken = { displayName: 'API key', role: 'write' }
  return reply.send({
    type: 'user',
    id,
    name: username,
    fullname: displayName,
    orgs: [],
    auth: { type: 'access_token', accessToken },
  })
}

const checkAccess: Handler = async ({ ctx }, reply, asked) => {
  await placeAsked(ctx, 'pull', asked)
  return reply.send({})
}

const handlers: Record<string, Handler> = {
  'GET list': sendList,
  'GET info': sendInfo,
  'GET revision': sendInfo,
  'GET tree': sendTree,
  'POST paths-info': sendPaths,
  'GET refs': sendRefs,
  'GET commits': sendCommits,
  'GET auth-check': checkAccess,
  'GET whoami-v2': tellWho,
  'POST repos': createRepo,
  'POST preupload': preupload,
  'POST lfs': sendBatch,
  'PUT lfs': takeObject,
  'POST commit': takeCommit,
  'POST branch': createBranch,
  'POST validate-yaml': acceptCard,
  'GET xet-write-token': refuseXet,
  'GET resolve': sendFile,
  'HEAD resolve': sendFile,
  'GET raw': sendFile,
  'HEAD raw': sendFile,
}

const answer = async (request: FastifyRequest, reply: FastifyReply) => {
  const asked = askedOf(request)
  const handler = asked && handlers[`${request.method} ${asked.verb}`]
  if (!handler) {
    await request.ctx.authorize('organisation.read', { kind: 'organisation' })
    throw notFound(`Of the Hub, this site does not serve ${request.method} ${request.url.slice(0, 200)}.`)
  }
  return handler(request, reply, asked)
}

const operation = (operationId: string, summary: string) => ({ schema: { operationId, summary, tags: ['registry'] } })

export const hfRoutes: FastifyPluginAsyncTypebox = async (app) => {
  keepDirect(app, 'what was sent is not taken back')
  app.addHook('onRoute', (route) => void (route.config = { ...route.config, basic: true }))
  app.setErrorHandler(answerFailure)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (_request: unknown, body: Readable) => body)
  app.head('/*', { schema: { hide: true } }, answer)
  app.get('/*', operation('hfGet', 'Models and their files, as Hugging Face’s clients ask for them'), answer)
  app.post(
    '/*',
    operation('hfPost', 'What files of a model are at some paths; what `hf upload` asks before and after its files'),
    answer,
  )
  app.put('/*', operation('hfPut', 'Send a file of a model, by its digest'), answer)
}
