// A guardrail or an initiative put to work at a place and below it.
import { Type, type Static } from 'typebox'
import { Assignment, Effect, holdFacts, membersMax, putGuardrailAssignment, removeGuardrailAssignment, Force } from '#guardrails'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { allOf, defineKind, unlist, type Change, type Resource } from '#resources'
import { refuseLockOut } from './lock-out.ts'
import { Named, namePatternOf, refOf } from './naming.ts'

const kind = 'guardrail-assignment'

const { parameters, effect, enforced, exclude } = Assignment.properties
const Spec = Type.Object(
  {
    guardrail: Type.Optional(Named('guardrail')),
    initiative: Type.Optional(Named('initiative')),
    parameters,
    effect,
    effects: Type.Optional(
      Type.Record(Type.String({ pattern: `^${namePatternOf('guardrail')}$` }), Effect, {
        maxProperties: membersMax,
        additionalProperties: false,
        description: 'By guardrail, for an initiative',
      }),
    ),
    enforced,
    exclude,
    note: Type.Optional(Type.String({ maxLength: 1_000, pattern: '^[^\\u0000-\\u0008\\u000e-\\u001f]*$' })),
    force: Type.Optional(Force),
  },
  { additionalProperties: false },
)
type Spec = Static<typeof Spec>

export const defineAssignments = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'guardrail-assignments',
    title: 'Guardrail assignment',
    description: 'Puts a guardrail or an initiative to work at a scope and below it; as a dry run where it is not enforced.',
    spec: Spec,
    idPrefix: 'assignment',
    governs: true,
    applied: put,
    removed,
  })

const put = async (tx: Context, { resource }: Change): Promise<void> => {
  const { id, scopeId } = resource
  const { force } = resource.spec as Spec // checked against the schema before
  await putGuardrailAssignment(tx, { id, scopeId, assignment: await assignmentOf(tx, resource) })
  await refuseLockOut(tx, { written: [{ assignment: id }], force, on: { kind, id, scope: scopeId } })
}

const assignmentOf = async (tx: Context, { scopeId, spec }: Resource): Promise<Assignment> => {
  const { guardrail, initiative, effects, note: _, force: __, ...rest } = spec as Spec // checked against the schema before
  const named = (which: string, of: string, at: string) => refOf(tx, which, { kind: of, scopeId, at })
  const byGuardrail: Record<string, Effect> = {}
  for (const [which, chosen] of Object.entries(effects ?? {}))
    byGuardrail[await named(which, 'guardrail', '/spec/effects')] = chosen
  return {
    ...rest,
    ...(guardrail === undefined ? {} : { guardrail: await named(guardrail, 'guardrail', '/spec/guardrail') }),
    ...(initiative === undefined ? {} : { initiative: await named(initiative, 'initiative', '/spec/initiative') }),
    ...(effects === undefined ? {} : { effects: byGuardrail }),
  }
}

/** What was exempt from it goes with it. */
const removed = async (tx: Context, { id }: Resource): Promise<void> => {
  await holdFacts(tx) // or one that is being made just now would be missed
  const exemptions = (await allOf(tx, 'exemption')).filter(({ status }) => status?.['assignment'] === id)
  await unlist(
    tx,
    exemptions.map((exemption) => exemption.id),
  )
  await removeGuardrailAssignment(tx, id)
}
