// What a value may be asked. Three answers: yes, no, and undefined where the value is not one that can be asked this.
import { itemsMax, textMax, type Scalar } from '../schema.ts'
import type { Run, Truth } from './field.ts'
import type { Glob } from './glob.ts'
import { isRecord } from './reading.ts'

export type Items = ReadonlySet<Scalar>

const dayMs = 86_400_000

/** A number that was rounded on its way here is another number. */
const exact = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
export const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || exact(value)

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth)

const same = (value: unknown, other: Scalar): Truth => (isScalar(value) ? value === other : undefined)
const among = (value: unknown, items: Items): Truth => (isScalar(value) ? items.has(value) : undefined)

/** The elements of a list, the names of a record's members, nothing of what is absent. Each costs a step. */
export const membersOf = (value: unknown, run: Run): readonly Scalar[] | undefined => {
  if (value === null) return []
  const members = isRecord(value) ? Object.keys(value) : value
  if (!Array.isArray(members) || members.length > itemsMax || !members.every(isScalar)) return undefined
  run.steps -= members.length
  return run.steps < 0 ? undefined : members
}

const contains = (value: unknown, other: Scalar, run: Run): Truth => membersOf(value, run)?.includes(other)
const containsAll = (value: unknown, items: Items, run: Run): Truth => {
  const members = membersOf(value, run)
  return members && items.isSubsetOf(new Set(members))
}
const subsetOf = (value: unknown, items: Items, run: Run): Truth => membersOf(value, run)?.every((member) => items.has(member))

const like = (value: unknown, globs: readonly Glob[], run: Run): Truth => {
  if (value === null) return false
  if (typeof value !== 'string' || value.length > textMax) return undefined
  run.steps -= globs.length
  return run.steps < 0 ? undefined : globs.some((matches) => matches(value))
}

const ordered =
  (holds: (value: number, other: number) => boolean) =>
  (value: unknown, other: number): Truth =>
    exact(value) ? holds(value, other) : undefined

const timePattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/
const timeMs = (value: unknown): number | undefined => {
  if (typeof value !== 'string' || !timePattern.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}
const olderThanDays = (value: unknown, days: number, { nowMs }: Run): Truth => {
  const ms = timeMs(value)
  return ms === undefined ? undefined : nowMs - ms > days * dayMs
}
/** It comes within so many days, or has been. */
const withinDays = (value: unknown, days: number, { nowMs }: Run): Truth => {
  const ms = timeMs(value)
  return ms === undefined ? undefined : ms - nowMs <= days * dayMs
}

export type Question<T> = (value: unknown, operand: T, run: Run) => Truth

export const scalarOperators: Readonly<Record<string, Question<Scalar>>> = {
  equals: same,
  notEquals: (value, other) => not(same(value, other)),
  contains,
}
export const listOperators: Readonly<Record<string, Question<Items>>> = {
  in: among,
  notIn: (value, items) => not(among(value, items)),
  containsAll,
  subsetOf,
}
export const numberOperators: Readonly<Record<string, Question<number>>> = {
  lt: ordered((a, b) => a < b),
  lte: ordered((a, b) => a <= b),
  gt: ordered((a, b) => a > b),
  gte: ordered((a, b) => a >= b),
  olderThanDays,
  withinDays,
}
export const patternOperators: Readonly<Record<string, Question<readonly Glob[]>>> = { like }
