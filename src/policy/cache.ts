// Decisions are asked many times a second and change seldom: remembered until a fact changes, and never past the moment at which something that was given starts or ends.
import type { Db } from '#platform/db.ts'
import type { Site } from '#platform/site.ts'

const entriesMax = 50_000

/** Right from `sinceMs` on and before `untilMs`. */
export type Lasting<T> = { readonly value: T; readonly sinceMs: number; readonly untilMs: number }
export const always = { sinceMs: -Infinity, untilMs: Infinity }

type Memory = { generation: number; entries: Map<string, Lasting<unknown>> }
const memories = new WeakMap<Site, Memory>()
/** Transactions that changed facts: what they decide rests on rows no one else sees yet, and is not remembered. */
const changedIn = new WeakSet<Db>()

const memoryOf = (site: Site): Memory => {
  const found = memories.get(site) ?? { generation: 0, entries: new Map<string, Lasting<unknown>>() }
  memories.set(site, found)
  return found
}

export const factsChanged = {
  inTransaction: (db: Db): void => void changedIn.add(db),
  committed: (site: Site): void => {
    const memory = memoryOf(site)
    memory.generation++
    memory.entries.clear()
  },
}

type Ask = { site: Site; db: Db }

export const remembered = <T>(ctx: Ask, key: string, make: (db: Db) => Promise<T>): Promise<T> =>
  rememberedWhile(ctx, key, async (db) => ({ value: await make(db), ...always }))

/** `make` reads on the connection the caller already has (a second one, asked for inside a transaction, would deadlock a full pool). What a transaction that changed facts sees is not kept. */
export const rememberedWhile = async <T>(ctx: Ask, key: string, make: (db: Db) => Promise<Lasting<T>>): Promise<T> => {
  if (changedIn.has(ctx.db)) return (await make(ctx.db)).value
  const memory = memoryOf(ctx.site)
  const kept = memory.entries.get(key)
  if (kept !== undefined && isRight(ctx.site, kept)) {
    memory.entries.delete(key) // youngest again: a Map forgets its oldest first
    memory.entries.set(key, kept)
    return kept.value as T // stored below under the same key
  }
  const { generation } = memory
  const made = await make(ctx.db)
  // A fact that changed while we read would else be remembered as it was.
  if (generation === memory.generation) {
    memory.entries.delete(key)
    if (memory.entries.size >= entriesMax) memory.entries.delete(memory.entries.keys().next().value!)
    memory.entries.set(key, made)
  }
  return made.value
}

/** Also not before: a clock that is set back brings back what had not started. */
const isRight = (site: Site, { sinceMs, untilMs }: Lasting<unknown>): boolean => {
  if (sinceMs === -Infinity && untilMs === Infinity) return true
  const nowMs = site.clock.now().getTime()
  return sinceMs <= nowMs && nowMs < untilMs
}
