// A condition, read once and compiled to closures. Three-valued (Kleene): what rests on something unknown is unknown, unless the rest decides it alone.
import { itemsMax, type Value } from '../schema.ts'
import { readAsk } from './ask.ts'
import { observed, readField, type Field, type Run, type Truth } from './field.ts'
import { isValue } from './operand.ts'
import { depthMax, fault, isRecord, nodesMax, own, quoted, type Reading } from './reading.ts'

/** `canHold` and `canFail` are what its text alone says: a condition that can never hold refuses everything. */
export type Test = { readonly canHold: boolean; readonly canFail: boolean; readonly holds: (run: Run) => Truth }

/** What one judgement of one document may cost: conditions asked and elements looked at. */
export const stepsMax = 20_000

/** Stands in for what could not be read; a fault is noted, so nothing is judged by it. */
const unread: Test = { canHold: true, canFail: true, holds: () => undefined }
const forms = ['all', 'any', 'not', 'each', 'field']

export const readCondition = (given: unknown, at: string, reading: Reading, depth = 1): Test => {
  if (depth > depthMax) return fault(reading, at, `conditions nest at most ${depthMax} deep`) ?? unread
  if (++reading.nodes > nodesMax)
    return (reading.nodes === nodesMax + 1 ? fault(reading, at, `at most ${nodesMax} conditions`) : undefined) ?? unread
  if (!isRecord(given)) return fault(reading, at, 'must be a condition') ?? unread
  const named = forms.filter((form) => Object.hasOwn(given, form))
  if (named.length !== 1) return fault(reading, at, `must have exactly one of ${forms.join(', ')}`) ?? unread
  const read = readers[named[0]!]!
  return read(given, at, reading, depth) ?? unread
}

type Read = (given: Readonly<Record<string, unknown>>, at: string, reading: Reading, depth: number) => Test | undefined

const onlyMembers = (given: object, allowed: readonly string[], at: string, reading: Reading): boolean => {
  const odd = Object.keys(given).find((name) => !allowed.includes(name))
  if (odd !== undefined) fault(reading, at, `${quoted(odd)} does not belong here`)
  return odd === undefined
}

const several =
  (form: 'all' | 'any'): Read =>
  (given, at, reading, depth) => {
    const parts = given[form]
    if (!onlyMembers(given, [form], at, reading)) return undefined
    if (!Array.isArray(parts)) return fault(reading, `${at}/${form}`, 'must be a list of conditions')
    const tests = parts.slice(0, nodesMax + 1).map((part, i) => readCondition(part, `${at}/${form}/${i}`, reading, depth + 1))
    return join(tests, form === 'any')
  }

/** Ends at the first part that says `decisive`; unknown when none did and one was unknown. */
const join = (tests: readonly Test[], decisive: boolean): Test => {
  const one = (can: 'canHold' | 'canFail') => tests.some((test) => test[can])
  const all = (can: 'canHold' | 'canFail') => tests.every((test) => test[can])
  return {
    canHold: decisive ? one('canHold') : all('canHold'),
    canFail: decisive ? all('canFail') : one('canFail'),
    holds(run) {
      run.steps--
      let truth: Truth = !decisive
      for (const test of tests) {
        const said = test.holds(run)
        if (said === decisive) return decisive
        if (said === undefined) truth = undefined
      }
      return truth
    },
  }
}

const negation: Read = (given, at, reading, depth) => {
  if (!onlyMembers(given, ['not'], at, reading)) return undefined
  const { canHold, canFail, holds } = readCondition(given['not'], `${at}/not`, reading, depth + 1)
  return {
    canHold: canFail,
    canFail: canHold,
    holds: (run) => {
      const truth = holds(run)
      return truth === undefined ? undefined : !truth
    },
  }
}

const each: Read = (given, at, reading, depth) => {
  const form = Object.hasOwn(given, 'every') ? 'every' : 'some'
  if (!onlyMembers(given, ['each', form], at, reading)) return undefined
  const list = readField(given['each'], `${at}/each`, reading)
  reading.each++
  const test = readCondition(given[form], `${at}/${form}`, reading, depth + 1)
  reading.each--
  if (!list) return undefined
  reading.fields.push(list)
  const decisive = form === 'some'
  // Over no elements `every` holds and `some` does not, whatever they ask.
  return {
    canHold: decisive ? test.canHold : true,
    canFail: decisive ? true : test.canFail,
    holds: overItems(list, test, decisive),
  }
}

const overItems =
  (list: Field, test: Test, decisive: boolean) =>
  (run: Run): Truth => {
    const items = list.get(run) === null ? [] : list.get(run)
    if (!Array.isArray(items) || items.length > itemsMax) return undefined
    const outer = run.item
    let truth: Truth = !decisive
    for (const item of items) {
      run.item = item
      const said = --run.steps < 0 ? undefined : test.holds(run)
      if (said !== !decisive) truth = said
      if (said === decisive || run.steps < 0) break
    }
    run.item = outer
    return truth
  }

const leaf: Read = (given, at, reading) => {
  const operators = Object.keys(given).filter((name) => name !== 'field' && name !== 'default')
  const field = readField(given['field'], `${at}/field`, reading)
  const [operator] = operators
  if (operator === undefined || operators.length > 1) return fault(reading, at, 'must ask exactly one thing of the field')
  const fallback = readDefault(given, field, `${at}/default`, reading)
  if (field && operator === 'exists') reading.fields.push(field)
  if (operator === 'exists') return field && readPresence(field, given['exists'], `${at}/exists`, reading)
  const ask = readAsk(operator, own(given, operator), at, reading)
  if (!field || !ask) return undefined
  if (fallback === undefined) reading.fields.push(field)
  const value = fallback === undefined ? field.get : (run: Run) => field.get(run) ?? fallback
  return { ...ask, holds: (run) => (--run.steps < 0 ? undefined : ask.of(value(run), run)) }
}

const readPresence = (field: Field, wanted: unknown, at: string, reading: Reading): Test | undefined => {
  if (typeof wanted !== 'boolean') return fault(reading, at, 'must be true or false')
  const holds = (run: Run): Truth => {
    const there = --run.steps < 0 ? undefined : field.has(run)
    return there === undefined ? undefined : there === wanted
  }
  return { canHold: true, canFail: true, holds }
}

/** What an absent member of the spec stands for. What was observed has none: what was not told is not known. */
const readDefault = (
  given: Readonly<Record<string, unknown>>,
  field: Field | undefined,
  at: string,
  reading: Reading,
): Value | undefined => {
  if (!Object.hasOwn(given, 'default')) return undefined
  if (field && [...observed, 'before'].includes(field.root)) return fault(reading, at, 'what is observed has no default')
  const value = given['default']
  return isValue(value) && value !== null ? value : fault(reading, at, 'must be a text, a number, true, false or a list of such')
}

const readers: Readonly<Record<string, Read>> = { all: several('all'), any: several('any'), not: negation, each, field: leaf }
