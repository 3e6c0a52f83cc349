// What is assigned, made ready to judge: each assignment spread into its guardrails, each compiled with its values.
import { createHash } from 'node:crypto'
import { compileDefinition, type Compiled } from './definition.ts'
import { coverOf } from './kinds.ts'
import { spread, type Assigned, type Member } from './spread.ts'
import type { Fault } from './language/reading.ts'
import { builtin } from './library/index.ts'
import type { Effect, Exemption, ParameterValues, State, Verdict } from './schema.ts'
import type { GuardrailFacts } from './store.ts'

export type AssignedExemption = Exemption & { readonly id: string; readonly expiresMs: number }

export type Rule = {
  readonly assignment: string
  readonly guardrail: string
  readonly initiative?: string
  readonly title: string
  readonly category: string
  readonly effect: Exclude<Effect, 'disabled'>
  readonly enforced: boolean
  readonly scopeId: string
  readonly exclude: readonly string[]
  readonly parameters: ParameterValues
  readonly compiled: Compiled
  readonly exemptions: readonly AssignedExemption[]
  /** What every verdict of it begins with; and the two that say no more than that, made once for all documents. */
  readonly verdict: Omit<Verdict, 'state'>
  readonly compliant: Verdict
  readonly notApplicable: Verdict
}

/** An assignment that does not fit what it assigns. */
export type Misfit = { readonly assignment: string; readonly guardrail: string; readonly faults: readonly Fault[] }
export type RuleSet = { readonly version: string; readonly rules: readonly Rule[]; readonly misfits: readonly Misfit[] }

const versionChars = 16

export const compileAll = (facts: GuardrailFacts): RuleSet => {
  const version = versionOf(facts)
  const exemptions = Map.groupBy(facts.exemptions, ({ assignment }) => assignment)
  const made = facts.assignments.flatMap((assigned) =>
    spread(assigned, facts).map((member) => ruleOf(assigned, member, exemptions.get(assigned.id) ?? [], version)),
  )
  return { version, rules: made.flatMap(({ rule }) => rule ?? []), misfits: made.flatMap(({ misfit }) => misfit ?? []) }
}

/** With the library in it: a new version of the product may judge otherwise. */
const versionOf = ({ definitions, initiatives, assignments, exemptions }: GuardrailFacts): string =>
  createHash('sha256')
    .update(JSON.stringify([builtin.version, [...definitions], [...initiatives], assignments, exemptions]))
    .digest('hex')
    .slice(0, versionChars)

type Made = { rule?: Rule; misfit?: Misfit }

const ruleOf = (
  assigned: Assigned,
  member: Member,
  exemptions: readonly (Exemption & { id: string })[],
  version: string,
): Made => {
  const { guardrail, definition, effect } = member
  const { compiled, faults } = definition
    ? compileDefinition(definition, member.parameters)
    : { compiled: unreadable(member.faults), faults: member.faults }
  const wrong = [...member.faults, ...faults]
  const misfit = wrong.length > 0 ? { misfit: { assignment: assigned.id, guardrail, faults: wrong } } : {}
  if (effect === 'disabled') return misfit
  const rule = ready(assigned, member, wrong.length > 0 ? unreadable(wrong) : compiled, {
    // A guardrail that a new version of the product no longer understands is shown as unknown everywhere; it must not stop the site.
    effect: wrong.length > 0 ? 'audit' : effect,
    version,
    exemptions: exemptions
      .filter(({ guardrails }) => guardrails === undefined || guardrails.includes(guardrail))
      .map((exemption) => ({ ...exemption, expiresMs: Date.parse(exemption.expiresAt) })),
  })
  return { rule, ...misfit }
}

const unreadable = (faults: readonly Fault[]): Compiled => ({
  covers: coverOf(['*']),
  when: undefined,
  require: { canHold: true, canFail: true, holds: () => undefined },
  modify: [],
  remediate: [],
  message: () => `Its assignment does not fit it: ${faults.map(({ at, message }) => `${at} ${message}`).join('; ')}.`,
  fields: [],
})

type Rest = { effect: Rule['effect']; version: string; exemptions: readonly AssignedExemption[] }

const ready = (assigned: Assigned, member: Member, compiled: Compiled, { effect, version, exemptions }: Rest): Rule => {
  const named = {
    assignment: assigned.id,
    guardrail: member.guardrail,
    ...(assigned.initiative === undefined ? {} : { initiative: assigned.initiative }),
    effect,
    enforced: assigned.enforced ?? true,
  }
  const verdict = { ...named, policyVersion: version }
  const said = (state: State): Verdict => Object.freeze({ ...verdict, state })
  return {
    ...named,
    title: member.definition?.title ?? member.guardrail,
    category: member.definition?.category ?? '',
    scopeId: assigned.scopeId,
    exclude: assigned.exclude ?? [],
    parameters: member.parameters,
    compiled,
    exemptions,
    verdict,
    compliant: said('compliant'),
    notApplicable: said('not-applicable'),
  }
}
