// How what is assigned is named: `builtin/NAME`, `PUBLISHER/NAME`, or something made here by id or as `kind:/scope/name`, which files can say before there is an id.
import { Type } from 'typebox'
import { findScope } from '#policy'
import { refPattern } from '#guardrails'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import { findReferenced } from '#resources'

const place = '/(?:[a-z0-9/-]{0,900}/)?[a-z][a-z0-9-]{0,62}'

export const namePatternOf = (kind: string): string => `(?:${refPattern.slice(1, -1)}|${kind}:${place})`

export const Named = (kind: string) =>
  Type.String({
    pattern: `^${namePatternOf(kind)}$`,
    maxLength: 1_100,
    description: `builtin/NAME, PUBLISHER/NAME, or an id or ${kind}:/scope/name of one made at or above`,
  })

type Where = { kind: string; scopeId: string; at: string }

/** What guardrails know it by. What lies elsewhere is not there: whoever may change it would decide over a place that is not theirs. */
export const refOf = async (tx: Context, named: string, { kind, scopeId, at }: Where): Promise<string> => {
  if (named.includes('/') && !named.includes(':')) return named
  const found = await findReferenced(tx, named)
  const above = (await findScope(tx, scopeId))?.ancestors ?? []
  if (found?.kind !== kind || !above.includes(found.scopeId))
    throw invalid(`There is no ${kind} ${named.slice(0, 200)} at this place or above it.`, {
      faults: [{ at, message: `must be the id, or ${kind}:/scope/name, of a ${kind} made at this place or above it` }],
    })
  return found.id
}
