// Decisions are asked many times a second and change seldom: remembered until a fact changes, never by time.
import type { Db } from '#platform/db.ts'
import type { Site } from '#platform/site.ts'

const entriesMax = 50_000

type Memory = { generation: number; entries: Map<string, unknown> }
const memories = new WeakMap<Site, Memory>()
/** Transactions that changed facts: what they decide rests on rows no one else sees yet, and is not remembered. */
const changedIn = new WeakSet<Db>()

const memoryOf = (site: Site): Memory => {
  const found = memories.get(site) ?? { generation: 0, entries: new Map<string, unknown>() }
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

/** `make` reads on the connection the caller already has (a second one, asked for inside a transaction, would deadlock a full pool). What a transaction that changed facts sees is not kept. */
export const remembered = async <T>(ctx: { site: Site; db: Db }, key: string, make: (db: Db) => Promise<T>): Promise<T> => {
  if (changedIn.has(ctx.db)) return make(ctx.db)
  const memory = memoryOf(ctx.site)
  if (memory.entries.has(key)) {
    const kept = memory.entries.get(key) as T // stored below under the same key
    memory.entries.delete(key) // youngest again: a Map forgets its oldest first
    memory.entries.set(key, kept)
    return kept
  }
  const { generation } = memory
  const made = await make(ctx.db)
  // A fact that changed while we read would else be remembered as it was.
  if (generation === memory.generation) {
    if (memory.entries.size >= entriesMax) memory.entries.delete(memory.entries.keys().next().value!)
    memory.entries.set(key, made)
  }
  return made
}
