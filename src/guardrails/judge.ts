// The two questions asked of guardrails: may this be written (`admit`), and is what there is still right (`judge`).
import { findScopes, noScope } from '#policy'
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { amended } from './amend.ts'
import { compiledFor } from './cache.ts'
import { scopeKinds } from './kinds.ts'
import type { Rule, RuleSet } from './rules.ts'
import type { GuardrailDocument, Verdict } from './schema.ts'
import { reaches, verdictOf, type Subject } from './verdict.ts'

export const guardrailDenied = problem('guardrail-denied', 403, 'A guardrail does not allow this')

export type Admitted = { readonly doc: GuardrailDocument; readonly verdicts: readonly Verdict[] }

const deniedShownMax = 20

/** What `modify` guardrails make of a document. Doing it again changes nothing, so it may be looked at and admitted after. */
export const amend = async (tx: Context, doc: GuardrailDocument, before?: GuardrailDocument): Promise<GuardrailDocument> => {
  const { rules, subject } = await rulesOn(tx, doc, before)
  return amended(rules, subject).doc
}

/** Amends, then judges: throws `guardrail-denied` where an enforced `deny` is not met, or cannot be judged. */
export const admit = async (tx: Context, doc: GuardrailDocument, before?: GuardrailDocument): Promise<Admitted> => {
  const { rules, subject } = await rulesOn(tx, doc, before)
  const { doc: made, changes } = amended(rules, subject)
  const told = rules.map((rule) => {
    const verdict = verdictOf(rule, { ...subject, doc: made })
    const done = changes.get(rule)
    return { rule, verdict: done ? { ...verdict, changes: done } : verdict }
  })
  refuse(told.filter(denies))
  return { doc: made, verdicts: told.map(({ verdict }) => verdict) }
}

type Told = { readonly rule: Rule; readonly verdict: Verdict }

const denies = ({ verdict: { effect, enforced, state } }: Told): boolean =>
  effect === 'deny' && enforced && (state === 'non-compliant' || state === 'unknown')

const refuse = (denied: readonly Told[]): void => {
  const [first] = denied
  if (!first) return
  const more = denied.length > 1 ? ` ${denied.length - 1} more do not allow it either.` : ''
  throw guardrailDenied(`${first.rule.title}: ${first.verdict.message}${more}`, {
    ...refusal(first),
    denied: denied.slice(0, deniedShownMax).map(refusal),
  })
}

const refusal = ({ rule: { title, parameters }, verdict: { guardrail, assignment, initiative, state, message } }: Told) => ({
  guardrail,
  assignment,
  ...(initiative === undefined ? {} : { initiative }),
  guardrailTitle: title,
  state,
  message,
  parameters,
})

const rulesOn = async (ctx: Context, doc: GuardrailDocument, before: GuardrailDocument | undefined) => {
  const { rules } = await compiledFor(ctx)
  const ancestors = (await findScopes(ctx, [doc.scopeId])).get(doc.scopeId)?.ancestors
  if (!ancestors) throw noScope(doc.scope)
  const subject: Subject = { doc, before, ancestors, nowMs: ctx.now().getTime() }
  return { rules: rules.filter((rule) => rule.compiled.covers(doc.kind) && reaches(rule, subject)), subject }
}

/** What everything assigned says of each document, in their order. Nothing of one whose scope is gone: it went with it. */
export const judge = async (ctx: Context, docs: readonly GuardrailDocument[]): Promise<Verdict[][]> =>
  docs.map(await judgeOf(ctx, docs))

/** All that must be looked up to judge these, looked up: who has many judges them one by one, when it suits. */
export const judgeOf = async (
  ctx: Context,
  docs: readonly GuardrailDocument[],
): Promise<(doc: GuardrailDocument) => Verdict[]> => {
  const set = await compiledFor(ctx)
  const scopes = await findScopes(ctx, [...new Set(docs.map(({ scopeId }) => scopeId))])
  const nowMs = ctx.now().getTime()
  const candidates = candidatesOf(set)
  return (doc) => {
    const ancestors = scopes.get(doc.scopeId)?.ancestors
    return ancestors ? judged(candidates(doc, ancestors), { doc, ancestors, nowMs }) : []
  }
}

const judged = (rules: readonly Rule[], subject: Subject): Verdict[] =>
  rules.filter((rule) => reaches(rule, subject)).map((rule) => verdictOf(rule, subject))

/** Most documents share a place and a kind: what could reach them is looked up once. */
const candidatesOf = ({ rules }: RuleSet) => {
  const near = new Map<string, readonly Rule[]>()
  return ({ kind, scopeId, id }: GuardrailDocument, ancestors: readonly string[]): readonly Rule[] => {
    const key = `${kind} ${scopeId}`
    const found = near.get(key) ?? rules.filter((rule) => rule.compiled.covers(kind) && ancestors.includes(rule.scopeId))
    near.set(key, found)
    // What is assigned at a scope reaches the scope itself.
    return scopeKinds.includes(kind)
      ? [...found, ...rules.filter((rule) => rule.scopeId === id && rule.compiled.covers(kind))]
      : found
  }
}

/** What is assigned that could reach a kind (any, when none is named) at a place, given with all above it. */
export const applicableTo = async (ctx: Context, ancestors: readonly string[], kind?: string): Promise<Rule[]> =>
  (await compiledFor(ctx)).rules.filter(
    ({ scopeId, compiled }) => ancestors.includes(scopeId) && (kind === undefined || compiled.covers(kind)),
  )

/** Everything assigned, wherever it is. */
export const assigned = async (ctx: Context): Promise<readonly Rule[]> => (await compiledFor(ctx)).rules
