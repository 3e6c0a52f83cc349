import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { asProblem } from '#platform/http.ts'
import { keepDirect } from '#platform/inner.ts'
import {
  Conversation,
  ConversationDetail,
  createConversation,
  deleteConversation,
  getConversation,
  listConversations,
  NewConversation,
  Rename,
  renameConversation,
  Say,
  say,
} from './conversations.ts'

const tags = ['conversations']
const Which = Type.Object({ id: Type.String({ pattern: '^conversation_[0-9a-z]{26}$' }) })
const Query = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 100 })),
  after: Type.Optional(Type.String({ format: 'date-time' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  keepDirect(app, 'one’s own conversations')
  app.get(
    '/conversations',
    {
      schema: {
        operationId: 'conversationList',
        summary: 'Your conversations, latest first',
        tags,
        querystring: Query,
        response: { 200: Type.Object({ items: Type.Array(Conversation), next: Type.Optional(Type.String()) }) },
      },
    },
    (request) => listConversations(request.ctx, request.query),
  )
  app.post(
    '/conversations',
    {
      schema: {
        operationId: 'conversationCreate',
        summary: 'Begin a conversation',
        tags,
        body: NewConversation,
        response: { 201: Conversation },
      },
    },
    async (request, reply) => reply.code(201).send(await createConversation(request.ctx, request.body)),
  )
  app.get(
    '/conversations/:id',
    {
      schema: {
        operationId: 'conversationGet',
        summary: 'One of your conversations, with what was said',
        tags,
        params: Which,
        response: { 200: ConversationDetail },
      },
    },
    (request) => getConversation(request.ctx, request.params.id),
  )
  app.patch(
    '/conversations/:id',
    {
      schema: {
        operationId: 'conversationRename',
        summary: 'Rename a conversation',
        tags,
        params: Which,
        body: Rename,
        response: { 200: Conversation },
      },
    },
    (request) => renameConversation(request.ctx, request.params.id, request.body),
  )
  app.delete(
    '/conversations/:id',
    {
      schema: {
        operationId: 'conversationDelete',
        summary: 'Erase a conversation',
        tags,
        params: Which,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await deleteConversation(request.ctx, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/conversations/:id/messages',
    {
      schema: {
        operationId: 'conversationSay',
        summary: 'Say something; the answer comes as server-sent events',
        tags,
        params: Which,
        body: Say,
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const send = (event: object) => void reply.raw.write(`data: ${JSON.stringify(event)}\n\n`)
      try {
        const done = await say(request.ctx, request.params.id, request.body, {
          started: (receipt) => {
            reply.hijack()
            reply.raw.writeHead(200, {
              ...(reply.getHeaders() as Record<string, string>),
              'content-type': 'text/event-stream; charset=utf-8',
              'cache-control': 'no-store',
              'x-holdfast-receipt': receipt,
            }) // fastify holds them as it was given them
            send({ receipt })
          },
          text: (content) => send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
        })
        const { usage, finishReason, receipt, totalMs } = done
        send({
          choices: [{ index: 0, delta: {}, finish_reason: finishReason }],
          usage: {
            prompt_tokens: usage.promptTokens,
            completion_tokens: usage.completionTokens,
            total_tokens: usage.promptTokens + usage.completionTokens,
          },
          holdfast: { receipt, totalMs: Math.round(totalMs) },
        })
        reply.raw.end('data: [DONE]\n\n')
      } catch (error) {
        if (!reply.raw.headersSent) throw error
        const told = asProblem(error as Parameters<typeof asProblem>[0], request)
        reply.raw.end(`data: ${JSON.stringify({ problem: told.toJSON() })}\n\n`)
      }
    },
  )
}
