// What `modify` and `remediate` make of a document. A change is a path and a value: doing it twice is doing it once.
import { isDeepStrictEqual } from 'node:util'
import type { GuardrailDocument, Patch, Value } from '../schema.ts'
import { readField, type Field, type Run } from './field.ts'
import { isValue } from './operand.ts'
import { fault, isRecord, own, quoted, type Reading } from './reading.ts'

type Setter = { readonly field: Field; readonly value: (run: Run) => Value | undefined }
export type Changes = readonly Setter[]

const criticalities = ['low', 'medium', 'high', 'mission']
const settable = (path: string): boolean => path === 'criticality' || /^(labels|spec)\../.test(path)

export const readChanges = (
  given: readonly { readonly path: string; readonly value: unknown }[],
  at: string,
  reading: Reading,
): Changes => given.flatMap(({ path, value }, i) => readChange(path, value, `${at}/${i}`, reading) ?? [])

const readChange = (path: string, value: unknown, at: string, reading: Reading): Setter | undefined => {
  if (!settable(path)) return fault(reading, `${at}/path`, 'only labels.NAME, spec.MEMBER and criticality can be set')
  const field = readField(path, `${at}/path`, reading)
  const source = readSource(value, `${at}/value`, reading)
  if (!field || !source) return undefined
  const fits = fitting(field)
  if ('known' in source && !fits(source.known)) return fault(reading, `${at}/value`, `${path} cannot be ${quoted(source.known)}`)
  return {
    field,
    value: (run) => {
      const found = source.of(run)
      return isValue(found) && fits(found) ? found : undefined
    },
  }
}

type Source = { readonly known?: Value; readonly of: (run: Run) => unknown }

const readSource = (value: unknown, at: string, reading: Reading): Source | undefined => {
  if (isValue(value)) return { known: value, of: () => value }
  const param = own(value, 'param')
  if (typeof param === 'string' && Object.hasOwn(reading.parameters, param)) {
    const known = reading.values[param]
    return isValue(known) ? { known, of: () => known } : fault(reading, at, 'the parameter has no value')
  }
  const field = own(value, 'field')
  if (typeof field === 'string') {
    const found = readField(field, `${at}/field`, reading)
    return found && { of: (run) => found.get(run) }
  }
  return fault(reading, at, 'must be a value, {param} of one declared, or {field}')
}

/** Null takes the member out, which suits everything but criticality's fixed words. */
const fitting = ({ root }: Field): ((value: Value) => boolean) => {
  if (root === 'criticality') return (value) => typeof value === 'string' && criticalities.includes(value)
  if (root === 'labels') return (value) => value === null || typeof value === 'string'
  return () => true
}

/** What of it is not so yet. */
export const pending = (changes: Changes, run: Run): Patch[] =>
  changes.flatMap(({ field, value }) => {
    const wanted = value(run)
    const present = field.get(run)
    return wanted === undefined || isDeepStrictEqual(present ?? null, wanted) ? [] : [{ path: field.text, value: wanted }]
  })

/** The document with this set; undefined where something else is in the way of the path. */
export const patched = (doc: GuardrailDocument, { path, value }: Patch): GuardrailDocument | undefined => {
  const [root = '', ...members] = path.split('.')
  if (root === 'criticality') return { ...doc, criticality: String(value) }
  if (root === 'labels') return { ...doc, labels: set(doc.labels, [members.join('.')], value) as Record<string, string> } // fitting() saw to it
  const spec = set(doc.spec, members, value)
  return spec && { ...doc, spec }
}

const set = (
  record: Readonly<Record<string, unknown>>,
  [name = '', ...rest]: readonly string[],
  value: Value,
): Record<string, unknown> | undefined => {
  if (rest.length === 0 && value === null) return Object.fromEntries(Object.entries(record).filter(([other]) => other !== name))
  if (rest.length === 0) return { ...record, [name]: value }
  const inside = own(record, name) ?? {}
  const made = isRecord(inside) ? set(inside, rest, value) : undefined
  return made && { ...record, [name]: made }
}
