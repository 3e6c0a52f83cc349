// An initiative made here: guardrails that are assigned together, with parameters of their own.
import { Type, type Static } from 'typebox'
import { Initiative, membersMax, putInitiative, removeInitiative, Force } from '#guardrails'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, type Change } from '#resources'
import { refuseLockOut } from './lock-out.ts'
import { Named, refOf } from './naming.ts'

const kind = 'initiative'

const { guardrails: Members } = Initiative.properties
const Member = Type.Object({ ...Members.items.properties, guardrail: Named('guardrail') }, { additionalProperties: false })
const Spec = Type.Object(
  {
    ...Initiative.properties,
    guardrails: Type.Array(Member, { minItems: 1, maxItems: membersMax }),
    force: Type.Optional(Force),
  },
  { additionalProperties: false },
)

export const defineInitiatives = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'initiatives',
    title: 'Initiative',
    description: 'Guardrails that are assigned together.',
    spec: Spec,
    idPrefix: 'initiative',
    applied: put,
    removed: (tx, { id }) => removeInitiative(tx, id),
  })

const put = async (tx: Context, { resource: { id, scopeId, spec } }: Change): Promise<void> => {
  const { force, guardrails, ...rest } = spec as Static<typeof Spec> // checked against the schema before
  const members = []
  for (const [i, member] of guardrails.entries()) {
    const at = `/spec/guardrails/${i}/guardrail`
    members.push({ ...member, guardrail: await refOf(tx, member.guardrail, { kind: 'guardrail', scopeId, at }) })
  }
  await putInitiative(tx, { id, initiative: { ...rest, guardrails: members } })
  await refuseLockOut(tx, { written: [{ initiative: id }], force, on: { kind, id, scope: scopeId } })
}
