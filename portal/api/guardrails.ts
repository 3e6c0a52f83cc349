// What can be assigned, under one roof: the library, what publishers gave, and what was written here.
import { useQuery } from '@tanstack/react-query'
import { guardrailLibrary, ownGuardrails, ownInitiatives } from './queries.ts'
import type { Definition, Initiative } from './types.ts'

export type Parameter = {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'strings'
  title: string
  default?: string | number | boolean | string[]
  enum?: string[]
  minimum?: number
  maximum?: number
}

/** A guardrail, or an initiative of several, by the name an assignment gives it. */
export type Assignable = {
  ref: string
  title: string
  description: string
  category: string
  version: string
  source: string
  effects: readonly string[]
  effect?: string
  kinds: readonly string[]
  parameters: Readonly<Record<string, Parameter>>
  members: readonly string[]
  initiative: boolean
}

const ofGuardrail = (ref: string, source: string, definition: Definition): Assignable => ({
  ...definition,
  ref,
  source,
  parameters: (definition.parameters ?? {}) as Record<string, Parameter>, // the site's schema holds them to it
  members: [],
  initiative: false,
})
const ofInitiative = (ref: string, source: string, initiative: Initiative): Assignable => ({
  ...initiative,
  ref,
  source,
  effects: [],
  kinds: [],
  parameters: (initiative.parameters ?? {}) as Record<string, Parameter>,
  members: initiative.guardrails.map(({ guardrail }) => guardrail),
  initiative: true,
})

const here = 'this site'

export const useAssignables = (): { all: Assignable[]; pending: boolean; error: unknown } => {
  const library = useQuery(guardrailLibrary)
  const guardrails = useQuery(ownGuardrails)
  const initiatives = useQuery(ownInitiatives)
  return {
    pending: library.isPending,
    error: library.error,
    all: [
      ...(guardrails.data?.items ?? []).map(({ id, spec }) => ofGuardrail(id, here, spec)),
      ...(initiatives.data?.items ?? []).map(({ id, spec }) => ofInitiative(id, here, spec)),
      ...(library.data?.guardrails ?? []).map(({ ref, source, definition }) => ofGuardrail(ref, source, definition)),
      ...(library.data?.initiatives ?? []).map(({ ref, source, initiative }) => ofInitiative(ref, source, initiative)),
    ],
  }
}
