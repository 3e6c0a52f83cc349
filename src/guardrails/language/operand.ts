// What a value is compared with: said outright, taken from a parameter, or from another field of the same document.
import { itemsMax, textMax, type Scalar, type Value } from '../schema.ts'
import { readField, type Run } from './field.ts'
import { globOf, type Glob } from './glob.ts'
import { isScalar, membersOf, type Items } from './operators.ts'
import { fault, isRecord, own, type Reading } from './reading.ts'

/** `known` when it is the same for every document. */
export type Operand<T> = { readonly known: T } | { readonly known?: undefined; readonly of: (run: Run) => T | undefined }

type Shape<T> = {
  readonly what: string
  readonly types: readonly string[]
  /** undefined when the value is not of this shape. */
  readonly from: (value: unknown, run?: Run) => T | undefined
}

const patternMax = 512
const starsMax = 64

const scalar: Shape<Scalar> = {
  what: 'a text, a number, true, false or null',
  types: ['string', 'integer', 'number', 'boolean'],
  from: (value) => (isPlain(value) ? value : undefined),
}
const number: Shape<number> = {
  what: `a number within ±${Number.MAX_SAFE_INTEGER}`,
  types: ['integer', 'number'],
  from: (value) => (isScalar(value) && typeof value === 'number' ? value : undefined),
}
const list: Shape<Items> = {
  what: `a list of at most ${itemsMax} texts, numbers, true, false or null`,
  types: ['strings'],
  from: (value, run) => {
    if (!Array.isArray(value) || value.length > itemsMax) return undefined
    if (!run) return value.every(isPlain) ? new Set(value) : undefined
    const members = membersOf(value, run)
    return members && new Set(members)
  },
}
const patterns: Shape<readonly Glob[]> = {
  what: `a pattern of at most ${patternMax} characters and ${starsMax} stars, or a list of such`,
  types: ['string', 'strings'],
  from: (value) => {
    const all: readonly unknown[] = Array.isArray(value) ? value : [value]
    return all.length <= itemsMax && all.every(isPattern) ? all.map(globOf) : undefined
  },
}
export const shapes = { scalar, number, list, patterns }

const isPlain = (value: unknown): value is Scalar => isScalar(value) && !(typeof value === 'string' && value.length > textMax)
export const isValue = (value: unknown): value is Value =>
  Array.isArray(value) ? value.length <= itemsMax && value.every(isPlain) : isPlain(value)
const isPattern = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= patternMax && value.split('*').length <= starsMax + 1

export const readOperand = <T>(given: unknown, shape: Shape<T>, at: string, reading: Reading): Operand<T> | undefined => {
  if (!isRecord(given)) return known(given, shape, at, reading)
  const [name, ...others] = Object.keys(given)
  // A pattern from the document itself would be one that nobody has looked at.
  const sources = shape.what === patterns.what ? ['param'] : ['param', 'field']
  if (name === undefined || others.length > 0 || !sources.includes(name))
    return fault(reading, at, `must be ${shape.what}, or one of ${sources.map((source) => `{${source}}`).join(', ')}`)
  return name === 'param'
    ? parameter(given['param'], shape, `${at}/param`, reading)
    : another(given['field'], shape, `${at}/field`, reading)
}

const known = <T>(value: unknown, shape: Shape<T>, at: string, reading: Reading): Operand<T> | undefined => {
  const made = shape.from(value)
  return made === undefined ? fault(reading, at, `must be ${shape.what}`) : { known: made }
}

const parameter = <T>(name: unknown, shape: Shape<T>, at: string, reading: Reading): Operand<T> | undefined => {
  const declared = typeof name === 'string' && Object.hasOwn(reading.parameters, name) ? reading.parameters[name] : undefined
  if (!declared) return fault(reading, at, 'no such parameter is declared')
  if (!shape.types.includes(declared.type))
    return fault(reading, at, `a parameter of type ${declared.type} cannot be ${shape.what}`)
  return known(own(reading.values, String(name)), shape, at, reading)
}

const another = <T>(path: unknown, shape: Shape<T>, at: string, reading: Reading): Operand<T> | undefined => {
  const field = readField(path, at, reading)
  if (!field) return undefined
  reading.fields.push(field)
  return { of: (run) => shape.from(field.get(run), run) }
}
