// What a validator finds, said once and in words: it tries every branch of a choice and complains about each.
import type { FastifySchemaValidationError } from 'fastify'

const faultsMax = 20

export type FormFault = { in: string; at: string; message: string }

const idPattern = /^\^([a-z]+)_\[0-9a-z\]\{26\}\$$/

const list = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(', ') : String(value))

const wordsOf = ({ keyword, params, message }: FastifySchemaValidationError): string => {
  if (keyword === 'additionalProperties') return `must not have ${list(params['additionalProperties'])}`
  if (keyword === 'required') return `must have ${list(params['requiredProperties'])}`
  const prefix = keyword === 'pattern' ? idPattern.exec(String(params['pattern']))?.[1] : undefined
  return prefix === undefined ? (message ?? 'is wrong') : `must be an id: ${prefix}_ and 26 letters and digits`
}

export const formFaults = (found: readonly FastifySchemaValidationError[], where: string): FormFault[] => {
  const constants = Map.groupBy(
    found.filter(({ keyword }) => keyword === 'const'),
    ({ instancePath }) => instancePath,
  )
  const told = found.flatMap((fault): FormFault[] => {
    const { keyword, instancePath, params } = fault
    const at = { in: where, at: instancePath || '/' }
    // `schema is false` is the echo of a member that must not be there; that is told at its parent.
    if (keyword === 'boolean') return []
    if (keyword === 'anyOf' && found.some((other) => other !== fault && other.instancePath.startsWith(instancePath))) return []
    if (keyword !== 'const') return [{ ...at, message: wordsOf(fault) }]
    const choices = constants.get(instancePath) ?? []
    if (choices[0] !== fault) return []
    const values = choices.map((choice) => JSON.stringify(choice.params['allowedValue']))
    return [{ ...at, message: `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ') || JSON.stringify(params)}` }]
  })
  const seen = new Set<string>()
  return told.filter(({ at, message }) => !seen.has(`${at} ${message}`) && seen.add(`${at} ${message}`)).slice(0, faultsMax)
}
