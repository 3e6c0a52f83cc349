// What an assignment does not reach, until a day: with a reason, and never by one person alone. Policy asks for the second person (a built-in approval rule), so each change, and each extension, is approved anew.
import { Type, type Static } from 'typebox'
import { putExemption, removeExemption, rulesOf } from '#guardrails'
import { findScope } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, findReferenced, type Change, type Resource } from '#resources'
import { Named, refOf } from './naming.ts'
import { findObserved } from './sweep-observe.ts'

const kind = 'exemption'
export const exemptDaysMax = 366
const dayMs = 86_400_000

const words = { minLength: 1, maxLength: 1_000, pattern: '^[^\\u0000-\\u0008\\u000e-\\u001f]*$' }
const Spec = Type.Object(
  {
    assignment: Type.String({ maxLength: 1_100, description: 'Id of an assignment, or guardrail-assignment:/scope/name' }),
    guardrails: Type.Optional(
      Type.Array(Named('guardrail'), { minItems: 1, maxItems: 200, description: 'Which of the assignment’s; absent means all' }),
    ),
    resource: Type.Optional(
      Type.String({
        maxLength: 1_100,
        description: 'Id or kind:/scope/name of what is exempt; absent means the scope the exemption lies in, and all below',
      }),
    ),
    category: Type.Union([Type.Literal('waived'), Type.Literal('mitigated')], {
      description: 'waived: the risk is taken. mitigated: something else meets what is required',
    }),
    reason: Type.String(words),
    compensatingControl: Type.Optional(Type.String({ ...words, description: 'What is done instead; required for mitigated' })),
    expiresAt: Type.String({ format: 'date-time', description: `At most ${exemptDaysMax} days from now` }),
  },
  { additionalProperties: false },
)
type Spec = Static<typeof Spec>

/** What it names, by id. */
const Status = Type.Object({
  assignment: Type.String(),
  guardrails: Type.Optional(Type.Array(Type.String())),
  resource: Type.Optional(Type.String()),
})
type Status = Static<typeof Status>

export const defineExemptions = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'exemptions',
    title: 'Exemption',
    description: 'Something that an assignment does not reach, until a day; for a reason that a second person agreed to.',
    spec: Spec,
    status: Status,
    idPrefix: 'exemption',
    governs: true,
    admit,
    applied: async (tx, { resource: { id, scopeId, spec, status } }) => {
      const { category, expiresAt } = spec as Spec // checked against the schema before
      const { assignment, guardrails, resource } = status as Status // what admit said just before
      await putExemption(tx, {
        id,
        exemption: {
          assignment,
          ...(guardrails ? { guardrails } : {}),
          ...(resource === undefined ? { scopeId } : { resource }),
          category,
          expiresAt: new Date(expiresAt).toISOString(),
        },
      })
    },
    removed: (tx, { id }) => removeExemption(tx, id),
  })

const admit = async (tx: Context, { resource }: Change): Promise<Status> => {
  const spec = resource.spec as Spec // checked against the schema before
  const assignment = await assignmentOf(tx, resource)
  // Whoever decided for all that lies below is asked, not only who decides here.
  await tx.authorize(`${kind}.apply`, { kind, scope: assignment.scopeId })
  requireEnd(tx, spec)
  if (spec.category === 'mitigated' && spec.compensatingControl === undefined)
    throw misses('/spec/compensatingControl', 'What is done instead has to be said when something is mitigated.')
  return {
    assignment: assignment.id,
    ...(spec.guardrails ? { guardrails: await guardrailsOf(tx, assignment, spec.guardrails) } : {}),
    ...(spec.resource === undefined ? {} : { resource: await exemptIn(tx, resource, spec.resource) }),
  }
}

const misses = (at: string, detail: string) => invalid(detail, { faults: [{ at, message: detail }] })

const requireEnd = (tx: Context, { expiresAt }: Spec): void => {
  const leftMs = Date.parse(expiresAt) - tx.now().getTime()
  if (!(leftMs > 0)) throw misses('/spec/expiresAt', 'An exemption ends in the future.')
  if (leftMs > exemptDaysMax * dayMs)
    throw misses(
      '/spec/expiresAt',
      `An exemption ends after ${exemptDaysMax} days at most. It can be extended then, which is approved anew.`,
    )
}

/** One that reaches this place: from anywhere else there is nothing to be exempt from. */
const assignmentOf = async (tx: Context, { scope, scopeId, spec }: Resource): Promise<Resource> => {
  const found = await findReferenced(tx, (spec as Spec).assignment) // checked against the schema before
  const above = (await findScope(tx, scopeId))?.ancestors ?? []
  if (found?.kind !== 'guardrail-assignment' || !above.includes(found.scopeId))
    throw misses('/spec/assignment', `There is no such guardrail assignment at ${scope} or above it.`)
  return found
}

const guardrailsOf = async (tx: Context, { id, scopeId }: Resource, named: readonly string[]): Promise<string[]> => {
  const known = new Set((await rulesOf(tx, { assignment: id })).map(({ guardrail }) => guardrail))
  const refs = []
  for (const [i, which] of named.entries()) {
    const at = `/spec/guardrails/${i}`
    const ref = await refOf(tx, which, { kind: 'guardrail', scopeId, at })
    if (!known.has(ref)) throw misses(at, `The assignment does not put ${which} to work. It does: ${[...known].join(', ')}.`)
    refs.push(ref)
  }
  return refs
}

/** At or below the exemption's own place, so that who may exempt there decides over nothing else. What is only observed is of the whole site. */
const exemptIn = async (tx: Context, { scope, scopeId }: Resource, which: string): Promise<string> => {
  const found = (await findReferenced(tx, which)) ?? (await findObserved(tx, which))
  const above = found && (await findScope(tx, found.scopeId))?.ancestors
  if (!found || !above?.includes(scopeId))
    throw misses('/spec/resource', `There is no such resource at ${scope} or below it, and nothing observed there by that id.`)
  return found.id
}
