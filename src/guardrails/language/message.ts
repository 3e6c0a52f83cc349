// What a person is told, with places for what was found: `{spec.model}`, `{param.days}`.
import { readField, type Field, type Run } from './field.ts'
import { fault, isRecord, own, type Reading } from './reading.ts'

export type Message = (run: Run) => string

const placeCharsMax = 120
const listedMax = 10
const placesMax = 20

export const readMessage = (text: string, at: string, reading: Reading): Message => {
  // Odd parts are the places.
  const parts = text.split(/\{([^{}]*)\}/)
  if (parts.length > placesMax * 2 + 1) fault(reading, at, `at most ${placesMax} places`)
  const said = parts.map((part, i) => (i % 2 === 0 ? () => part : readPlace(part, at, reading)))
  return (run) => said.map((say) => say(run)).join('')
}

const readPlace = (place: string, at: string, reading: Reading): Message => {
  if (!place.startsWith('param.')) return fieldPlace(readField(place, at, reading))
  const name = place.slice('param.'.length)
  if (!Object.hasOwn(reading.parameters, name)) fault(reading, at, `{${place}}: no such parameter is declared`)
  const known = shown(own(reading.values, name))
  return () => known
}

const fieldPlace =
  (field: Field | undefined): Message =>
  (run) =>
    shown(field?.get(run))

const shown = (value: unknown): string => {
  if (value === undefined) return '(not known)'
  if (value === null) return '(none)'
  if (Array.isArray(value)) return list(value)
  return isRecord(value) ? list(Object.keys(value)) : plain(value)
}

const list = (items: readonly unknown[]): string => {
  if (items.length === 0) return '(none)'
  const rest = items.length - listedMax
  return `${items.slice(0, listedMax).map(plain).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Text of others is shown to people: cut, and without characters that hide or turn what follows. */
const plain = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, placeCharsMax).replaceAll(/\p{C}/gu, ' ')

/** Names of what was asked about and is not known. */
export const unknownAmong = (fields: readonly Field[], run: Run): string[] => [
  ...new Set(fields.filter(({ root, get }) => root !== 'item' && get(run) === undefined).map(({ text }) => text)),
]
