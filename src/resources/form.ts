// Whether a document has the form its kind takes; every fault is told with its place.
import { Errors } from 'typebox/value'
import { invalid } from '#platform/problem.ts'
import type { Kind } from './kinds.ts'
import { Labels, namePattern, type Desired } from './schema.ts'

const faultsMax = 20

export const checkForm = (kind: Kind, { name, labels = {}, spec = {} }: Desired): void => {
  if (!new RegExp(namePattern).test(name))
    throw invalid(
      `${JSON.stringify(name.slice(0, 80))} cannot be a name: a letter first, then letters, digits and hyphens, all lower case, at most 63.`,
      { faults: [{ at: '/name', message: `must match ${namePattern}` }] },
    )
  const faults = [
    ...Errors(Labels, labels).map((fault) => ({ at: `/labels${fault.instancePath}`, message: fault.message })),
    // What an unknown member is refused for is said once, by its name.
    ...Errors(kind.spec, spec)
      .filter(({ keyword }) => keyword !== 'boolean')
      .map((fault) => ({ at: `/spec${fault.instancePath}`, message: describe(fault) })),
    ...unstorable(spec, '/spec'),
  ]
  if (faults.length > 0)
    throw invalid(`The spec of this ${kind.kind} does not have the form it must have.`, { faults: faults.slice(0, faultsMax) })
}

const describe = ({ message, params }: { message: string; params: object }): string => {
  const extra: unknown = Reflect.get(params, 'additionalProperties')
  return Array.isArray(extra) ? `unknown: ${extra.join(', ')}` : message
}

/** PostgreSQL's jsonb holds neither NUL nor half a surrogate pair. */
const unstorable = (value: unknown, at: string): { at: string; message: string }[] => {
  if (typeof value === 'string')
    return value.includes('\0') || !value.isWellFormed() ? [{ at, message: 'must be well-formed text without NUL' }] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [
    ...unstorable(key, at),
    ...unstorable(member, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  ])
}
