// The one road from the portal to the site: every page asks through here. The portal has no privileges; whatever it shows, the API gave.

/** What was asked, kept with the refusal: others may approve it yet. */
export type Asked = { method: string; path: string; body?: unknown; reason?: string }

/** A refusal the site explains (RFC 9457); its page is at `/problems/<code>` on the same site. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly requestId: string | undefined
  readonly facts: Record<string, unknown>
  readonly asked: Asked | undefined

  constructor(status: number, body: Record<string, unknown>, asked?: Asked) {
    const text = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : undefined) // narrowed on the left
    super(text('detail') ?? text('title') ?? `The site answered ${status}.`)
    this.status = status
    this.code = text('type')?.split('/').at(-1) ?? 'unknown'
    this.title = text('title') ?? 'The request failed'
    this.requestId = text('requestId')
    this.facts = body
    this.asked = asked
  }
}

const offline = () =>
  new ApiProblem(0, {
    title: 'The site does not answer',
    type: '/problems/offline',
    detail: 'The site cannot be reached. It may be restarting, or the network between you and it is down.',
  })

// The token proves that a request was made by our own pages. It is no secret of the session, and lives as long as the page does.
let csrf: string | undefined
export const rememberCsrf = (token: string): void => {
  csrf = token
}

type Send = {
  query?: Record<string, string | number | undefined>
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export const address = (path: string, query: Send['query'] = {}): string => {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [[key, String(value)]],
  )
  const root = path.startsWith('/v1/') ? '' : '/api/v1' // the OpenAI-shaped door has its own root
  return `${root}${path}${pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : ''}`
}

const ask = async (method: Method, path: string, { query, body, headers, signal }: Send): Promise<Response> => {
  const init: RequestInit = {
    method,
    headers: {
      accept: 'application/json, application/problem+json, text/event-stream',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' || csrf === undefined ? {} : { 'x-csrf-token': csrf }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }
  const reply = await fetch(address(path, query), init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw offline()
  })
  if (!reply.ok) throw new ApiProblem(reply.status, await bodyOf(reply), { method, path: address(path, query), body })
  return reply
}

const bodyOf = async (reply: Response): Promise<Record<string, unknown>> => {
  const body: unknown = await reply.json().catch(() => ({}))
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

const call = async <T>(method: Method, path: string, send: Send = {}): Promise<T> => {
  const reply = await ask(method, path, send)
  const text = await reply.text()
  return (text === '' ? undefined : JSON.parse(text)) as T // the site's own schema holds its replies to T
}

export const get = <T>(path: string, query?: Send['query'], signal?: AbortSignal) =>
  call<T>('GET', path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) })
export const post = <T>(path: string, body?: unknown) => call<T>('POST', path, { body })
export const put = <T>(path: string, body?: unknown, headers?: Record<string, string>) =>
  call<T>('PUT', path, { body, ...(headers ? { headers } : {}) })
export const patch = <T>(path: string, body: unknown) => call<T>('PATCH', path, { body })
export const remove = (path: string, body?: unknown) => call<void>('DELETE', path, { body })

/** The `data:` of each server-sent event, in order, until the stream ends or the signal aborts. */
export async function* events(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<string> {
  const reply = await ask('POST', path, { body, signal })
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = `${rest}${value}`.replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = block.split('\n').filter((line) => line.startsWith('data:'))
      if (lines.length > 0) yield lines.map((line) => line.slice(5).trimStart()).join('\n')
    }
  }
}

export type Progress = { sentBytes: number; totalBytes: number; bytesPerSecond: number }

/** By XMLHttpRequest, since fetch does not tell how much of a request's body has left. */
export const upload = <T>(path: string, file: Blob, on: { progress: (now: Progress) => void; signal: AbortSignal }): Promise<T> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const startedMs = performance.now()
    request.open('POST', address(path))
    request.setRequestHeader('content-type', 'application/octet-stream')
    if (csrf !== undefined) request.setRequestHeader('x-csrf-token', csrf)
    request.upload.onprogress = ({ loaded }) =>
      on.progress({
        sentBytes: loaded,
        totalBytes: file.size,
        bytesPerSecond: (loaded * 1000) / Math.max(1, performance.now() - startedMs),
      })
    request.onload = () => {
      const body = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(body as T) // the site's own schema holds its replies to T
      else reject(new ApiProblem(request.status, body))
    }
    request.onerror = () => reject(offline())
    request.onabort = () => reject(new DOMException('The upload was stopped', 'AbortError'))
    on.signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })

const parsed = (text: string): Record<string, unknown> => {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    return {}
  }
}

export const stopped = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'
