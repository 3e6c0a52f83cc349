import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { findRoles } from './custom-roles.ts'
import { policyOf } from './decide.ts'
import { explain, Explanation, Question } from './explain.ts'
import { allActions } from './roles.ts'

const tags = ['policy']
const RoleList = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String(),
      description: Type.String(),
      builtIn: Type.Boolean({ description: 'Comes with the product; any other was made here' }),
      actions: Type.Array(Type.String()),
    }),
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
      schema: {
        operationId: 'roleCatalog',
        summary: 'The roles there are, built in or made here, and what each may do',
        tags,
        response: { 200: RoleList },
      },
    },
    async (request) => {
      await request.ctx.authorize('policy.read', { kind: 'policy' })
      return {
        items: (await findRoles(request.ctx)).map(({ name, title, description, builtIn, actions }) => ({
          name,
          title,
          description,
          builtIn,
          actions: [...actions],
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
      const { version, rules } = await policyOf(request.ctx)
      return { version, policies: rules.map((rule) => ({ ...rule })) }
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
