import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ModelApproval } from './approval-schema.ts'
import { approveModel, withdrawApproval } from './approve.ts'

const tags = ['models']
const Which = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200, description: 'Id, or a name that only one has' }) })
const Approving = Type.Object(
  {
    digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description: 'Of the weights you looked at' }),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, pattern: '^[^\\u0000-\\u0008\\u000e-\\u001f]*$' })),
  },
  { additionalProperties: false },
)
const Answer = Type.Object({ id: Type.String(), name: Type.String(), approval: Type.Optional(ModelApproval) })

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  app.put(
    '/models/:id/approval',
    {
      schema: {
        operationId: 'modelApprove',
        summary: 'Approve exactly these weights',
        tags,
        params: Which,
        body: Approving,
        response: { 200: Answer },
      },
    },
    async (request) => answerOf(await approveModel(request.ctx, request.params.id, request.body)),
  )
  app.delete(
    '/models/:id/approval',
    {
      schema: {
        operationId: 'modelApprovalWithdraw',
        summary: 'Take the approval of a model back',
        tags,
        params: Which,
        response: { 200: Answer },
      },
    },
    async (request) => answerOf(await withdrawApproval(request.ctx, request.params.id)),
  )
}

const answerOf = ({ id, name, status }: Awaited<ReturnType<typeof approveModel>>) => ({
  id,
  name,
  ...(status?.['approval'] === undefined ? {} : { approval: status['approval'] as ModelApproval }), // written by this room
})
