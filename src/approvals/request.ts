// The request that waits for approval: one of this API's own, sent through its own door, so that nothing can be approved that could not be done.
import { callInside, type InnerReply } from '#platform/inner.ts'
import type { Context } from '#platform/context.ts'
import { invalid, problem, Problem } from '#platform/problem.ts'
import type { Operation, Site } from '#platform/site.ts'
import type { Wanted } from './schema.ts'

export const notProposable = problem('not-proposable', 400, 'This is only done directly')

/** Throws when there is no such door, or it is one that is only used directly. */
export const operationOf = (site: Site, { operationId }: Wanted): Operation => {
  const found = site.wiring.operations.get(operationId)?.()
  if (!found)
    throw invalid(`There is no operation ${JSON.stringify(operationId)} that changes anything. openapi.json names them.`, {
      faults: [{ at: '/operationId', message: 'no such operation' }],
    })
  if (found.direct !== undefined)
    throw notProposable(`${operationId} is only ever done directly: ${found.direct}.`, { operationId })
  return found
}

/** In the transaction and on behalf of whom the context says. */
export const send = (ctx: Context, wanted: Wanted, reason: string): Promise<InnerReply> => {
  const operation = operationOf(ctx.site, wanted)
  return callInside(ctx, {
    method: operation.method,
    url: urlOf(operation, wanted),
    headers: {
      'x-reason': reason,
      ...(wanted.ifMatch === undefined ? {} : { 'if-match': wanted.ifMatch }),
      ...(wanted.ifNoneMatch === undefined ? {} : { 'if-none-match': wanted.ifNoneMatch }),
      ...(wanted.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(wanted.body === undefined ? {} : { body: JSON.stringify(wanted.body) }),
  })
}

const urlOf = ({ url }: Operation, { path = {}, query = {} }: Wanted): string => {
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const unknown = Object.keys(path).find((name) => !names.includes(name))
  if (unknown !== undefined) throw invalid(`The address ${url} has no parameter ${JSON.stringify(unknown.slice(0, 80))}.`)
  const filled = url.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = path[name]
    if (value === undefined || value === '') throw invalid(`The address ${url} needs the parameter ${name}.`)
    return encodeURIComponent(value)
  })
  const search = new URLSearchParams(query).toString()
  return search === '' ? filled : `${filled}?${search}`
}

/** What the door answered, as the refusal it is. */
export const refusalIn = ({ status, body }: InnerReply): Problem => {
  const {
    type,
    title,
    status: _,
    detail,
    requestId: __,
    ...facts
  } = body as Record<string, unknown> & { type: string; title: string; detail: string } // written by platform/problem.ts
  return new Problem({ code: type.slice('/problems/'.length), status, title }, detail, facts)
}
