import { recordDenialAfter } from '#audit'
import type { Context } from '#platform/context.ts'

type Said = Record<string, string | number | boolean>

export const refusedAfter = (tx: Context, kind: string, verb: string, facts: Said, scope?: string): void =>
  recordDenialAfter(tx, `${kind}.${verb}`, { kind, ...(scope === undefined ? {} : { scope }) }, facts)
