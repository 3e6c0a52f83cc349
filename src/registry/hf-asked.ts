// What an address of the Hub's API means. A repository's own path comes first, so that HF_ENDPOINT may name one: /hf/<scope path>/<repository>/….
import type { FastifyReply, FastifyRequest } from 'fastify'
import { placeFor, type Place, type Verb } from '#artifacts'
import type { Context } from '#platform/context.ts'
import { invalid, Problem } from '#platform/problem.ts'

export const repoTypes = ['models', 'datasets', 'spaces'] as const
export type RepoType = (typeof repoTypes)[number]

export type Asked = {
  /** Of the repository; empty for `/hf` alone. */
  readonly base: string
  readonly type: RepoType
  /** Empty for what is asked of all. */
  readonly id: string
  readonly verb: string
  readonly rest: readonly string[]
}
export type Handler = (request: FastifyRequest, reply: FastifyReply, asked: Asked) => Promise<unknown>

/** What `/hf` alone serves: this repository of the organisation. */
const hubName = 'hub'

const verbs = new Set([
  'revision',
  'tree',
  'paths-info',
  'refs',
  'commits',
  'preupload',
  'commit',
  'branch',
  'xet-write-token',
  'auth-check',
])
const ofSite = new Set(['whoami-v2', 'repos', 'validate-yaml'])

const isType = (text: string | undefined): text is RepoType => (repoTypes as readonly string[]).includes(text ?? '')

/** Between an id and a revision. Where two stand side by side, the first is a model called so. */
const isMarker = (part: string): boolean => part === 'resolve' || part === 'raw'

/** Decoded part by part: a revision may hold a slash, written %2F. */
const partsOf = (request: FastifyRequest): string[] => {
  const [path = ''] = request.url.split('?')
  try {
    return path.split('/').slice(2).map(decodeURIComponent)
  } catch (error) {
    throw invalid('The address is not written in UTF-8.', {}, error)
  }
}

export const askedOf = (request: FastifyRequest): Asked | undefined => {
  const parts = partsOf(request)
  for (const [at, part] of parts.entries()) {
    const base = parts.slice(0, at).join('/')
    const next = parts[at + 1]
    if (part === 'api' && isType(next)) return ofApi(base, next, parts.slice(at + 2))
    if (part === 'api' && ofSite.has(next ?? '')) return { base, type: 'models', id: '', verb: next!, rest: parts.slice(at + 2) }
    if (isMarker(part) && at > 0 && next !== undefined && !(isMarker(next) && parts.length > at + 3))
      return { base: '', type: 'models', id: base, verb: part, rest: parts.slice(at + 1) }
    if (part.endsWith('.git') && parts.slice(at + 1, at + 4).join('/') === 'info/lfs/objects')
      return {
        base: '',
        type: 'models',
        id: [...parts.slice(0, at), part.slice(0, -'.git'.length)].join('/'),
        verb: 'lfs',
        rest: parts.slice(at + 4),
      }
  }
  return undefined
}

/** An id has one part or two; a model may be called as a verb is. */
const ofApi = (base: string, type: RepoType, parts: readonly string[]): Asked => {
  const of = (count: number): Asked => ({
    base,
    type,
    id: parts.slice(0, count).join('/'),
    verb: parts[count] ?? 'info',
    rest: parts.slice(count + 1),
  })
  if (parts.length === 0 || parts[0] === '') return { base, type, id: '', verb: 'list', rest: [] }
  if (parts.length > 2 && verbs.has(parts[2]!)) return of(2)
  return of(parts.length > 1 && !verbs.has(parts[1]!) ? 2 : 1)
}

/** Hub ids are the same in capitals; names of packages are small. */
export const pathOf = ({ base, type, id }: Asked): string =>
  [base, type === 'models' ? '' : type, id.toLowerCase()].filter((part) => part !== '').join('/')

/** At the path itself, or below `hub` where no repository is. Throws `repository-unknown`. */
export const placeAsked = async (ctx: Context, verb: Verb, asked: Asked): Promise<Place> => {
  const path = pathOf(asked)
  try {
    return await placeFor(ctx, verb, path)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'repository-unknown' || asked.base !== '') throw error
    return placeFor(ctx, verb, `${hubName}/${path}`)
  }
}

/** Where a push goes: to the path itself where a repository is, and else below `hub`, for ids that are the Hub's. */
export const hubPath = async (ctx: Context, asked: Asked): Promise<string> => {
  const path = pathOf(asked)
  if (asked.base !== '') return path
  try {
    return (await placeFor(ctx, 'push', path)).path
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'repository-unknown') throw error
    return `${hubName}/${path}`
  }
}

/** The repository itself, for what is asked of all of it. */
export const baseAsked = (ctx: Context, verb: Verb, { base }: Asked): Promise<Place> =>
  placeFor(ctx, verb, base === '' ? hubName : base)
