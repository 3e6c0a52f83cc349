import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { libraryRoutes } from './library-routes.ts'
import { setRoutes } from './set-routes.ts'
import { trialRoutes } from './trial-routes.ts'
import { stateRoutes } from './state-routes.ts'

export const routes: FastifyPluginAsyncTypebox = async (app) => {
  await app.register(libraryRoutes)
  await app.register(setRoutes)
  await app.register(trialRoutes)
  await app.register(stateRoutes)
}
