// One call to an S3-compatible server: signed, bounded in time, tried again where that is safe, its refusals told as problems a person can act on.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { pipeline } from 'node:stream/promises'
import { problem } from './problem.ts'
import { sign, type S3Key } from './s3-sign.ts'

export type S3Settings = {
  readonly endpoint: URL
  readonly bucket: string
  readonly region: string
  readonly key: S3Key
  /** What of it may lie here for programs that read files. */ readonly cacheBytesMax: number
}

export const storeUnreachable = problem('store-unreachable', 503, 'The object store does not answer')
export const storeRefused = problem('store-refused', 503, 'The object store refuses us')

export type S3Call = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Empty for the bucket. */ readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | FilePart
  /** Statuses besides 2xx that the caller knows what to do with. */ readonly also?: readonly number[]
}
export type FilePart = { readonly path: string; readonly start: number; readonly length: number; readonly sha256: string }

export type S3Caller = {
  readonly call: (call: S3Call) => Promise<IncomingMessage>
  /** And what was said, to its end. */ readonly told: (call: S3Call) => Promise<{ reply: IncomingMessage; said: string }>
  readonly close: () => void
}

const socketsMax = 64
/** Of silence, not of the whole. */
const silenceMsMax = 30_000
const pausesMs = [100, 500]
const retryAfter = { headers: { 'retry-after': '30' } }
const emptyHash = createHash('sha256').update('').digest('hex')
const refusalBytesMax = 16_384

type Transport = { readonly settings: S3Settings; readonly agent: HttpAgent | HttpsAgent; readonly now: () => Date }

const bodyHashOf = (body: string | FilePart): string =>
  typeof body === 'string' ? (body === '' ? emptyHash : createHash('sha256').update(body).digest('hex')) : body.sha256

const urlOf = ({ endpoint, bucket }: S3Settings, { key, query = {} }: S3Call): URL => {
  const url = new URL(endpoint)
  url.pathname = [url.pathname.replace(/\/$/, ''), bucket, ...(key === undefined ? [] : [key])].join('/')
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

const once = ({ settings, agent, now }: Transport, asked: S3Call): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method, headers = {}, body = '' } = asked
    const url = urlOf(settings, asked)
    const signed = sign({ method, url, headers, bodyHash: bodyHashOf(body) }, { ...settings, at: now() })
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      agent,
      headers: { ...signed, ...(method === 'PUT' || method === 'POST' ? { 'content-length': length } : {}) },
    })
    request.setTimeout(silenceMsMax, () => request.destroy(new Error(`no answer in ${silenceMsMax} ms`)))
    request.once('response', resolve)
    request.on('error', reject)
    if (typeof body === 'string') request.end(body)
    else if (length === 0) request.end()
    else
      pipeline(createReadStream(body.path, { start: body.start, end: body.start + length - 1 }), request).catch(
        (error: unknown) => {
          request.destroy()
          reject(error instanceof Error ? error : new Error(String(error)))
        },
      )
  })

export const s3Caller = (settings: S3Settings, now: () => Date): S3Caller => {
  const options = { keepAlive: true, maxSockets: socketsMax, timeout: silenceMsMax }
  const agent = settings.endpoint.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)

  const attempt = async (call: S3Call): Promise<IncomingMessage> => {
    const reply = await once({ settings, agent, now }, call).catch((error: unknown) => {
      throw storeUnreachable(
        `The object store at ${settings.endpoint.host} does not answer; nothing was lost and nothing is half done. Try again when it is back.`,
        retryAfter,
        error,
      )
    })
    const status = reply.statusCode ?? 0
    if ((status >= 200 && status < 300) || call.also?.includes(status)) return reply
    throw await refusal(settings, call, reply)
  }

  const call = async (asked: S3Call): Promise<IncomingMessage> => {
    for (const pauseMs of pausesMs)
      try {
        return await attempt(asked)
      } catch (error) {
        if (!(error instanceof Error) || !('code' in error) || error.code !== storeUnreachable.code) throw error
        await sleep(pauseMs)
      }
    return attempt(asked)
  }
  const told = async (asked: S3Call) => {
    const reply = await call(asked)
    return { reply, said: await text(reply) }
  }
  return { call, told, close: () => agent.destroy() }
}

const refusal = async ({ endpoint, bucket }: S3Settings, call: S3Call, reply: IncomingMessage): Promise<Error> => {
  const status = reply.statusCode ?? 0
  const said = call.method === 'HEAD' ? '' : (await text(reply).catch(() => '')).slice(0, refusalBytesMax)
  reply.resume()
  const code = inXml(said, 'Code') ?? String(status)
  if (status >= 500 || status === 429)
    return storeUnreachable(`The object store at ${endpoint.host} answers ${code}. Try again when it is well.`, {
      ...retryAfter,
      code,
    })
  return storeRefused(
    `The object store at ${endpoint.host} answers ${code} to ${call.method} in the bucket ${bucket}: see whether its key may read, write and list there.`,
    { ...retryAfter, code },
  )
}

/** What S3 writes is flat: the first text between such tags. */
export const inXml = (xml: string, tag: string): string | undefined => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1]

export const eachInXml = (xml: string, tag: string): string[] =>
  [...xml.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, inner]) => inner!)
