// A guardrail made here: a definition in the same language as the library, written down as a resource with an owner and a history.
import { Type, type Static } from 'typebox'
import { Definition, putGuardrail, removeGuardrail, Force } from '#guardrails'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, type Change, type Resource } from '#resources'
import { refuseLockOut } from './lock-out.ts'

const kind = 'guardrail'

const Spec = Type.Object({ ...Definition.properties, force: Type.Optional(Force) }, { additionalProperties: false })

export const defineGuardrails = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'guardrails',
    title: 'Guardrail',
    description: 'What must hold of things of some kinds, and what happens where it does not. Does nothing until it is assigned.',
    spec: Spec,
    idPrefix: 'guardrail',
    applied: put,
    removed: (tx, { id }) => removeGuardrail(tx, id),
  })

const stated = ({ spec }: Resource) => spec as Static<typeof Spec> // checked against the schema before it was stored

export const definitionIn = (resource: Resource): Definition => {
  const { force: _, ...definition } = stated(resource)
  return definition
}

const put = async (tx: Context, { resource }: Change): Promise<void> => {
  const { id, scopeId } = resource
  await putGuardrail(tx, { id, definition: definitionIn(resource) })
  await refuseLockOut(tx, { written: [{ guardrail: id }], force: stated(resource).force, on: { kind, id, scope: scopeId } })
}
