// A guardrail that would leave nobody able to do anything, or to take it away again: found before it is put to work. Pure.
import type { Rule } from './rules.ts'
import { truthOf, type Subject } from './verdict.ts'
import { governingKinds } from './kinds.ts'

export type LockOut = {
  readonly assignment: string
  readonly guardrail: string
  readonly reason: 'governs-guardrails' | 'never-holds' | 'refuses-everything'
  readonly explanation: string
}

/** Of fewer, "all of them" says little. */
export const sampleMin = 3

/** What is wrong with putting this rule to work, given what there is where it would reach. A dry run locks nobody out. */
export const lockOutOf = (rule: Rule, sample: readonly Subject[]): LockOut | undefined => {
  const { effect, enforced, assignment, guardrail } = rule
  if (!enforced || !['deny', 'modify', 'remediate'].includes(effect)) return undefined
  const found = governing(rule) ?? (effect === 'deny' ? (never(rule) ?? everything(rule, sample)) : undefined)
  return found && { assignment, guardrail, ...found }
}

type Finding = Pick<LockOut, 'reason' | 'explanation'>

const governing = ({ title, effect, compiled }: Rule): Finding | undefined => {
  const own = governingKinds.filter(compiled.covers)
  if (own.length === 0) return undefined
  return {
    reason: 'governs-guardrails',
    explanation: `“${title}” would ${effect} ${own.join(', ')}: it could keep itself in place, and nobody could take it away or exempt anything from it.`,
  }
}

const never = ({ title, compiled }: Rule): Finding | undefined =>
  compiled.require?.canHold === false && compiled.when?.canHold !== false
    ? {
        reason: 'never-holds',
        explanation: `What “${title}” requires can never hold, with these values of its parameters: it would refuse whatever it is about.`,
      }
    : undefined

const everything = (rule: Rule, sample: readonly Subject[]): Finding | undefined => {
  const about = sample.filter((subject) => rule.compiled.covers(subject.doc.kind)).map((subject) => truthOf(rule, subject))
  const judged = about.filter((truth) => truth.about !== false)
  if (judged.length < sampleMin || judged.some(({ holds }) => holds === true)) return undefined
  return {
    reason: 'refuses-everything',
    explanation: `“${rule.title}” would refuse all ${judged.length} it is about of what there is now, the next time anyone changes one. Assign it as a dry run first.`,
  }
}
