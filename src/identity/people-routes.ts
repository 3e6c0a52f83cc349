import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { addMember, changeGroup, createGroup, deleteGroup, dropMember, getGroup, listGroups } from './groups.ts'
import {
  Group,
  GroupChange,
  GroupDetail,
  GroupFilter,
  IdParam,
  Invitation,
  InvitedUser,
  MemberParams,
  NewGroup,
  NewUser,
  Nothing,
  page,
  User,
  UserChange,
  UserDetail,
  UserFilter,
} from './schema.ts'
import { changeUser, createUser, deleteUser, disableUser, enableUser, getUser, inviteAgain, listUsers } from './users.ts'

export const peopleRoutes: FastifyPluginAsyncTypebox = async (app) => {
  await app.register(userRoutes)
  await app.register(groupRoutes)
}

const userRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const tags = ['users']
  app.get(
    '/users',
    { schema: { operationId: 'userList', summary: 'People', tags, querystring: UserFilter, response: { 200: page(User) } } },
    (request) => listUsers(request.ctx, request.query),
  )
  app.post(
    '/users',
    {
      schema: {
        operationId: 'userCreate',
        summary: 'Add a person; gives a one-time link to hand over',
        tags,
        body: NewUser,
        response: { 201: InvitedUser },
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await createUser(request.ctx, request.body)),
  )
  app.get(
    '/users/:id',
    { schema: { operationId: 'userGet', summary: 'A person', tags, params: IdParam, response: { 200: UserDetail } } },
    (request) => getUser(request.ctx, request.params.id),
  )
  app.patch(
    '/users/:id',
    {
      schema: {
        operationId: 'userUpdate',
        summary: 'Change a person’s names',
        tags,
        params: IdParam,
        body: UserChange,
        response: { 200: User },
      },
    },
    (request) => changeUser(request.ctx, request.params.id, request.body),
  )
  app.delete(
    '/users/:id',
    {
      schema: {
        operationId: 'userDelete',
        summary: 'Remove a person and erase what is known of them',
        tags,
        params: IdParam,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await deleteUser(request.ctx, request.params.id)
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/users/:id/disable',
    {
      schema: {
        operationId: 'userDisable',
        summary: 'Shut a person out at once',
        tags,
        params: IdParam,
        response: { 200: User },
      },
    },
    (request) => disableUser(request.ctx, request.params.id),
  )
  app.post(
    '/users/:id/enable',
    {
      schema: {
        operationId: 'userEnable',
        summary: 'Let a disabled person in again',
        tags,
        params: IdParam,
        response: { 200: User },
      },
    },
    (request) => enableUser(request.ctx, request.params.id),
  )
  app.post(
    '/users/:id/invite',
    {
      schema: {
        operationId: 'userInvite',
        summary: 'A new one-time link: to join, or to recover',
        tags,
        params: IdParam,
        response: { 200: Invitation },
      },
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      return inviteAgain(request.ctx, request.params.id)
    },
  )
}

const groupRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const tags = ['groups']
  app.get(
    '/groups',
    { schema: { operationId: 'groupList', summary: 'Groups', tags, querystring: GroupFilter, response: { 200: page(Group) } } },
    (request) => listGroups(request.ctx, request.query),
  )
  app.post(
    '/groups',
    { schema: { operationId: 'groupCreate', summary: 'Make a group', tags, body: NewGroup, response: { 201: Group } } },
    async (request, reply) => reply.code(201).send(await createGroup(request.ctx, request.body)),
  )
  app.get(
    '/groups/:id',
    {
      schema: {
        operationId: 'groupGet',
        summary: 'A group and its members',
        tags,
        params: IdParam,
        response: { 200: GroupDetail },
      },
    },
    (request) => getGroup(request.ctx, request.params.id),
  )
  app.patch(
    '/groups/:id',
    {
      schema: {
        operationId: 'groupUpdate',
        summary: 'Rename or describe a group',
        tags,
        params: IdParam,
        body: GroupChange,
        response: { 200: Group },
      },
    },
    (request) => changeGroup(request.ctx, request.params.id, request.body),
  )
  app.delete(
    '/groups/:id',
    { schema: { operationId: 'groupDelete', summary: 'Remove a group', tags, params: IdParam, response: { 204: Nothing } } },
    async (request, reply) => {
      await deleteGroup(request.ctx, request.params.id)
      return reply.code(204).send(null)
    },
  )
  app.put(
    '/groups/:id/members/:memberId',
    {
      schema: {
        operationId: 'groupMemberAdd',
        summary: 'Put a person or a group into a group',
        tags,
        params: MemberParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await addMember(request.ctx, request.params.id, request.params.memberId)
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/groups/:id/members/:memberId',
    {
      schema: {
        operationId: 'groupMemberRemove',
        summary: 'Take a member out of a group',
        tags,
        params: MemberParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await dropMember(request.ctx, request.params.id, request.params.memberId)
      return reply.code(204).send(null)
    },
  )
}
