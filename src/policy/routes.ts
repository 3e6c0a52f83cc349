import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { policyVersion, rules } from './cedar.ts'
import { explain, Explanation, Question } from './explain.ts'
import { allActions, roleNames, roles } from './roles.ts'

const tags = ['policy']
const RoleList = Type.Object({
  items: Type.Array(
    Type.Object({ name: Type.String(), title: Type.String(), description: Type.String(), actions: Type.Array(Type.String()) }),
  ),
  actions: Type.Array(Type.String()),
})
const PolicyText = Type.Object({
  version: Type.String(),
  policies: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), text: Type.String() })),
})

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/roles',
    {
      schema: { operationId: 'roleList', summary: 'The built-in roles and what each may do', tags, response: { 200: RoleList } },
    },
    async (request) => {
      await request.ctx.authorize('policy.read', { kind: 'policy' })
      return {
        items: roleNames.map((name) => ({
          name,
          title: roles[name].title,
          description: roles[name].description,
          actions: [...roles[name].actions],
        })),
        actions: [...allActions],
      }
    },
  )

  app.get(
    '/policy',
    { schema: { operationId: 'policyGet', summary: 'The rules in force, in Cedar', tags, response: { 200: PolicyText } } },
    async (request) => {
      await request.ctx.authorize('policy.read', { kind: 'policy' })
      return { version: policyVersion, policies: rules.map((rule) => ({ ...rule })) }
    },
  )

  app.post(
    '/why',
    {
      config: { direct: 'it changes nothing' },
      schema: {
        operationId: 'policyExplain',
        summary: 'Why may someone do something, or why not',
        tags,
        body: Question,
        response: { 200: Explanation },
      },
    },
    (request) => explain(request.ctx, request.body),
  )
}
