// The kinds of this room, in the order in which many documents are applied: what is assigned comes before what assigns it.
import type { Site } from '#platform/site.ts'
import { defineGuardrails } from './guardrails.ts'
import { defineInitiatives } from './initiatives.ts'

export const defineCompliance = (site: Site): void => {
  defineGuardrails(site)
  defineInitiatives(site)
}
