// The language of the search box: `kind:deployment label.env=prod -spec.engine:openai criticality>=high chat`. Words side by side must all hold.
import { invalid } from '#platform/problem.ts'
import { criticalities } from './schema.ts'

export const operators = ['>=', '<=', '!=', '>', '<', '=', ':'] as const
export type Operator = (typeof operators)[number]

/** Fields with a fixed name, and whether they have an order. */
const plainFields = {
  id: false,
  kind: false,
  name: false,
  owner: false,
  scope: false,
  caveat: false,
  classification: true,
  criticality: true,
  generation: true,
  created: true,
  updated: true,
} as const
export type PlainField = keyof typeof plainFields
export type Field =
  | { readonly of: PlainField }
  | { readonly of: 'label'; readonly key: string }
  | { readonly of: 'spec' | 'status'; readonly path: readonly string[] }

export type Term =
  | { readonly negated: boolean; readonly text: string }
  | { readonly negated: boolean; readonly field: Field; readonly operator: Operator; readonly values: readonly string[] }

export const queryCharsMax = 1_000
const termsMax = 32
const valuesMax = 50
const pathMax = 8

/** Throws `invalid-request` and says which word is wrong. */
export const parseQuery = (query: string): Term[] => {
  if (query.length > queryCharsMax) throw wrong(query.slice(0, 40), `a search has at most ${queryCharsMax} characters`)
  const words = wordsOf(query)
  if (words.length > termsMax) throw wrong(words[termsMax]!, `a search has at most ${termsMax} words`)
  return words.map(termOf)
}

const wrong = (word: string, message: string) =>
  invalid(`The search does not make sense at ${JSON.stringify(word.slice(0, 80))}: ${message}.`, {
    faults: [{ in: 'querystring', at: '/query', message: `${word.slice(0, 80)}: ${message}` }],
  })

/** At white space outside quotes. */
const wordsOf = (query: string): string[] => {
  const words: string[] = query.match(/(?:"(?:[^"\\]|\\.)*"|[^\s"])+|"/g) ?? []
  // What no pair of quotes takes in is left over as one quote.
  if (words.includes('"')) throw wrong('"', 'a quote is opened and not closed')
  return words
}

const shape = /^(-?)([a-zA-Z][\w./-]*?)(>=|<=|!=|>|<|=|:)(.*)$/s

const termOf = (word: string): Term => {
  const [, minus, name, operator, rest] = shape.exec(word) ?? []
  if (name === undefined || rest === undefined || !isOperator(operator)) {
    const negated = word.startsWith('-') && word.length > 1
    return { negated, text: unquoted(negated ? word.slice(1) : word) }
  }
  const field = fieldOf(word, name)
  const values = valuesOf(rest)
  if (values.length === 0 || values.some((value) => value === '' && operator !== '=' && operator !== '!='))
    throw wrong(word, 'a value is missing after the operator')
  if (values.length > valuesMax) throw wrong(word, `at most ${valuesMax} values`)
  checkValues(word, field, operator, values)
  return { negated: minus === '-', field, operator, values }
}

const isOperator = (text: string | undefined): text is Operator => operators.some((operator) => operator === text)

const fieldOf = (word: string, name: string): Field => {
  if (Object.hasOwn(plainFields, name)) return { of: name as PlainField } // just looked up
  const [head, ...path] = name.split('.')
  if (head === 'label' && path.length > 0) return { of: 'label', key: name.slice('label.'.length) }
  if ((head === 'spec' || head === 'status') && path.length > 0) {
    if (path.length > pathMax || !path.every((part) => /^[a-zA-Z_][\w-]*$/.test(part)))
      throw wrong(word, `a path is at most ${pathMax} names joined by dots`)
    return { of: head, path }
  }
  throw wrong(
    word,
    `${name.slice(0, 40)} is not a field. The fields are: ${Object.keys(plainFields).join(', ')}, label.KEY, spec.PATH, status.PATH. Put text with a colon into quotes`,
  )
}

/** `a,b,"c,d"`: any of them. */
const valuesOf = (rest: string): string[] =>
  rest === '' ? [''] : (rest.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map(unquoted)

const unquoted = (text: string): string =>
  text.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replaceAll(/\\(.)/gs, '$1'))

const isOrder = (operator: Operator): boolean => operator.startsWith('>') || operator.startsWith('<')

const checkValues = (word: string, field: Field, operator: Operator, values: readonly string[]): void => {
  const ordered = field.of === 'spec' || field.of === 'status' || (field.of !== 'label' && plainFields[field.of])
  if (isOrder(operator) && !ordered) throw wrong(word, `${field.of} has no order; use : = or !=`)
  if (isOrder(operator) && values.length > 1) throw wrong(word, 'an order is compared with one value')
  if ((field.of === 'created' || field.of === 'updated') && !isOrder(operator))
    throw wrong(word, `${field.of} is compared with > >= < or <=`)
  for (const value of values) {
    const fault = faultOf(field, value)
    if (fault) throw wrong(word, fault)
  }
}

const faultOf = ({ of }: Field, value: string): string | undefined => {
  if (/^-?\d+$/.test(value) && !Number.isSafeInteger(Number(value))) return 'integers beyond 2^53 cannot be told apart'
  if (of === 'criticality' && !criticalities.some((word) => word === value)) return `one of ${criticalities.join(', ')}`
  if (of === 'generation' && !/^\d{1,9}$/.test(value)) return 'a whole number'
  if ((of === 'created' || of === 'updated') && timeOf(value) === undefined)
    return 'a time such as 2026-01-31 or 2026-01-31T12:00:00Z'
  return undefined
}

export const timeOf = (value: string): Date | undefined => {
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(value) ? new Date(value) : undefined
  return time && !Number.isNaN(time.getTime()) ? time : undefined
}

/** A value with `*` in it is a pattern after `:`, and only there. */
export const isPattern = (operator: Operator, value: string): boolean => operator === ':' && value.includes('*')
