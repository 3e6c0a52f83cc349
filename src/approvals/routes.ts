import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { fromOf } from '#identity'
import { keepDirect } from '#platform/inner.ts'
import { approve } from './approve.ts'
import { refuse, withdraw } from './close.ts'
import { openChangeSet } from './open.ts'
import { getChangeSet, listChangeSets, toSign } from './read.ts'
import { Approval, ChangeSet, ChangeSetDetail, ChangeSetQuery, NewChangeSet, Refusal, ToSign } from './schema.ts'

const tags = ['approvals']
const Which = Type.Object({ id: Type.String({ pattern: '^change_[0-9a-z]{26}$' }) })

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  keepDirect(app, 'approving is what others wait for')
  await app.register(readRoutes)
  await app.register(writeRoutes)
}

/** As it is now. It may hold a one-time link, so no cache keeps it. */
const show = async (request: FastifyRequest, reply: FastifyReply, id: string): Promise<ChangeSetDetail> => {
  void reply.header('cache-control', 'no-store')
  return getChangeSet(request.ctx, id)
}

const readRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const page = Type.Object({ items: Type.Array(ChangeSet), next: Type.Optional(Type.String()) })
  app.get(
    '/change-sets',
    {
      schema: {
        operationId: 'changeSetList',
        summary: 'Changes you asked for, and those of others you may look at; newest first',
        tags,
        querystring: ChangeSetQuery,
        response: { 200: page },
      },
    },
    (request) => listChangeSets(request.ctx, request.query),
  )
  app.get(
    '/change-sets/:id',
    {
      schema: {
        operationId: 'changeSetGet',
        summary: 'A change set: what it does, what it needs, who signed',
        tags,
        params: Which,
        response: { 200: ChangeSetDetail },
      },
    },
    (request, reply) => show(request, reply, request.params.id),
  )
  app.get(
    '/change-sets/:id/statement',
    {
      schema: {
        operationId: 'changeSetStatement',
        summary: 'What you sign to approve it',
        tags,
        params: Which,
        response: { 200: ToSign },
      },
    },
    (request) => toSign(request.ctx, request.params.id, fromOf(request)),
  )
}

const writeRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/change-sets',
    {
      schema: {
        operationId: 'changeSetCreate',
        summary: 'Ask others to approve a request; it is tried, shown and not done',
        tags,
        body: NewChangeSet,
        response: { 201: ChangeSetDetail },
      },
    },
    async (request, reply) => show(request, reply.code(201), await openChangeSet(request.ctx, request.body)),
  )
  app.post(
    '/change-sets/:id/approve',
    {
      schema: {
        operationId: 'changeSetApprove',
        summary: 'Approve by signature; the last one needed carries it out',
        tags,
        params: Which,
        body: Approval,
        response: { 200: ChangeSetDetail },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await approve(request.ctx, { id, signature: request.body.signature, from: fromOf(request) })
      return show(request, reply, id)
    },
  )
  app.post(
    '/change-sets/:id/refuse',
    {
      schema: {
        operationId: 'changeSetRefuse',
        summary: 'Refuse it, which ends it',
        tags,
        params: Which,
        body: Refusal,
        response: { 200: ChangeSetDetail },
      },
    },
    async (request, reply) => {
      await refuse(request.ctx, request.params.id, request.body.reason)
      return show(request, reply, request.params.id)
    },
  )
  app.post(
    '/change-sets/:id/withdraw',
    {
      schema: {
        operationId: 'changeSetWithdraw',
        summary: 'Take back what you asked for',
        tags,
        params: Which,
        response: { 200: ChangeSetDetail },
      },
    },
    async (request, reply) => {
      await withdraw(request.ctx, request.params.id)
      return show(request, reply, request.params.id)
    },
  )
}
