// What is assigned, made ready to judge.
import { createHash } from 'node:crypto'
import type { GuardrailFacts } from './store.ts'

export type Compiled = { readonly version: string }

export const compileAll = (facts: GuardrailFacts): Compiled => ({
  version: createHash('sha256')
    .update(JSON.stringify([[...facts.definitions], [...facts.initiatives], facts.assignments, facts.exemptions]))
    .digest('hex')
    .slice(0, 16),
})
