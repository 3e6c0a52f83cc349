// One rule, one document: what it says. Pure; the clock is handed in.
import { scopeKinds } from './kinds.ts'
import { pending } from './language/change.ts'
import { stepsMax } from './language/condition.ts'
import type { Run, Truth } from './language/field.ts'
import { unknownAmong } from './language/message.ts'
import type { AssignedExemption, Rule } from './rules.ts'
import type { GuardrailDocument, Verdict } from './schema.ts'

/** A document, where it lies (nearest first), what it was before, and when it is judged. */
export type Subject = {
  readonly doc: GuardrailDocument
  readonly ancestors: readonly string[]
  readonly before?: GuardrailDocument | undefined
  readonly nowMs: number
}

export const runOf = ({ doc, before, nowMs }: Subject): Run => ({ doc, before, nowMs, item: undefined, steps: stepsMax })

/** Assigned where the document lies or above, or at the very scope that it is; and not excluded there. */
export const reaches = ({ scopeId, exclude }: Rule, subject: Subject): boolean =>
  isWithin(scopeId, subject) && !exclude.some((place) => isExcluded(place, subject))

const isWithin = (scopeId: string, { doc, ancestors }: Subject): boolean => doc.id === scopeId || ancestors.includes(scopeId)

const isExcluded = (place: string, subject: Subject): boolean => {
  if (!place.startsWith('/')) return isWithin(place, subject)
  const { doc } = subject
  const own = scopeKinds.includes(doc.kind) ? [`${doc.scope === '/' ? '' : doc.scope}/${doc.name}`] : []
  return [doc.scope, ...own].some((path) => path === place || place === '/' || path.startsWith(`${place}/`))
}

/** Is it about this, and does it hold? */
export const truthOf = ({ compiled: { when, require } }: Rule, subject: Subject): { about: Truth; holds: Truth } => {
  const run = runOf(subject)
  const about = when ? when.holds(run) : true
  return { about, holds: about === true ? require?.holds(run) : undefined }
}

export const verdictOf = (rule: Rule, subject: Subject): Verdict => {
  const { about, holds } = truthOf(rule, subject)
  if (about === false) return rule.notApplicable
  if (holds === true && rule.effect !== 'manual') return rule.compliant
  const exemption = exemptionFor(rule, subject)
  if (exemption) return { ...rule.verdict, state: 'exempt', exemption: exemption.id, exemptUntil: exemption.expiresAt }
  // What a person attests is unknown until one has; who keeps attestations says so.
  const state = holds === false && rule.effect !== 'manual' ? 'non-compliant' : 'unknown'
  return { ...rule.verdict, state, message: messageOf(rule, subject, state), ...changesOf(rule, subject) }
}

/** The one that ends last, of those that have not ended. */
export const exemptionFor = (rule: Rule, subject: Subject): AssignedExemption | undefined => {
  if (rule.exemptions.length === 0) return undefined
  return rule.exemptions
    .filter(({ expiresMs }) => subject.nowMs < expiresMs)
    .filter(({ resource, scopeId }) => (resource === undefined ? isWithin(scopeId ?? '', subject) : resource === subject.doc.id))
    .reduce<AssignedExemption | undefined>((last, one) => (last && last.expiresMs >= one.expiresMs ? last : one), undefined)
}

const messageOf = ({ effect, compiled }: Rule, subject: Subject, state: Verdict['state']): string => {
  const run = runOf(subject)
  const message = compiled.message(run)
  if (state !== 'unknown' || effect === 'manual') return message
  const missing = unknownAmong(compiled.fields, run)
  // What it would say were it not met would be a claim that nobody made.
  if (missing.length > 0) return `It cannot be judged: ${missing.join(', ')} not known.`
  return `${message} It cannot be judged: what is there is not what can be asked this.`
}

const changesOf = ({ effect, compiled }: Rule, subject: Subject): Pick<Verdict, 'changes'> => {
  if (effect !== 'modify' && effect !== 'remediate') return {}
  const changes = pending(compiled[effect], runOf(subject))
  return changes.length > 0 ? { changes } : {}
}
