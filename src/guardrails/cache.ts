// What is assigned, compiled: remembered until a fact changes, never for a time.
import type { Context } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import type { Site } from '#platform/site.ts'
import { compileAll, type RuleSet } from './rules.ts'
import { readFacts } from './store.ts'

type Memory = { generation: number; compiled?: RuleSet | undefined }
const memories = new WeakMap<Site, Memory>()
/** Transactions that changed facts: what they see, no one else sees yet. Undefined until it is asked for. */
const changedIn = new WeakMap<Db, RuleSet | undefined>()

const memoryOf = (site: Site): Memory => {
  const found = memories.get(site) ?? { generation: 0 }
  memories.set(site, found)
  return found
}

export const factsChanged = {
  inTransaction: (db: Db): void => void changedIn.set(db, undefined),
  committed: (site: Site): void => {
    const memory = memoryOf(site)
    memory.generation++
    memory.compiled = undefined
  },
}

/** Reads on the connection the caller has: a second one, asked for inside a transaction, would deadlock a full pool. */
export const compiledFor = async (ctx: Pick<Context, 'site' | 'db'>): Promise<RuleSet> => {
  if (changedIn.has(ctx.db)) return compiledIn(ctx.db)
  const memory = memoryOf(ctx.site)
  if (memory.compiled) return memory.compiled
  const { generation } = memory
  const compiled = compileAll(await readFacts(ctx))
  // A fact that changed while we read would else be remembered as it was.
  if (generation === memory.generation) memory.compiled = compiled
  return compiled
}

const compiledIn = async (db: Db): Promise<RuleSet> => {
  const compiled = changedIn.get(db) ?? compileAll(await readFacts({ db }))
  changedIn.set(db, compiled)
  return compiled
}
