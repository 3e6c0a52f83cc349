// The kinds of this room, in the order in which many documents are applied: what is named comes before what names it.
import type { Site } from '#platform/site.ts'
import { defineAssignments } from './assignments.ts'
import { defineExemptions } from './exemptions.ts'
import { defineGuardrails } from './guardrails.ts'
import { defineInitiatives } from './initiatives.ts'
import { definePublishers } from './publishers.ts'
import { observeIdentities } from './sweep-identities.ts'

export const defineCompliance = (site: Site): void => {
  definePublishers(site)
  defineGuardrails(site)
  defineInitiatives(site)
  defineAssignments(site)
  defineExemptions(site)
  observeIdentities(site)
}
