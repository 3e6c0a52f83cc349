// An initiative made here: guardrails that are assigned together, with parameters of their own.
import { Initiative, putInitiative, removeInitiative } from '#guardrails'
import type { Site } from '#platform/site.ts'
import { defineKind, type Change } from '#resources'

export const kind = 'initiative'

export const defineInitiatives = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'initiatives',
    title: 'Initiative',
    description: 'Guardrails that are assigned together.',
    spec: Initiative,
    idPrefix: 'initiative',
    applied: async (tx, { resource }: Change) => putInitiative(tx, { id: resource.id, initiative: resource.spec as Initiative }), // checked against the schema before
    removed: (tx, { id }) => removeInitiative(tx, id),
  })
