// What is asked of one field: an operator and what it compares with.
import type { Run, Truth } from './field.ts'
import { listOperators, numberOperators, patternOperators, scalarOperators, type Question } from './operators.ts'
import { readOperand, shapes, type Operand } from './operand.ts'
import { fault, quoted, type Reading } from './reading.ts'

export type Ask = { readonly canHold: boolean; readonly canFail: boolean; readonly of: (value: unknown, run: Run) => Truth }

/** Of nothing, no value is one; everything is without it. */
const neverOfNothing = ['in', 'like']
const alwaysOfNothing = ['notIn', 'containsAll']

export const readAsk = (operator: string, given: unknown, at: string, reading: Reading): Ask | undefined => {
  const here = `${at}/${operator}`
  const scalar = find(scalarOperators, operator)
  if (scalar) return asking(operator, scalar, readOperand(given, shapes.scalar, here, reading))
  const number = find(numberOperators, operator)
  if (number) return asking(operator, number, readOperand(given, shapes.number, here, reading))
  const list = find(listOperators, operator)
  if (list) return asking(operator, list, readOperand(given, shapes.list, here, reading))
  const pattern = find(patternOperators, operator)
  if (pattern) return asking(operator, pattern, readOperand(given, shapes.patterns, here, reading))
  return fault(reading, at, `${quoted(operator)} is no question to ask of a field`)
}

const find = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

const asking = <T>(operator: string, question: Question<T>, operand: Operand<T> | undefined): Ask | undefined => {
  if (!operand) return undefined
  const nothing = 'known' in operand && isNothing(operand.known)
  return {
    canHold: !(nothing && neverOfNothing.includes(operator)),
    canFail: !(nothing && alwaysOfNothing.includes(operator)),
    of: 'of' in operand ? comparing(question, operand.of) : knowing(question, operand.known),
  }
}

const isNothing = (known: unknown): boolean =>
  known instanceof Set ? known.size === 0 : Array.isArray(known) && known.length === 0

const knowing =
  <T>(question: Question<T>, known: T) =>
  (value: unknown, run: Run): Truth =>
    value === undefined ? undefined : question(value, known, run)

const comparing =
  <T>(question: Question<T>, of: (run: Run) => T | undefined) =>
  (value: unknown, run: Run): Truth => {
    const other = value === undefined ? undefined : of(run)
    return other === undefined ? undefined : question(value, other, run)
  }
