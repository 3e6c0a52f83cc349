// A guardrail tried before it is put to work: what it would say of what there is, and whom it would lock out.
import { findScopes } from '#policy'
import type { Context } from '#platform/context.ts'
import { compiledFor } from './cache.ts'
import { checkDefinition } from './definition.ts'
import { guardrailMisfit } from './facts.ts'
import { lockOutOf, type LockOut } from './lock-out.ts'
import { compileAll, type Rule } from './rules.ts'
import type { Assignment, Definition, GuardrailDocument, Verdict } from './schema.ts'
import { reaches, verdictOf, type Subject } from './verdict.ts'

const tried = 'guardrail_00000000000000000000000000'

/** Pure: each document is taken to be in reach. Undefined of what it does not cover. Throws `guardrail-malformed` and `guardrail-misfit`. */
export const tryOut = (
  definition: Definition,
  given: Pick<Assignment, 'parameters' | 'effect'>,
  docs: readonly GuardrailDocument[],
  now: Date,
): (Verdict | undefined)[] => {
  const rule = ruleFrom(definition, { ...given, enforced: false })
  return docs.map((doc) => (rule?.compiled.covers(doc.kind) ? verdictOf(rule, subjectOf(doc, now)) : undefined))
}

/** Pure: would this definition, assigned like this over these documents, lock everyone out? */
export const lockOut = (
  definition: Definition,
  assignment: Assignment,
  docs: readonly GuardrailDocument[],
  now: Date,
): LockOut | undefined => {
  const rule = ruleFrom(definition, assignment)
  return (
    rule &&
    lockOutOf(
      rule,
      docs.map((doc) => subjectOf(doc, now)).filter((subject) => reaches({ ...rule, scopeId: subject.doc.id }, subject)),
    )
  )
}

const subjectOf = (doc: GuardrailDocument, now: Date): Subject => ({ doc, ancestors: [doc.scopeId], nowMs: now.getTime() })

const ruleFrom = (definition: Definition, given: Assignment): Rule | undefined => {
  const { parameters = {}, effect = definition.effect, enforced = true, exclude = [] } = given
  const { rules, misfits } = compileAll({
    definitions: new Map([[tried, checkDefinition(definition)]]),
    initiatives: new Map(),
    assignments: [{ id: 'tried', scopeId: '', guardrail: tried, parameters, effect, enforced, exclude }],
    exemptions: [],
  })
  const fault = misfits[0]?.faults[0]
  if (fault) throw guardrailMisfit(`${fault.at} ${fault.message}.`, { faults: misfits[0]!.faults })
  return rules[0]
}

export type Written = { readonly assignment?: string; readonly guardrail?: string; readonly initiative?: string }

/** What is at work because of an assignment, or because of all that assign a guardrail or initiative. */
export const rulesOf = async (tx: Pick<Context, 'site' | 'db'>, written: Written): Promise<Rule[]> =>
  (await compiledFor(tx)).rules.filter(
    (rule) =>
      rule.assignment === written.assignment ||
      rule.guardrail === written.guardrail ||
      (rule.initiative !== undefined && rule.initiative === written.initiative),
  )

/** What was just written, in this transaction: would it lock anyone out, given these documents? */
export const lockOuts = async (tx: Context, written: Written, docs: readonly GuardrailDocument[]): Promise<LockOut[]> => {
  const rules = await rulesOf(tx, written)
  const scopes = await findScopes(tx, [...new Set(docs.map(({ scopeId }) => scopeId))])
  const nowMs = tx.now().getTime()
  const subjects = docs.map((doc) => ({ doc, ancestors: scopes.get(doc.scopeId)?.ancestors ?? [], nowMs }))
  return rules.flatMap(
    (rule) =>
      lockOutOf(
        rule,
        subjects.filter((subject) => reaches(rule, subject)),
      ) ?? [],
  )
}

/** Rules that come to reach a scope: would one leave nobody able to do anything there, whatever it holds? */
export const lockOutsAt = async (tx: Context, rules: readonly Rule[], scope: GuardrailDocument): Promise<LockOut[]> => {
  const ancestors = (await findScopes(tx, [scope.scopeId])).get(scope.scopeId)?.ancestors ?? []
  const subject = { doc: scope, ancestors, nowMs: tx.now().getTime() }
  return rules.filter((rule) => reaches(rule, subject)).flatMap((rule) => lockOutOf(rule, []) ?? [])
}
