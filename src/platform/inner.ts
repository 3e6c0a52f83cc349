// Requests the site sends to itself on someone's behalf, through the same doors as everyone's: to try a change, or to carry out an approved one.
import { randomBytes } from 'node:crypto'
import type { FastifyRequest, InjectOptions, RouteOptions } from 'fastify'
import type { Context } from './context.ts'
import type { Http } from './http.ts'
import type { Operation, Site } from './site.ts'

const header = 'x-holdfast-inner'
const secretBytes = 32

export type InnerReply = { readonly status: number; readonly body: unknown }

/** The request runs in the context given: its transaction, its principal. Whatever it does in the database is kept or undone with that transaction. */
export const callInside = async (
  ctx: Context,
  request: { method: string; url: string; headers: Record<string, string>; body?: unknown },
): Promise<InnerReply> => {
  const { inject, innerCalls } = ctx.site.wiring
  if (!ctx.inTransaction || !inject) throw new Error('An inner call needs a transaction, and the doors to be mounted')
  const secret = randomBytes(secretBytes).toString('base64url')
  innerCalls.set(secret, ctx)
  try {
    const reply = await inject({
      method: request.method as NonNullable<InjectOptions['method']>, // of a mounted route
      url: request.url,
      headers: { host: 'localhost', ...request.headers, [header]: secret },
      ...(request.body === undefined ? {} : { payload: request.body as object }),
    })
    return { status: reply.statusCode, body: reply.body === '' ? undefined : reply.json() }
  } finally {
    innerCalls.delete(secret)
  }
}

/** Whoever knows the secret is this process: it was made for one call and is gone with it. */
export const takeInnerCall = (site: Site, request: FastifyRequest): Context | undefined => {
  const secret = request.headers[header]
  if (typeof secret !== 'string') return undefined
  const ctx = site.wiring.innerCalls.get(secret)
  site.wiring.innerCalls.delete(secret)
  return ctx
}

const mutating = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export const noteOperation = (site: Site, route: RouteOptions): void => {
  const { method, url } = route
  const id = route.schema?.operationId
  if (typeof id !== 'string' || typeof method !== 'string' || !mutating.has(method)) return
  // Read when asked: a room's own hook may say `direct` of all its routes after this one ran.
  site.wiring.operations.set(id, (): Operation => {
    const { public: open, direct = open } = route.config ?? {}
    return { method, url, ...(direct === undefined ? {} : { direct }) }
  })
}

/** Says of all doors of a plugin that they are only ever used directly. */
export const keepDirect = (app: Pick<Http, 'addHook'>, why: string): void => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, direct: why }
  })
}
