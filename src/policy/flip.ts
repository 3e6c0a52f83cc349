// What would turn an answer: pure, over what the answer rested on. Each flip is a set of changes that together turn it, the smallest sets first.
import { Type, type Static } from 'typebox'
import type { AccessCondition } from './conditions.ts'
import { denies, type Grant } from './grants.ts'
import { isInForce } from './held.ts'
import { holds, type Circumstances, type Thing } from './holds.ts'

const changeKinds = [
  'assign',
  'remove-assignment',
  'deny',
  'remove-denial',
  'activate',
  'wait',
  'factor',
  'time',
  'network',
  'label',
  'classification',
  'clearance',
  'key',
  'own',
] as const
type ChangeKind = (typeof changeKinds)[number]

export const Change = Type.Object({
  kind: Type.Unsafe<ChangeKind>(Type.Union(changeKinds.map((kind) => Type.Literal(kind)))),
  text: Type.String(),
  assignment: Type.Optional(Type.String({ description: 'Id of the assignment that it is about' })),
  role: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
})
export type Change = Static<typeof Change>
export const Flip = Type.Object({ changes: Type.Array(Change) })
export type Flip = Static<typeof Flip>

export type Rested = {
  readonly allowed: boolean
  readonly action: string
  readonly path: string
  /** At the place or above it: in force or not, met or not. */
  readonly here: readonly Grant[]
  /** Roles that give the action, those that hold least first. */
  readonly giving: readonly string[]
  /** Given to everyone, or to whoever owns the thing. */
  readonly open: 'all' | 'owned' | 'ownable' | undefined
  readonly withinKey: boolean
  /** What clearance it takes, where it is lacking. */
  readonly clearance: string | undefined
  readonly given: Circumstances
  readonly thing: Thing
}

const flipsMax = 12
const rolesShownMax = 5
type Ways = readonly (readonly Change[])[]

export const flipsOf = (rested: Rested): Flip[] =>
  (rested.allowed ? waysToNo(rested) : waysToYes(rested))
    .toSorted((a, b) => a.length - b.length)
    .slice(0, flipsMax)
    .map((changes) => ({ changes: [...changes] }))

/** One of each. Bounded, since conditions multiply. */
const together = (each: readonly Ways[]): Ways =>
  each.reduce<Ways>((ways, more) => ways.flatMap((way) => more.map((one) => [...way, ...one])).slice(0, 50), [[]])

const one = (kind: ChangeKind, text: string, about: Partial<Change> = {}): Ways => [[{ kind, text, ...about }]]

const waysToYes = (rested: Rested): Ways => {
  const denials = rested.here.filter(
    (grant) => grant.effect === 'deny' && reaches(grant, rested) && isMet(grant, rested) !== false,
  )
  return together([
    waysToPermit(rested),
    ...denials.map((grant) => [
      ...one('remove-denial', `deny ${said(grant)} removed`, about(grant)),
      ...turned(grant, rested, false),
    ]),
    ...(rested.withinKey ? [] : [one('key', 'use a key made with that action and scope, or sign in as the person')]),
    ...(rested.clearance === undefined ? [] : [one('clearance', `clearance raised to ${rested.clearance}`)]),
  ])
}

const waysToPermit = (rested: Rested): Ways => {
  const { here, giving, open, path } = rested
  const able = here.filter(({ effect, role = '' }) => effect === 'allow' && giving.includes(role))
  if (open === 'all' || open === 'owned' || able.some((grant) => isMet(grant, rested) === true)) return [[]]
  return [
    ...able.flatMap((grant) => waysToUse(grant, rested)),
    ...giving
      .slice(0, rolesShownMax)
      .flatMap((role) => one('assign', `assign role ${role} at ${path}${path === '/' ? '' : ' or above it'}`, { role, path })),
    ...(open === 'ownable' ? one('own', 'be the owner of the thing') : []),
  ]
}

/** What is given and does not hold yet. What has ended is given anew or not at all. */
const waysToUse = (grant: Grant, rested: Rested): Ways => {
  const { nowMs } = rested.given
  const { startsAt, expiresAt, eligible, role, path } = grant
  if (expiresAt && expiresAt.getTime() <= nowMs) return []
  return together([
    ...(eligible ? [one('activate', `activate the role ${role} at ${path}`, about(grant))] : []),
    ...(startsAt && startsAt.getTime() > nowMs ? [one('wait', `from ${startsAt.toISOString()} on`, about(grant))] : []),
    turned(grant, rested, true),
  ])
}

const waysToNo = (rested: Rested): Ways => {
  const { here, giving, open, action, path } = rested
  const deny = one('deny', `deny ${action} at ${path}`, { path })
  if (open === 'all' || open === 'owned') return deny
  const deciding = here.filter(
    (grant) => grant.effect === 'allow' && giving.includes(grant.role ?? '') && isMet(grant, rested) === true,
  )
  const end = (grant: Grant): Ways => [
    ...one('remove-assignment', `role ${grant.role} at ${grant.path} taken away`, about(grant)),
    ...(grant.expiresAt ? one('wait', `from ${grant.expiresAt.toISOString()} on`, about(grant)) : []),
    ...turned(grant, rested, false),
  ]
  return [...together(deciding.map(end)), ...deny]
}

const about = ({ id, path, role }: Grant): Partial<Change> => ({ assignment: id, path, ...(role === undefined ? {} : { role }) })
const said = ({ actions = [], path }: Grant): string => `of ${actions.join(', ')} at ${path}`
const reaches = ({ actions = [] }: Grant, { action }: Rested): boolean => actions.some((pattern) => denies(pattern, action))

const isMet = (grant: Grant, { given, thing }: Rested) =>
  isInForce(grant, given.nowMs) && (grant.condition === undefined ? true : holds(grant.condition, given, thing))

/** Ways in which its condition would become so. None where it has no condition to become false. */
const turned = ({ condition }: Grant, rested: Rested, to: boolean): Ways =>
  condition === undefined ? (to ? [[]] : []) : waysTo(condition, to, rested)

const waysTo = (condition: AccessCondition, to: boolean, rested: Rested): Ways => {
  if (holds(condition, rested.given, rested.thing) === to) return [[]]
  const each = (some: readonly AccessCondition[], all: boolean): Ways => {
    const ways = some.map((part) => waysTo(part, to, rested))
    return all ? together(ways) : ways.flat()
  }
  if ('all' in condition) return each(condition.all, to)
  if ('any' in condition) return each(condition.any, !to)
  if ('not' in condition) return waysTo(condition.not, !to, rested)
  return one(...inWords(condition, to))
}

type Leaf = Exclude<AccessCondition, { all: unknown } | { any: unknown } | { not: unknown }>
const inWords = (leaf: Leaf, to: boolean): [ChangeKind, string] => {
  if ('factor' in leaf) return ['factor', to ? `use ${leaf.factor}` : `sign in without ${leaf.factor}`]
  if ('time' in leaf) {
    const { days, from, to: until, zone } = leaf.time
    return ['time', `${to ? 'within' : 'outside'} ${from}–${until} ${zone}${days ? ` on ${days.join(', ')}` : ''}`]
  }
  if ('networks' in leaf) return ['network', `from ${to ? '' : 'outside '}${leaf.networks.join(' or ')}`]
  if ('label' in leaf) return ['label', `label ${leaf.label.name} ${to ? 'in' : 'not in'} ${leaf.label.in.join(', ')}`]
  return ['classification', `classified ${to ? 'at most' : 'above'} ${leaf.classification.atMost}`]
}
