// What a use case may do and on whose behalf. `ctx` comes first in every use case and carries all its power.
import { sql, type Transaction } from 'kysely'
import type { Db } from './db.ts'
import { newId } from './id.ts'
import type { Logger } from './log.ts'
import { approvalNeeded, forbidden, notFound, unauthenticated } from './problem.ts'
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
  /** Where the request came from, for conditions on networks; absent where there was no request, and then no such condition holds. */
  readonly address?: string
  /** The browser that was signed in with, by the id in its device cookie: two approvers may not share one. */
  readonly device?: string
}

/** A point in the lattice of classifications: `a ≤ b` when its rank is no higher and its caveats are all in b's. */
export type Label = { readonly rank: number; readonly caveats: readonly string[] }

export const anonymous: Principal = { kind: 'anonymous', id: 'anonymous', factors: [] }

export type ResourceRef = {
  readonly kind: string
  readonly id?: string
  /** Scope id; absent means the organisation root. */
  readonly scope?: string
  readonly owner?: string
  readonly name?: string
  readonly generation?: number
  /** Labels (tags) of the thing, for conditions on them; absent where a thing has none. */
  readonly labels?: Readonly<Record<string, string>>
  /** Its own classification; that of its scope is joined to it. */
  readonly label?: Label
}

/** What must happen besides being allowed: this many other people approve. */
export type Obligation = {
  readonly rule: string
  readonly action: string
  /** Of the act, not of the rule: who approves must be someone to approve there. */
  readonly scope: string
  readonly quorum: number
  /** Only who holds this role there counts. */
  readonly approverRole?: string
}

export type Verdict = {
  readonly allowed: boolean
  readonly policyVersion: string
  readonly reasons: readonly string[]
  readonly obligations?: readonly Obligation[]
}

/** A change that others approved, being carried out: it asks them no second time. */
export type Approved = {
  readonly id: string
  covers(obligation: Obligation): Promise<boolean>
}

/** What a request needs and does, noted while it runs: shown when it is tried, compared when it is carried out. */
export type Trace = {
  readonly obligations: Obligation[]
  readonly allowed: { readonly action: string; readonly on: ResourceRef }[]
  /** Told by the rooms that make the changes. */
  readonly changes: unknown[]
}

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
  readonly approved?: Approved
  /** Present while a request is tried, or carried out after approval. What it is refused is then told by whoever had it run. */
  readonly trace?: Trace
  authorize(action: string, on: ResourceRef): Promise<void>
  permits(action: string, on: ResourceRef): Promise<boolean>
  decidedPublic(reason: string): void
}

export type NewContext = {
  actor: Principal
  requestId?: string
  signal?: AbortSignal
  log?: Logger
}

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

/** The same transaction on someone's behalf, decided by their own rights: a request of theirs that is tried, or that others approved. */
export const onBehalf = (tx: Context, given: { actor: Principal; trace?: Trace; approved?: Approved }): Context => {
  if (!tx.inTransaction) throw new Error('onBehalf needs a transaction: call it inside atomically()')
  return withDb(tx.site, tx.db, true, {
    requestId: tx.requestId,
    signal: tx.signal,
    log: tx.log,
    decisions: { count: 0 },
    ...given,
  })
}

/** The site acting on its own behalf: jobs, start-up, reconciling. Decided by definition, recorded as `system`. */
export const systemContext = (site: Site, purpose: string): Context =>
  createContext(site, { actor: { kind: 'system', id: 'system', factors: [] }, log: site.log.child({ purpose }) })

type Carried = Pick<Context, 'actor' | 'requestId' | 'signal' | 'log' | 'decisions' | 'approved' | 'trace'>

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
      const verdict = await deciderOf(site).decide(ctx, action, on)
      carried.decisions.policyVersion = verdict.policyVersion
      const missing = verdict.allowed ? await unmet(carried, verdict) : undefined
      if (verdict.allowed && missing === undefined) return void carried.trace?.allowed.push({ action, on })
      await tellDenied(ctx, action, on, verdict)
      if (missing) throw othersNeeded(action, missing)
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

/** The first obligation that is not met. A trial only notes what there would be. */
const unmet = async ({ approved, trace }: Carried, { obligations = [] }: Verdict): Promise<Obligation | undefined> => {
  trace?.obligations.push(...obligations)
  if (trace && !approved) return undefined
  for (const obligation of obligations) if (!(await approved?.covers(obligation))) return obligation
  return undefined
}

const othersNeeded = (action: string, { quorum, scope, rule }: Obligation) =>
  approvalNeeded(
    `${action} needs the approval of ${quorum === 1 ? 'another person' : `${quorum} others`} here. Ask for it: send the same request as a change set.`,
    { action, scope, rule, approvals: quorum, changeSets: '/api/v1/change-sets' },
  )

/** The refusal outlives the transaction it was met in, and is written when that has ended: a second connection, asked for by many at once, would deadlock the pool. */
const tellDenied = async (ctx: Context, action: string, on: ResourceRef, verdict: Verdict): Promise<void> => {
  if (ctx.trace) return
  const outside = ctx.inTransaction ? withDb(ctx.site, ctx.site.db, false, ctx) : ctx
  const say = () => deciderOf(ctx.site).denied(outside, action, on, verdict)
  const refusals = refusalsIn.get(ctx.db)
  if (ctx.inTransaction && refusals) refusals.push(say)
  else await say()
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
      const tx = withDb(ctx.site, trx, true, ctx)
      return run(tx)
    })
    for (const hook of hooks) hook()
    return result
  } finally {
    for (const say of refusals) await say()
  }
}

/** Runs something and takes it back, whatever it did: nothing of it stays in the database, and nothing that waits for a commit happens. */
export const rehearse = <T>(ctx: Context, run: (tx: Context, trace: Trace) => Promise<T>): Promise<{ result: T; trace: Trace }> =>
  atomically(ctx, async (outer) => {
    const trace: Trace = { obligations: [], allowed: [], changes: [] }
    const hooks = commitHooks.get(outer.db) ?? []
    const kept = hooks.length
    await sql`savepoint rehearsal`.execute(outer.db)
    try {
      return { result: await run(withDb(outer.site, outer.db, true, { ...outer, trace }), trace), trace }
    } finally {
      hooks.length = kept
      await sql`rollback to savepoint rehearsal`.execute(outer.db)
      await sql`release savepoint rehearsal`.execute(outer.db)
    }
  })

/** Runs when the transaction has ended, kept or undone: for what must be said outside it. */
export const afterEnd = (tx: Context, run: () => Promise<unknown>): void => {
  const waiting = refusalsIn.get(tx.db)
  if (!waiting) throw new Error('afterEnd needs a transaction: call it inside atomically()')
  if (tx.trace) return // what a trial would have said is not said
  waiting.push(async () => void (await run()))
}

/** Runs once the transaction is durable; never when it is rolled back. Keep it small: the caller waits. */
export const afterCommit = (tx: Context, run: () => void): void => {
  const hooks = commitHooks.get(tx.db)
  if (!hooks) throw new Error('afterCommit needs a transaction: call it inside atomically()')
  hooks.push(run)
}
