// The edge. Four kinds of failure become responses here and nowhere else, and a reply for which nothing was decided becomes a 500.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastifySwagger from '@fastify/swagger'
import {
  fastify,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawServerDefault,
} from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Histogram } from 'prom-client'
import { anonymous, createContext, type Context, type Principal } from './context.ts'
import { formFaults } from './form-faults.ts'
import { buildSerializer, compileValidator } from './forms.ts'
import { newId } from './id.ts'
import { isLoopback } from './config.ts'
import { databaseDown, isDatabaseDown } from './db.ts'
import { parseJson } from './json.ts'
import { perSite } from './metrics.ts'
import { diskFull, invalid, misdirected, Problem, tooLarge } from './problem.ts'
import { problemPage } from './problem-pages.ts'
import { noteOperation, takeInnerCall } from './inner.ts'
import type { Site } from './site.ts'
import type { ServerCertificate } from './tls.ts'

declare module 'fastify' {
  interface FastifyRequest {
    ctx: Context
  }
  interface FastifyContextConfig {
    /** Files of the portal and other content that is the same for everyone. */
    public?: string
    /** Why this is only ever done directly, never as a change set that others approve: it concerns oneself alone, or has effects that no rollback takes back. */
    direct?: string
    /** Registry clients come here, with the key as a Basic password. */
    basic?: boolean
  }
}

export type Http = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>

const headersMsMax = 20_000
const requestMsMax = 0 // uploads and streams take as long as they take; idle sockets are cut by keepAliveMsMax
const keepAliveMsMax = 72_000

/** `tls` is given exactly when the site serves anything but loopback. */
export const createHttp = async (site: Site, tls?: ServerCertificate): Promise<Http> => {
  const common = {
    bodyLimit: site.config.limits.bodyBytesMax,
    genReqId: () => newId('req', site.clock.now()),
    requestIdHeader: false as const,
    logger: false as const,
    forceCloseConnections: true,
    keepAliveTimeout: keepAliveMsMax,
    requestTimeout: requestMsMax,
    routerOptions: { maxParamLength: 500 },
    http: { headersTimeout: headersMsMax },
    schemaController: { compilersFactory: { buildSerializer } },
  }
  // One type for both: nothing above the socket cares which it is.
  const app = (tls
    ? fastify({ ...common, https: { cert: tls.cert, key: tls.key, minVersion: 'TLSv1.3' } })
    : fastify(common)) as unknown as Http
  app.setValidatorCompiler(compileValidator)
  app.setErrorHandler(answerFailure)
  app.setNotFoundHandler((request) => {
    request.ctx.decidedPublic('no such address')
    throw new Problem(
      { code: 'not-found', status: 404, title: 'Not found' },
      `Nothing is served at ${request.method} ${request.url.slice(0, 200)}.`,
      {},
    )
  })
  acceptBoundedJson(app)
  site.wiring.inject = (request) => app.inject(request)
  await app.register(fastifySwagger, { openapi: openapiHead(site.version) })
  app.decorateRequest('ctx')
  app.addHook('onRoute', (route) => noteOperation(site, route))
  app.addHook('onRequest', openRequest(site))
  app.addHook('preHandler', refuseRounded)
  app.addHook('onSend', refuseUndecided)
  app.addHook('onResponse', tellRequest(site))
  app.get('/problems/:code', { config: { public: 'explanations of problems' }, schema: { hide: true } }, problemPage)
  return app
}

const openapiHead = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Holdfast',
    version,
    description: 'The control API of a Holdfast site. Every act is decided by policy and recorded in the audit log.',
  },
  components: {
    securitySchemes: {
      session: { type: 'apiKey' as const, in: 'cookie' as const, name: 'holdfast' },
      key: { type: 'http' as const, scheme: 'bearer' },
    },
  },
  security: [{ session: [] }, { key: [] }],
})

const acceptBoundedJson = (app: Http): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => {
      if (body.length === 0) return undefined
      return parseJson(body.toString('utf8'))
    },
  )
}

const openRequest = (site: Site) => async (request: FastifyRequest, reply: FastifyReply) => {
  // When the site stops it closes every connection, so this is heard then too.
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('The client is gone'))
  })
  const inner = takeInnerCall(site, request)
  const open = (actor: Principal) => {
    request.ctx =
      inner ?? createContext(site, { requestId: request.id, signal: gone.signal, actor: { ...actor, address: request.ip } })
    if (request.routeOptions.config.public !== undefined) request.ctx.decidedPublic(request.routeOptions.config.public)
  }
  try {
    guardHeaders(site, reply)
    refuseForeignHost(site, request)
    refuseNul(request)
    open(inner ? inner.actor : ((await authenticate(site, request)) ?? anonymous))
  } catch (error) {
    open(anonymous) // who tells the failure needs a context too
    throw error
  }
}

const authenticate = async (site: Site, request: FastifyRequest): Promise<Principal | undefined> => {
  const { cookie, authorization, origin } = request.headers
  if (cookie === undefined && authorization === undefined) return undefined
  const csrf = request.headers['x-csrf-token']
  return site.wiring.authenticate?.(site, {
    cookie,
    authorization,
    origin,
    csrf: typeof csrf === 'string' ? csrf : undefined,
    method: request.method,
    address: request.ip,
    localPort: request.socket.localPort,
    publicDoor: request.routeOptions.config.public !== undefined,
    basic: request.routeOptions.config.basic === true,
  })
}

const contentPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; " +
  "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

const guardHeaders = (site: Site, reply: FastifyReply): void => {
  void reply.headers({
    'content-security-policy': contentPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'x-request-id': reply.request.id,
    ...(site.config.secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  })
}

/** A page of another origin can make a browser call us under its own name (DNS rebinding); we answer to our names only. */
const refuseForeignHost = (site: Site, request: FastifyRequest): void => {
  const name = request.hostname.replace(/:\d+$/, '')
  if (isLoopback(name) || name === site.config.publicUrl.hostname || name === site.config.host) return
  throw misdirected(`This site is not called ${JSON.stringify(name.slice(0, 253))}. Set HOLDFAST_PUBLIC_URL if it should be.`)
}

/** As in a body: a number of the address that JavaScript cannot hold would be another one from here on. */
const refuseRounded = async ({ query }: FastifyRequest) => {
  for (const [name, value] of Object.entries(query ?? {}))
    if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
      throw invalid(`The number ${name} is beyond ±${Number.MAX_SAFE_INTEGER} and cannot be held exactly.`)
}

/** No name, path or search text holds one, and PostgreSQL would refuse it as a defect of ours. */
const refuseNul = (request: FastifyRequest): void => {
  if (!request.url.includes('%00')) return
  throw invalid('The address holds a NUL character.')
}

const answerFailure = (error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) => {
  const told = asProblem(error, request)
  return reply
    .code(told.status)
    .headers(told.headers)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ ...told.toJSON(), requestId: request.id })
}

/** SQLSTATE disk_full (PostgreSQL, appendix A): its transaction was undone, and the next may succeed. */
const sqlDiskFull = '53100'

/** Any failure as the problem a client is told; bugs are logged once, here. Other doors shape it in their protocol's own way. */
export const asProblem = (error: FastifyError | Problem, request: FastifyRequest): Problem => {
  if (error instanceof Problem) return error
  if (error.validation)
    return invalid('The request does not have the form this operation takes.', {
      faults: formFaults(error.validation, error.validationContext ?? 'body'),
    })
  if (error.code === sqlDiskFull || error.code === 'ENOSPC')
    return diskFull(
      'The disk of this site is full: what cannot be recorded does not happen. Free space in the home, then try again.',
      {},
      error,
    )
  if (isDatabaseDown(error))
    return databaseDown(
      'The database of this site is away; it is being started again. If this was a change, look whether it is there before you send it again.',
      { headers: { 'retry-after': '2' } },
      error,
    )
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return tooLarge(`The body is larger than ${request.routeOptions.bodyLimit} bytes.`, {
      bytesMax: request.routeOptions.bodyLimit,
    })
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new Problem(
      { code: 'invalid-request', status: error.statusCode, title: 'The request is not valid' },
      error.message,
      {},
    )
  request.ctx.log.error(
    { err: error, method: request.method, route: request.routeOptions.url },
    'a request failed by a defect of ours',
  )
  return new Problem(
    { code: 'defect', status: 500, title: 'Something of ours broke' },
    `Quote ${request.id} to your operator.`,
    {},
  )
}

/** No reply without a decision. A forgotten check is a red test and a closed door, not a leak. */
const refuseUndecided = async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
  if (reply.statusCode >= 400 || request.ctx.decisions.count > 0) return payload
  request.ctx.log.error({ method: request.method, route: request.routeOptions.url }, 'a reply was made without a policy decision')
  reply.code(500).type('application/problem+json')
  const refusal = new Problem(
    { code: 'undecided', status: 500, title: 'No decision was made' },
    `This door forgot to ask policy, so it stays shut. Quote ${request.id} to your operator.`,
    {},
  )
  const text = JSON.stringify({ ...refusal.toJSON(), requestId: request.id })
  reply.header('content-length', Buffer.byteLength(text))
  return text
}

const tellRequest = (site: Site) => async (request: FastifyRequest, reply: FastifyReply) => {
  const { decisions, actor, log } = request.ctx
  // A hijacked reply bypasses onSend: it is too late to refuse it, but not to say so and fail the tests.
  if (reply.statusCode < 400 && decisions.count === 0)
    log.error({ route: request.routeOptions.url }, 'a reply was made without a policy decision')
  log.info(
    {
      actor: actor.id,
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    },
    'request',
  )
  requestSeconds(site).observe(
    { door: doorOf(request.routeOptions.url), method: request.method, status: String(reply.statusCode) },
    reply.elapsedTime / 1000,
  )
}

const requestSeconds = perSite(
  (registers) =>
    new Histogram({
      name: 'holdfast_http_request_seconds',
      help: 'Time from a request to the end of its reply, by door, method and status',
      labelNames: ['door', 'method', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
)

/** The first step of the route's own pattern: as many as the site has doors, whatever address is asked for. */
const doorOf = (pattern: string | undefined): string => {
  if (pattern === undefined) return 'none'
  const first = pattern.split('/')[1] ?? ''
  return first === '' || first === '*' || first === 'assets' ? 'portal' : first
}
