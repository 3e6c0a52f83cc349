// Parameters: what a guardrail leaves open, and the values that an assignment gives.
import type { Parameter, ParameterValues, Value } from '../schema.ts'
import { isValue } from './operand.ts'
import { own, type Fault } from './reading.ts'

type Declared = Readonly<Record<string, Parameter>>

/** Values for each declared parameter, from what is given or the default; and what is wrong with them. */
export const bind = (declared: Declared, given: ParameterValues, at: string): { values: ParameterValues; faults: Fault[] } => {
  const faults: Fault[] = Object.keys(given)
    .filter((name) => !Object.hasOwn(declared, name))
    .map((name) => ({ at: `${at}/${name}`, message: 'no such parameter is declared' }))
  const values: Record<string, Value> = {}
  for (const [name, parameter] of Object.entries(declared)) {
    const said = own(given, name)
    const value = said === undefined ? parameter.default : said // null is a value, and a wrong one
    const wrong = wrongWith(value, parameter)
    if (wrong !== undefined) faults.push({ at: `${at}/${name}`, message: wrong })
    else values[name] = value as Value // wrongWith() looked
  }
  return { values, faults }
}

/** Stand-ins that let a definition be read before anyone has given values. */
export const placeholders = (declared: Declared): ParameterValues =>
  Object.fromEntries(Object.entries(declared).map(([name, { type, default: value }]) => [name, value ?? blank[type]]))

const blank: Readonly<Record<Parameter['type'], Value>> = { string: 'x', integer: 1, number: 1, boolean: true, strings: ['x'] }

export const wrongDefaults = (declared: Declared, at: string): Fault[] =>
  Object.entries(declared).flatMap(([name, parameter]) => {
    const wrong = parameter.default === undefined ? undefined : wrongWith(parameter.default, parameter)
    return wrong === undefined ? [] : [{ at: `${at}/${name}/default`, message: wrong }]
  })

const wrongWith = (value: unknown, { type, enum: allowed, minimum, maximum }: Parameter): string | undefined => {
  if (value === undefined) return 'has no default, so a value is needed'
  if (!isValue(value) || !fits[type](value)) return `must be ${words[type]}`
  const odd = allowed && [value].flat().find((item) => !allowed.includes(String(item)))
  if (odd !== undefined) return `must be of ${allowed!.join(', ')}`
  if (typeof value === 'number' && minimum !== undefined && value < minimum) return `must be at least ${minimum}`
  if (typeof value === 'number' && maximum !== undefined && value > maximum) return `must be at most ${maximum}`
  return undefined
}

const fits: Readonly<Record<Parameter['type'], (value: Value) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isSafeInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
}
const words: Readonly<Record<Parameter['type'], string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  strings: 'a list of texts',
}
