// What every call of the client has in common: the address, the credential, and a refusal told as what it is.
type Scalar = string | number | boolean | undefined
export type Given = {
  path?: Record<string, Scalar>
  query?: Record<string, Scalar>
  headers?: Record<string, Scalar>
  body?: unknown
  content?: Body
  signal?: AbortSignal
}
/** What `fetch` takes as a body, in the browser and in Node. */
export type Body = NonNullable<RequestInit['body']>
export type Call = <T>(method: string, path: string, given: Given) => Promise<T>
export type ClientOptions = { baseUrl: string; headers?: () => Record<string, string>; fetch?: typeof fetch }

/** A refusal of the site (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly facts: Record<string, unknown>
  constructor(status: number, told: Record<string, unknown>) {
    const { type, title, detail, ...facts } = told
    super(typeof detail === 'string' ? detail : `The site answered ${status}.`)
    this.status = status
    this.code = typeof type === 'string' ? type.replace('/problems/', '') : 'unknown'
    this.title = typeof title === 'string' ? title : `Status ${status}`
    this.facts = facts
  }
}

/** The site does not answer at all. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  readonly url: string
  constructor(url: string, cause: unknown) {
    super(`No site answers at ${url}.`, { cause })
    this.url = url
  }
}

const urlOf = (base: string, path: string, { path: parameters = {}, query = {} }: Given): URL => {
  const filled = path.replaceAll(/\{(\*|\w+)\}/g, (_, name: string) => encodeURIComponent(String(parameters[name] ?? '')))
  const url = new URL(base.replace(/\/$/, '') + filled)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return url
}

/** The raw reply, for streams; throws ApiProblem for a refusal. */
export const request = async (options: ClientOptions, method: string, path: string, given: Given): Promise<Response> => {
  const { body, content, signal, headers = {} } = given
  const sent: Record<string, string> = {
    ...options.headers?.(),
    ...Object.fromEntries(
      Object.entries(headers)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, String(value)]),
    ),
  }
  if (body !== undefined) sent['content-type'] = 'application/json'
  else if (content !== undefined) sent['content-type'] = 'application/octet-stream'
  const payload = body === undefined ? content : JSON.stringify(body)
  const init: RequestInit & { duplex: 'half' } = { method, headers: sent, duplex: 'half' }
  if (payload !== undefined) init.body = payload
  if (signal) init.signal = signal
  const reply = await (options.fetch ?? fetch)(urlOf(options.baseUrl, path, given), init).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new Unreachable(options.baseUrl, error)
  })
  if (reply.ok) return reply
  const told: unknown = await reply.json().catch(() => ({}))
  throw new ApiProblem(reply.status, flatten(told))
}

/** The OpenAI-shaped door wraps its errors; both come out alike. */
const flatten = (told: unknown): Record<string, unknown> => {
  if (typeof told !== 'object' || told === null) return {}
  if ('error' in told && typeof told.error === 'object' && told.error !== null) {
    const { message, code, ...rest } = told.error as { message?: unknown; code?: unknown } // shown, never trusted
    return { ...rest, detail: message, type: `/problems/${String(code)}`, title: String(code) }
  }
  return { ...told }
}

export const caller =
  (options: ClientOptions): Call =>
  async <T>(method: string, path: string, given: Given) => {
    const reply = await request(options, method, path, given)
    if (reply.status === 204) return undefined as T // the operation has no answer
    const json = /json/.test(reply.headers.get('content-type') ?? '')
    return (json ? await reply.json() : await reply.text()) as T // the operation's own schema, enforced by the server
  }

const eventBytesMax = 4 * 1024 ** 2

/** Server-sent events of a reply, one `data` at a time. */
export async function* events(reply: Response): AsyncGenerator<string> {
  if (!reply.body) return
  let held = ''
  for await (const chunk of reply.body.pipeThrough(
    new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>,
  )) {
    held += chunk
    if (held.length > eventBytesMax) throw new Error('The site sent an event larger than this client takes.')
    for (let end = held.indexOf('\n\n'); end >= 0; end = held.indexOf('\n\n')) {
      const block = held.slice(0, end)
      held = held.slice(end + 2)
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
      if (data.length > 0) yield data.join('\n')
    }
  }
}
