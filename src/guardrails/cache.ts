// What is assigned, compiled: remembered until a fact changes, never for a time.
import type { Context } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import type { Site } from '#platform/site.ts'
import { compileAll, type Compiled } from './rules.ts'
import { readFacts } from './store.ts'

type Memory = { generation: number; compiled?: Compiled | undefined }
const memories = new WeakMap<Site, Memory>()
/** Transactions that changed facts: what they see, no one else sees yet. */
const changedIn = new WeakSet<Db>()

const memoryOf = (site: Site): Memory => {
  const found = memories.get(site) ?? { generation: 0 }
  memories.set(site, found)
  return found
}

export const factsChanged = {
  inTransaction: (db: Db): void => void changedIn.add(db),
  committed: (site: Site): void => {
    const memory = memoryOf(site)
    memory.generation++
    memory.compiled = undefined
  },
}

/** Reads on the connection the caller has: a second one, asked for inside a transaction, would deadlock a full pool. */
export const compiledFor = async (ctx: Pick<Context, 'site' | 'db'>): Promise<Compiled> => {
  if (changedIn.has(ctx.db)) return compileAll(await readFacts(ctx))
  const memory = memoryOf(ctx.site)
  if (memory.compiled) return memory.compiled
  const { generation } = memory
  const compiled = compileAll(await readFacts(ctx))
  // A fact that changed while we read would else be remembered as it was.
  if (generation === memory.generation) memory.compiled = compiled
  return compiled
}
