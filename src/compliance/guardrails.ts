// A guardrail made here: a definition in the same language as the library, written down as a resource with an owner and a history.
import { Definition, putGuardrail, removeGuardrail } from '#guardrails'
import type { Site } from '#platform/site.ts'
import { defineKind, type Change } from '#resources'

export const kind = 'guardrail'

export const defineGuardrails = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'guardrails',
    title: 'Guardrail',
    description: 'What must hold of things of some kinds, and what happens where it does not. Does nothing until it is assigned.',
    spec: Definition,
    idPrefix: 'guardrail',
    applied: async (tx, { resource }: Change) => putGuardrail(tx, { id: resource.id, definition: resource.spec as Definition }), // checked against the schema before
    removed: (tx, { id }) => removeGuardrail(tx, id),
  })
