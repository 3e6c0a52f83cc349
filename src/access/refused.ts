import { recordDenial } from '#audit'
import { afterEnd, createContext, type Context } from '#platform/context.ts'

type Said = Record<string, string | number | boolean>

/** The refusal is recorded when the transaction it ends has ended. */
export const refusedAfter = (tx: Context, kind: string, verb: string, facts: Said, scope?: string): void => {
  const outside = createContext(tx.site, { actor: tx.actor, requestId: tx.requestId, log: tx.log })
  afterEnd(tx, () => recordDenial(outside, `${kind}.${verb}`, { kind, ...(scope === undefined ? {} : { scope }) }, facts))
}
