// What a request does, in a form that says the same at each trial: before people approve it, and again in the transaction that carries it out.
import { isDeepStrictEqual } from 'node:util'
import { madeAtMs } from '#platform/id.ts'
import type { Json } from '#platform/json.ts'

/** When a trial ran: what was made within is told apart from what was there before. */
export type Window = { readonly from: Date; readonly to: Date }
export type Difference = {
  /** Resources before and after. */
  readonly changes: readonly Json[]
  /** What goes into the log, which is all there is to show of acts that change no resource. */
  readonly records: readonly Json[]
}

const anyId = /\b[a-z][a-z-]*_[0-9a-hjkmnp-tv-z]{26}\b/g
const anyMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const tailLength = 10

const within = (ms: number, { from, to }: Window): boolean => ms >= from.getTime() && ms <= to.getTime()

export const differenceOf = (changes: readonly unknown[], window: Window): Difference => {
  const all = changes as readonly Json[] // told by rooms, as JSON
  const told = all.map(steadier(JSON.stringify(all), window))
  return {
    changes: told.filter((change) => !isRecord(change)),
    records: told.filter(isRecord),
  }
}

const isRecord = (change: Json): boolean => typeof change === 'object' && change !== null && 'record' in change

/** Ids made in the trial are random, and names made of their ends too: each is written by its place in the order of their making. So is the present moment. */
const steadier = (text: string, window: Window) => {
  const fresh = new Map<string, string>()
  for (const [id] of text.matchAll(anyId))
    if (within(madeAtMs(id), window) && !fresh.has(id)) fresh.set(id, `${id.slice(0, id.indexOf('_'))}_new-${fresh.size + 1}`)
  const steady = (value: string): string => {
    if (anyMoment.test(value) && within(Date.parse(value), window)) return 'now'
    let plain = value
    for (const [id, name] of fresh)
      plain = plain.replaceAll(id, name).replaceAll(id.slice(-tailLength), name.replaceAll('_', '-'))
    return plain
  }
  return (value: Json): Json => mapTexts(value, steady)
}

const mapTexts = (value: Json, change: (text: string) => string): Json => {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => mapTexts(item, change))
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[change(key), mapTexts(item, change)]])),
  )
}

/** How far apart two "a week from now" may lie, beyond the time between the two trials. */
const slackMs = 60_000

/** Whether a second trial did what the first one showed. A moment counted from the present has moved by as much as the present has. */
export const sameDifference = (shown: Difference, done: Difference, apartMs: number): boolean =>
  isDeepStrictEqual(shown, alignMoments(done as unknown as Json, shown as unknown as Json, apartMs))

/** `done`, with each moment that only moved along written as it was shown. */
const alignMoments = (done: Json | undefined, shown: Json | undefined, apartMs: number): Json | undefined => {
  if (typeof done === 'string') return typeof shown === 'string' && movedAlong(shown, done, apartMs) ? shown : done
  if (typeof done !== 'object' || done === null) return done
  const at = (key: string): Json | undefined =>
    typeof shown === 'object' && shown !== null ? (shown as Record<string, Json>)[key] : undefined
  if (Array.isArray(done)) return done.map((item: Json, i) => alignMoments(item, at(String(i)), apartMs) ?? null)
  return Object.fromEntries(Object.entries(done).map(([key, item]) => [key, alignMoments(item, at(key), apartMs)]))
}

const movedAlong = (shown: string, done: string, apartMs: number): boolean =>
  anyMoment.test(shown) && anyMoment.test(done) && Math.abs(Date.parse(done) - Date.parse(shown) - apartMs) <= slackMs
