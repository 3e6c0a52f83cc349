// Decisions are asked many times a second and change seldom: remembered until a fact changes that they rest on, and never past the moment at which something that was
// given starts or ends. What was given to someone concerns them, or whoever is in that group; everything else (scopes, roles, rules, levels) concerns all.
import type { Db } from '#platform/db.ts'
import type { Site } from '#platform/site.ts'

const entriesMax = 50_000

/** Right from `sinceMs` on and before `untilMs`. */
export type Lasting<T> = {
  readonly value: T
  readonly sinceMs: number
  readonly untilMs: number
  /** The person and the groups, as far up as they reach, whose facts were read: what is told of one of them ends it. */
  readonly holders?: readonly string[]
}
export const always = { sinceMs: -Infinity, untilMs: Infinity }

type Entry = Lasting<unknown> & { readonly about: string | undefined }
type Subject = { holders: readonly string[]; readonly keys: Set<string> }
type Memory = {
  generation: number
  readonly entries: Map<string, Entry>
  /** What is remembered about whom. */
  readonly subjects: Map<string, Subject>
}
const memories = new WeakMap<Site, Memory>()
/** Transactions that changed facts: what they decide rests on rows no one else sees yet, and is not remembered. */
const changedIn = new WeakSet<Db>()

const memoryOf = (site: Site): Memory => {
  const found = memories.get(site) ?? { generation: 0, entries: new Map<string, Entry>(), subjects: new Map<string, Subject>() }
  memories.set(site, found)
  return found
}

export const factsChanged = {
  inTransaction: (db: Db): void => void changedIn.add(db),
  /** About these principals and assignments only, or about anything. */
  committed: (site: Site, about?: readonly string[]): void => {
    const memory = memoryOf(site)
    memory.generation++
    if (about === undefined) {
      memory.entries.clear()
      memory.subjects.clear()
    } else forget(memory, about)
  },
}

/** Who is in a group is not asked of the database, where it may have changed since: what was read through the group says so itself. */
const forget = ({ entries, subjects }: Memory, about: readonly string[]): void => {
  for (const [id, { holders, keys }] of subjects) {
    if (!about.includes(id) && !holders.some((holder) => about.includes(holder))) continue
    for (const key of keys) entries.delete(key)
    subjects.delete(id)
  }
}

type Ask = { site: Site; db: Db }

export const remembered = <T>(ctx: Ask, key: string, make: (db: Db) => Promise<T>, about?: string): Promise<T> =>
  rememberedWhile(ctx, key, async (db) => ({ value: await make(db), ...always }), about)

/** `make` reads on the connection the caller already has (a second one, asked for inside a transaction, would deadlock a full pool). What a transaction that changed facts sees is not kept. */
export const rememberedWhile = async <T>(
  ctx: Ask,
  key: string,
  make: (db: Db) => Promise<Lasting<T>>,
  about?: string,
): Promise<T> => {
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
  if (generation === memory.generation) keep(memory, key, { ...made, about })
  return made.value
}

const keep = (memory: Memory, key: string, entry: Entry): void => {
  drop(memory, key)
  if (memory.entries.size >= entriesMax) drop(memory, memory.entries.keys().next().value!)
  memory.entries.set(key, entry)
  if (entry.about === undefined) return
  const subject = memory.subjects.get(entry.about) ?? { holders: [], keys: new Set<string>() }
  subject.keys.add(key)
  subject.holders = entry.holders ?? subject.holders
  memory.subjects.set(entry.about, subject)
}

const drop = ({ entries, subjects }: Memory, key: string): void => {
  const about = entries.get(key)?.about
  entries.delete(key)
  if (about === undefined) return
  const subject = subjects.get(about)
  subject?.keys.delete(key)
  if (subject?.keys.size === 0) subjects.delete(about)
}

/** Also not before: a clock that is set back brings back what had not started. */
const isRight = (site: Site, { sinceMs, untilMs }: Lasting<unknown>): boolean => {
  if (sinceMs === -Infinity && untilMs === Infinity) return true
  const nowMs = site.clock.now().getTime()
  return sinceMs <= nowMs && nowMs < untilMs
}
