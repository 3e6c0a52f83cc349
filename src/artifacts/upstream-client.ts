// Asks another registry, as any client of Distribution would: a token where one is wanted, redirects to where the bytes lie, all within the hosts let in.
import { Readable } from 'node:stream'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { ociImage, ociIndex } from './manifest-form.ts'
import { mayReach, type Upstream } from './upstream-spec.ts'

export const upstreamFailed = problem('upstream-failed', 502, 'The upstream registry does not give it')

/** Until it begins to answer; how long the bytes take is their own affair. */
const answerMsMax = 30_000
const hopsMax = 4
const tokenCharsMax = 16_384
const accept = [
  ociImage,
  ociIndex,
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')

export type Answer = { readonly headers: Headers; readonly body: Readable }

/** Undefined where the upstream says that it has none. Throws `upstream-failed`. */
export const askUpstream = async (ctx: Context, upstream: Upstream, below: string): Promise<Answer | undefined> => {
  const url = new URL(`/v2/${below}`, upstream.url)
  const first = await follow(ctx, url, authFor(ctx, url))
  const challenge = first.status === 401 ? first.headers.get('www-authenticate') : null
  const told = challenge?.startsWith('Bearer ')
    ? await follow(ctx, url, `Bearer ${await tokenFor(ctx, url, challenge)}`, first)
    : first
  if (told.status === 200 && told.body)
    return { headers: told.headers, body: Readable.from(piecesOf(told.body, url.host), { objectMode: false }) }
  await told.body?.cancel()
  if (told.status === 404) return undefined
  throw upstreamFailed(`${url.host} answers ${told.status}.`, { status: told.status })
}

/** Not before it is read: a stream that breaks off unread would end the process. */
async function* piecesOf(body: AsyncIterable<Uint8Array>, host: string): AsyncGenerator<Buffer> {
  try {
    for await (const piece of body) yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
  } catch (error) {
    throw upstreamFailed(`${host} broke off while it sent.`, {}, error)
  }
}

const authFor = (ctx: Context, { host }: URL): string | undefined => {
  const key = ctx.site.config.upstreams.keys.get(host)
  return key === undefined ? undefined : `Basic ${Buffer.from(key).toString('base64')}`
}

const follow = async (ctx: Context, from: URL, authorization: string | undefined, before?: Response): Promise<Response> => {
  await before?.body?.cancel()
  let url = from
  for (let hop = 0; hop < hopsMax; hop++) {
    // A key is for the host it was set for, and for no other that it points to.
    const reply = await ask(ctx, url, url.host === from.host ? authorization : undefined)
    const location = reply.status >= 300 && reply.status < 400 ? reply.headers.get('location') : null
    if (location === null) return reply
    await reply.body?.cancel()
    url = new URL(location, url)
  }
  throw upstreamFailed(`${from.host} sends from one place to the next, more than ${hopsMax} times.`)
}

const ask = async (ctx: Context, url: URL, authorization: string | undefined): Promise<Response> => {
  if (!mayReach(ctx, url.hostname) || !/^https?:$/.test(url.protocol))
    throw upstreamFailed(`The upstream points to ${url.host}, which the operator has not let in with HOLDFAST_ALLOW_HOSTS.`)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error(`no answer in ${answerMsMax} ms`)), answerMsMax)
  try {
    return await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([late.signal, ctx.signal]),
      headers: { accept, ...(authorization === undefined ? {} : { authorization }) },
    })
  } catch (error) {
    throw upstreamFailed(`${url.host} does not answer.`, {}, error)
  } finally {
    clearTimeout(timer)
  }
}

/** Distribution's token protocol. */
const tokenFor = async (ctx: Context, asked: URL, challenge: string): Promise<string> => {
  const parts = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]))
  const realm = URL.parse(parts.get('realm') ?? '')
  if (!realm) throw upstreamFailed(`${asked.host} wants a token and does not say from where.`)
  for (const name of ['service', 'scope']) if (parts.has(name)) realm.searchParams.set(name, parts.get(name)!)
  const reply = await follow(ctx, realm, authFor(ctx, realm) ?? (realm.host === asked.host ? authFor(ctx, asked) : undefined))
  const said = (await reply.text()).slice(0, tokenCharsMax)
  const token = /"(?:token|access_token)"\s*:\s*"([^"]+)"/.exec(said)?.[1]
  if (reply.status !== 200 || token === undefined)
    throw upstreamFailed(`${realm.host} gives no token: it answers ${reply.status}.`)
  return token
}
