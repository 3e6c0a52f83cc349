import type { FastifyReply, FastifyRequest } from 'fastify'
import { createContext } from '#platform/context.ts'
import { noCookie, sessionCookie } from './cookies.ts'
import { deviceCookie, readDevice } from './devices.ts'
import { currentSession } from './profile.ts'
import type { From, Opened } from './sessions.ts'

export const fromOf = (request: FastifyRequest): From => ({
  address: request.ip,
  userAgent: request.headers['user-agent'] ?? '',
  origin: request.headers.origin,
  localPort: request.socket.localPort,
  device: readDevice(request.ctx.site, request.headers.cookie),
})

/** The cookie for a session just opened or renewed. A reply with a credential in it is kept by no cache. */
export const setSession = (request: FastifyRequest, reply: FastifyReply, opened: Opened): void => {
  const { site } = request.ctx
  const seconds = (opened.expiresAt.getTime() - request.ctx.now().getTime()) / 1000
  const cookies = [sessionCookie(site, opened.token, seconds), ...(opened.device ? [deviceCookie(site, opened.device)] : [])]
  void reply.header('set-cookie', cookies).header('cache-control', 'no-store')
}

export const endSession = (request: FastifyRequest, reply: FastifyReply): void =>
  void reply.headers({ 'set-cookie': noCookie(request.ctx.site), 'cache-control': 'no-store' })

/** Cookie and the same body as GET /session: the portal goes on without asking again. */
export const openedReply = async (request: FastifyRequest, reply: FastifyReply, opened: Opened) => {
  setSession(request, reply, opened)
  const { site, requestId, signal, log } = request.ctx
  return currentSession(createContext(site, { actor: opened.principal, requestId, signal, log }), opened)
}
