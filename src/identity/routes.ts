// The doors of this room, in one list each: coming in, oneself, people and groups, keys.
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { certificateRoutes } from './certificate-routes.ts'
import { keyRoutes } from './key-routes.ts'
import { meRoutes } from './me-routes.ts'
import { peopleRoutes } from './people-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { setupRoutes } from './setup-routes.ts'

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  await app.register(setupRoutes)
  await app.register(sessionRoutes)
  await app.register(meRoutes)
  await app.register(certificateRoutes)
  await app.register(peopleRoutes)
  await app.register(keyRoutes)
}
