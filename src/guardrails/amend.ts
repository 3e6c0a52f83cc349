// `modify`: what guardrails make of a document while it is written. Repeated until nothing changes, so that doing it again changes nothing.
import { problem } from '#platform/problem.ts'
import { patched, pending } from './language/change.ts'
import type { Rule } from './rules.ts'
import type { GuardrailDocument, Patch } from './schema.ts'
import { exemptionFor, runOf, truthOf, type Subject } from './verdict.ts'

export const guardrailConflict = problem('guardrail-conflict', 409, 'Two guardrails want different things')

export type Amended = { readonly doc: GuardrailDocument; readonly changes: ReadonlyMap<Rule, readonly Patch[]> }

/** Each path is set once at most, so this ends. Throws `guardrail-conflict` where two want different ones. */
export const amended = (rules: readonly Rule[], subject: Subject): Amended => {
  const modifying = rules.filter(({ effect, enforced }) => effect === 'modify' && enforced)
  const changes = new Map<Rule, Patch[]>()
  let { doc } = subject
  for (let settled = false; !settled;) {
    settled = true
    for (const rule of modifying)
      for (const patch of wanted(rule, { ...subject, doc })) {
        const made = patched(doc, patch)
        if (!made) continue
        refuseFight(changes, rule, patch)
        changes.set(rule, [...(changes.get(rule) ?? []), patch])
        doc = made
        settled = false
      }
  }
  return { doc, changes }
}

const wanted = (rule: Rule, subject: Subject): Patch[] => {
  const { about, holds } = truthOf(rule, subject)
  if (about !== true || holds === true || exemptionFor(rule, subject)) return []
  return pending(rule.compiled.modify, runOf(subject))
}

/** What is set is only ever set again because another undid it. */
const refuseFight = (changes: ReadonlyMap<Rule, readonly Patch[]>, rule: Rule, { path }: Patch): void => {
  if (![...changes.values()].flat().some((made) => made.path === path)) return
  const other = [...changes].find(([one, made]) => one !== rule && made.some((patch) => overlap(patch.path, path)))?.[0] ?? rule
  throw guardrailConflict(
    `${rule.title} (${rule.assignment}) and ${other.title} (${other.assignment}) want different values of ${path}. Exclude this place from one of the two.`,
    { path, guardrails: [other.guardrail, rule.guardrail], assignments: [other.assignment, rule.assignment] },
  )
}

const overlap = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
