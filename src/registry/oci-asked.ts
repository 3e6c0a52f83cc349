import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { invalid } from '#platform/problem.ts'

/** What an address of the registry means: a path, and what of it. */
export type Asked = { readonly path: string; readonly rest: string }
export type Handler = (request: FastifyRequest, reply: FastifyReply, asked: Asked) => Promise<unknown>

export const queryOf = (request: FastifyRequest): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(request.query as Record<string, unknown>).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : undefined,
    ]),
  )

/** How many of a list are wanted (`n`); throws for what is no number. */
export const countOf = (request: FastifyRequest): number | undefined => {
  const { n } = queryOf(request)
  if (n === undefined) return undefined
  if (!/^\d{1,9}$/.test(n)) throw invalid('n is a whole number.', { faults: [{ at: '/n', message: 'not a whole number' }] })
  return Number(n)
}

/** RFC 8288, as Distribution pages with it. */
export const nextLink = (request: FastifyRequest, last: string): string => {
  const url = new URL(request.url, 'http://localhost')
  url.searchParams.set('last', last)
  return `<${url.pathname}${url.search}>; rel="next"`
}

export const bodyOf = (request: FastifyRequest): Readable | undefined =>
  (request.body as Readable | null | undefined) ?? undefined // by our own parser

export const lengthOf = (request: FastifyRequest): number | undefined => {
  const length = request.headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
