// Where a condition looks: a path into the document, read once and walked by own members only.
import { pathMax, type GuardrailDocument } from '../schema.ts'
import { fault, own, quoted, type Reading } from './reading.ts'

/** True, false, or undefined for what cannot be known. */
export type Truth = boolean | undefined

export type Run = {
  readonly doc: GuardrailDocument
  /** As it was before the change under judgement, if there is one. */
  readonly before: GuardrailDocument | undefined
  readonly nowMs: number
  /** The element that `each` is at. */
  item: unknown
  /** What this judgement may still cost. */
  steps: number
}

/** `get` gives null for what is known to be absent, undefined for what is not known. */
export type Field = {
  readonly text: string
  readonly root: string
  readonly get: (run: Run) => unknown
  readonly has: (run: Run) => Truth
}

const memberPattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/
const labelPattern = /^[a-z][a-z0-9./-]{0,62}$/
const membersMax = 10
const plain = ['kind', 'id', 'scope', 'name', 'owner', 'criticality']
const classified = ['rank', 'caveats', 'level']
/** Told by others: what is missing there may only not have been told. */
export const observed = ['status', 'facts']
const roots = [...plain, 'labels', 'classification', 'spec', ...observed, 'before', 'item']

export const readField = (given: unknown, at: string, reading: Reading): Field | undefined => {
  if (typeof given !== 'string' || given.length > pathMax)
    return fault(reading, at, `must be a path of at most ${pathMax} characters`)
  const field = parse(given, reading.each > 0)
  return typeof field === 'string' ? fault(reading, at, `${quoted(given)}: ${field}`) : field
}

/** A string says what is wrong with the path. */
const parse = (text: string, inEach: boolean): Field | string => {
  const [root = '', ...members] = text.split('.')
  if (!roots.includes(root)) return `a path begins with one of ${roots.join(', ')}`
  if (root === 'item' && !inEach) return '`item` is the element inside `each`, and this is outside'
  if (root === 'before') return members.length === 0 ? wasThere : beforeOf(text, members)
  if (root === 'labels') return labelOf(text, members.join('.'))
  const wrong = wrongMembers(root, members)
  return wrong ?? fieldAt(text, root, members)
}

const wrongMembers = (root: string, members: readonly string[]): string | undefined => {
  if (plain.includes(root)) return members.length > 0 ? `${root} has no members` : undefined
  if (root === 'classification')
    return members.length === 1 && classified.includes(members[0]!) ? undefined : `it has only ${classified.join(', ')}`
  if (members.length > membersMax) return `at most ${membersMax} members deep`
  const odd = members.find((name) => !memberPattern.test(name))
  return odd === undefined ? undefined : `${quoted(odd)} cannot be the name of a member`
}

const labelOf = (text: string, label: string): Field | string => {
  if (label === '') return fieldAt(text, 'labels', [])
  return labelPattern.test(label) ? fieldAt(text, 'labels', [label]) : 'no label has such a name'
}

const wasThere: Field = {
  text: 'before',
  root: 'before',
  get: ({ before }) => before ?? null,
  has: ({ before }) => before !== undefined,
}

const beforeOf = (text: string, members: readonly string[]): Field | string => {
  const inside = members[0] === 'before' ? 'there is no before of before' : parse(members.join('.'), false)
  if (typeof inside === 'string') return inside
  return {
    text,
    root: 'before',
    get: (run) => (run.before ? inside.get({ ...run, doc: run.before }) : null),
    has: (run) => (run.before ? inside.has({ ...run, doc: run.before }) : false),
  }
}

const fieldAt = (text: string, root: string, members: readonly string[]): Field => {
  // Labels and criticality are told whole: one that is not there is known to be absent.
  const absent = root === 'criticality' || (root === 'labels' && members.length > 0) ? null : undefined
  const base = (run: Run): unknown => (root === 'item' ? run.item : own(run.doc, root))
  const get = (run: Run): unknown => {
    const value = walk(base(run), members)
    return value === undefined ? absent : value
  }
  return { text, root, get, has: observed.includes(root) ? hasObserved(base, members) : (run) => (get(run) ?? null) !== null }
}

/** A group of facts that is told is told whole; one that is not told says nothing. */
const hasObserved =
  (base: (run: Run) => unknown, members: readonly string[]) =>
  (run: Run): Truth => {
    const told = walk(base(run), members.slice(0, 1))
    return told === undefined ? undefined : (walk(told, members.slice(1)) ?? null) !== null
  }

const walk = (from: unknown, members: readonly string[]): unknown => {
  let value = from
  // What is known to be absent holds nothing, and that is known too.
  for (const name of members) value = value === null ? null : own(value, name)
  return value
}
