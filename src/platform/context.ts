// What a use case may do and on whose behalf. `ctx` comes first in every use case and carries all its power.
import type { Transaction } from 'kysely'
import type { Db } from './db.ts'
import { newId } from './id.ts'
import type { Logger } from './log.ts'
import { forbidden, notFound, unauthenticated } from './problem.ts'
import type { Site } from './site.ts'

export type Factor = 'password' | 'totp' | 'passkey' | 'key' | 'recovery'

export type Principal = {
  readonly kind: 'user' | 'system' | 'anonymous'
  readonly id: string
  /** The credential used. */
  readonly via?: { readonly kind: 'session' | 'key'; readonly id: string }
  /** An API key narrows what its owner may do, and never widens it. */
  readonly limits?: { readonly scope?: string; readonly actions?: readonly string[] }
  readonly factors: readonly Factor[]
}

export const anonymous: Principal = { kind: 'anonymous', id: 'anonymous', factors: [] }

export type ResourceRef = {
  readonly kind: string
  readonly id?: string
  /** Scope id; absent means the organisation root. */
  readonly scope?: string
  readonly owner?: string
  readonly name?: string
  readonly generation?: number
}

export type Verdict = { readonly allowed: boolean; readonly policyVersion: string; readonly reasons: readonly string[] }

/** Implemented by `policy`, wired in main: the one inversion of the house, so that even audit may ask. */
export type Decider = {
  decide(ctx: Context, action: string, on: ResourceRef): Promise<Verdict>
  /** Records a denial; runs outside the use case's transaction, since it must survive its end. */
  denied(ctx: Context, action: string, on: ResourceRef, verdict: Verdict): Promise<void>
}

export type Context = {
  readonly db: Db
  readonly site: Site
  readonly actor: Principal
  readonly requestId: string
  readonly signal: AbortSignal
  readonly now: () => Date
  readonly log: Logger
  readonly decisions: { count: number; policyVersion?: string }
  readonly inTransaction: boolean
  authorize(action: string, on: ResourceRef): Promise<void>
  permits(action: string, on: ResourceRef): Promise<boolean>
  decidedPublic(reason: string): void
}

export type NewContext = { actor: Principal; requestId?: string; signal?: AbortSignal; log?: Logger }

export const createContext = (site: Site, given: NewContext): Context => {
  const requestId = given.requestId ?? newId('req', site.clock.now())
  return withDb(site, site.db, false, {
    actor: given.actor,
    requestId,
    signal: given.signal ?? site.stopping,
    log: given.log ?? site.log.child({ requestId }),
    decisions: { count: 0 },
  })
}

/** The site acting on its own behalf: jobs, start-up, reconciling. Decided by definition, recorded as `system`. */
export const systemContext = (site: Site, purpose: string): Context =>
  createContext(site, { actor: { kind: 'system', id: 'system', factors: [] }, log: site.log.child({ purpose }) })

type Carried = Pick<Context, 'actor' | 'requestId' | 'signal' | 'log' | 'decisions'>

const withDb = (site: Site, db: Db, inTransaction: boolean, carried: Carried): Context => {
  const ctx: Context = {
    ...carried,
    site,
    db,
    inTransaction,
    now: site.clock.now,
    async permits(action, on) {
      carried.decisions.count++
      if (carried.actor.kind === 'system') return true
      const verdict = await deciderOf(site).decide(ctx, action, on)
      carried.decisions.policyVersion = verdict.policyVersion
      return verdict.allowed
    },
    async authorize(action, on) {
      carried.decisions.count++
      if (carried.actor.kind === 'system') return
      if (carried.actor.kind === 'anonymous')
        throw unauthenticated('Sign in, or send an API key.', { headers: { 'www-authenticate': 'Bearer' } })
      const decider = deciderOf(site)
      const verdict = await decider.decide(ctx, action, on)
      carried.decisions.policyVersion = verdict.policyVersion
      if (verdict.allowed) return
      // The refusal outlives the transaction it was met in, and is written when that has ended: a second connection, asked for by many at once, would deadlock the pool.
      const outside = inTransaction ? withDb(site, site.db, false, carried) : ctx
      const say = () => decider.denied(outside, action, on, verdict)
      const refusals = refusalsIn.get(db)
      if (inTransaction && refusals) refusals.push(say)
      else await say()
      // Above your clearance and absent look the same, or ids would leak what exists.
      if (action.endsWith('.read')) throw notFound(`No ${on.kind} ${on.id ?? ''} that you may see.`.replace('  ', ' '))
      throw forbidden(`You may not ${action} here.`, { action, resource: on.kind })
    },
    decidedPublic() {
      carried.decisions.count++
    },
  }
  return ctx
}

const deciderOf = (site: Site): Decider => {
  if (!site.wiring.decider) throw new Error('No policy is wired: nothing may be decided')
  return site.wiring.decider
}

const commitHooks = new WeakMap<Db, (() => void)[]>()
const refusalsIn = new WeakMap<Db, (() => Promise<void>)[]>()

/** One transaction: change, audit entry and outbox rows. A nested call joins the transaction it is in. */
export const atomically = async <T>(ctx: Context, run: (tx: Context) => Promise<T>): Promise<T> => {
  if (ctx.inTransaction) return run(ctx)
  const hooks: (() => void)[] = []
  const refusals: (() => Promise<void>)[] = []
  try {
    const result = await ctx.db.transaction().execute(async (trx: Transaction<unknown>) => {
      commitHooks.set(trx, hooks)
      refusalsIn.set(trx, refusals)
      return run(withDb(ctx.site, trx, true, ctx))
    })
    for (const hook of hooks) hook()
    return result
  } finally {
    for (const say of refusals) await say()
  }
}

/** Runs when the transaction has ended, kept or undone: for what must be said outside it. */
export const afterEnd = (tx: Context, run: () => Promise<unknown>): void => {
  const waiting = refusalsIn.get(tx.db)
  if (!waiting) throw new Error('afterEnd needs a transaction: call it inside atomically()')
  waiting.push(async () => void (await run()))
}

/** Runs once the transaction is durable; never when it is rolled back. Keep it small: the caller waits. */
export const afterCommit = (tx: Context, run: () => void): void => {
  const hooks = commitHooks.get(tx.db)
  if (!hooks) throw new Error('afterCommit needs a transaction: call it inside atomically()')
  hooks.push(run)
}
