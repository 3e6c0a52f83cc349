// Whether a condition holds: pure, over what the request says and what the thing bears. What cannot be judged (no address, a level that was renamed) is
// neither true nor false; it gives nothing, and it denies.
import { BlockList, isIP } from 'node:net'
import type { Factor } from '#platform/context.ts'
import { days, type AccessCondition, type TimeWindow } from './conditions.ts'

/** True, false, or cannot be judged: as in SQL, so that a list and a decision agree. */
export type Truth = boolean | undefined

/** What is the same for everything that one request touches. */
export type Circumstances = {
  readonly nowMs: number
  readonly address?: string | undefined
  readonly factors?: readonly Factor[] | undefined
  /** Ranks of the levels by name. */
  readonly ranks: ReadonlyMap<string, number>
}
export type Thing = {
  /** A thing without labels bears none. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Of its own label joined with that of its scope. */
  readonly rank: number
}

/** What is not given by the request alone. */
export const isAboutThing = (condition: AccessCondition): boolean =>
  parts(condition).some((part) => 'label' in part || 'classification' in part)

export const holds = (condition: AccessCondition, given: Circumstances, thing: Thing): Truth => {
  if ('all' in condition) return all(condition.all.map((part) => holds(part, given, thing)))
  if ('any' in condition) return not(all(condition.any.map((part) => not(holds(part, given, thing)))))
  if ('not' in condition) return not(holds(condition.not, given, thing))
  if ('label' in condition) return bears(thing, condition.label)
  if ('classification' in condition) {
    const most = given.ranks.get(condition.classification.atMost)
    return most === undefined ? undefined : thing.rank <= most
  }
  return holdsNow(condition, given)
}

export type OfRequest = Extract<AccessCondition, { time: unknown } | { networks: unknown } | { factor: unknown }>

export const holdsNow = (condition: OfRequest, { nowMs, address, factors }: Circumstances): Truth => {
  if ('time' in condition) return isWithin(condition.time, nowMs)
  if ('networks' in condition) return address === undefined ? undefined : isInside(condition.networks, address)
  return factors?.includes(condition.factor)
}

const all = (truths: readonly Truth[]): Truth => {
  if (truths.includes(false)) return false
  return truths.includes(undefined) ? undefined : true
}
const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth)

const bears = ({ labels }: Thing, { name, in: values }: { name: string; in: readonly string[] }): boolean =>
  labels !== undefined && Object.hasOwn(labels, name) && values.includes(labels[name]!)

/** All nodes, in no order that matters. */
export const parts = (condition: AccessCondition): AccessCondition[] => {
  if ('all' in condition) return condition.all.flatMap(parts)
  if ('any' in condition) return condition.any.flatMap(parts)
  if ('not' in condition) return parts(condition.not)
  return [condition]
}

const clocks = new Map<string, Intl.DateTimeFormat>()
const clockOf = (zone: string): Intl.DateTimeFormat => {
  const found =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  clocks.set(zone, found) // bounded by the number of zones there are
  return found
}

/** From the first minute up to, not including, the last. A window past midnight belongs to the day it starts on. */
export const isWithin = ({ days: only = days, from, to, zone }: TimeWindow, nowMs: number): boolean => {
  const said = Object.fromEntries(
    clockOf(zone)
      .formatToParts(nowMs)
      .map(({ type, value }) => [type, value]),
  )
  const today = days.findIndex((day) => day === said['weekday']?.toLowerCase())
  const at = `${said['hour']}:${said['minute']}`
  const onDay = (index: number) => only.includes(days[(index + days.length) % days.length]!)
  if (from < to) return onDay(today) && from <= at && at < to
  return (onDay(today) && from <= at) || (onDay(today - 1) && at < to)
}

type Family = 'ipv4' | 'ipv6'
const familyOf = (address: string): Family => (isIP(address) === 4 ? 'ipv4' : 'ipv6')

/** One list for each family: in a common one, `::/0` would hold every IPv4 address. */
const lists = new WeakMap<readonly string[], Record<Family, BlockList>>()
const listsOf = (networks: readonly string[]): Record<Family, BlockList> => {
  const found = lists.get(networks)
  if (found) return found
  const made = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/')
    made[familyOf(address)].addSubnet(address, Number(bits), familyOf(address))
  }
  lists.set(networks, made)
  return made
}

/** An IPv4 address met on an IPv6 socket (`::ffff:10.0.0.1`) is the IPv4 address. */
const isInside = (networks: readonly string[], address: string): Truth => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  return isIP(plain) === 0 ? undefined : listsOf(networks)[familyOf(plain)].check(plain, familyOf(plain))
}
