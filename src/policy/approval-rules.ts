// What an act needs besides being allowed: the approval of others.
import type { Context, Obligation, ResourceRef } from '#platform/context.ts'

export const obligationsFor = (_ctx: Context, _action: string, _on: ResourceRef): Promise<readonly Obligation[]> =>
  Promise.resolve([])
