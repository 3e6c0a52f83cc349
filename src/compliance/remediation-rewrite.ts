// One thing, made as its guardrail wants it: as it is now, not as it was when it was judged; by the same way that everyone changes things.
import { isDeepStrictEqual } from 'node:util'
import { governingKinds, judge, patched, type GuardrailDocument, type Verdict } from '#guardrails'
import { obligationsFor } from '#policy'
import { apply, authorsOf, judgeable, locked, type Judgeable, type Resource } from '#resources'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/problem.ts'
import { rewritesOf, type ItemState, type Running } from './remediation-store.ts'

/** So often is one thing rewritten within an hour before it is left alone: someone or something else wants it otherwise. */
export const rewritesMax = 3

/** Who writes these decides who may do what: a guardrail that could have them rewritten would hand out rights without anyone's. */
export const neverRewritten: readonly string[] = [
  ...governingKinds,
  'role',
  'role-assignment',
  'clearance',
  'classification-scheme',
  'approval-rule',
  'lock',
]

export type Difference = { path: string; before?: unknown; after?: unknown }
export type Rewrite = {
  readonly outcome: ItemState | 'compliant'
  readonly explanation?: string
  readonly generation: number
  readonly guardrails: readonly string[]
  readonly changes: readonly Difference[]
}

export type Wanted = Pick<Running, 'assignment' | 'guardrails' | 'approved' | 'reason'> & { readonly id?: string }

/** Undefined: it is gone. What is refused changes nothing; the caller takes back what was tried. */
export const rewrite = async (tx: Context, wanted: Wanted, subject: string): Promise<Rewrite | undefined> => {
  const [found] = await judgeable(tx, [subject])
  if (!found) return undefined
  const { generation } = found
  const verdicts = await pendingVerdicts(tx, found.doc, wanted)
  const guardrails = verdicts.map(({ guardrail }) => guardrail)
  const nothing = { generation, guardrails, changes: [] }
  if (verdicts.length === 0) return { ...nothing, outcome: 'compliant' }
  const refusal = (await refusalOf(tx, found, wanted)) ?? (await fightOf(tx, found))
  if (refusal) return { ...nothing, ...refusal }
  const made = documentWith(found.doc, verdicts)
  if (!made) return { ...nothing, outcome: 'refused', explanation: 'Something else is where its value would go.' }
  const { resource } = await apply(tx, desiredOf(made), {
    ifMatch: `"${subject}.${generation}"`,
    reason: `${wanted.reason ?? 'Remediated'} (${guardrails.join(', ')})`.slice(0, 1_000),
  })
  return { outcome: 'rewritten', generation: resource.generation, guardrails, changes: differences(found.doc, resource) }
}

/** Refusals by a lock, a guardrail, a form: told with what it was about, not thrown. */
export const refusedBy = (error: unknown): { outcome: 'locked' | 'refused'; explanation: string } => {
  if (!(error instanceof Problem)) throw error
  return { outcome: error.code === locked.code ? 'locked' : 'refused', explanation: error.message }
}

const pendingVerdicts = async (tx: Context, doc: GuardrailDocument, { assignment, guardrails }: Wanted): Promise<Verdict[]> => {
  const [verdicts = []] = await judge(tx, [doc])
  return verdicts.filter(
    (verdict) =>
      verdict.assignment === assignment &&
      (guardrails === null || guardrails.includes(verdict.guardrail)) &&
      verdict.effect === 'remediate' &&
      verdict.state === 'non-compliant' &&
      verdict.changes !== undefined,
  )
}

type Refusal = { outcome: 'refused' | 'set-aside'; explanation: string }

const refusalOf = async (tx: Context, { doc, ref }: Judgeable, { approved }: Wanted): Promise<Refusal | undefined> => {
  if (neverRewritten.includes(doc.kind))
    return { outcome: 'refused', explanation: `A ${doc.kind} is never rewritten by a guardrail: it decides what others may do.` }
  if (approved) return undefined
  const [obligation] = await obligationsFor(tx, tx.actor, `${doc.kind}.apply`, ref)
  return (
    obligation && {
      outcome: 'refused',
      explanation: `${doc.kind}.apply needs approval here (${obligation.rule}), and this remediation was started without. Start it as a change set, so that others approve it.`,
    }
  )
}

const fightOf = async (tx: Context, { ref: { id }, generation }: Judgeable): Promise<Refusal | undefined> => {
  const made = await rewritesOf(tx, id)
  if (made.length < rewritesMax) return undefined
  const others = [...new Set(made.map(({ remediation, assignment }) => `${remediation} (of ${assignment})`))]
  const [author] = await authorsOf(tx, [{ id, generation }])
  return {
    outcome: 'set-aside',
    explanation: `It was rewritten ${made.length} times within an hour by ${others.join(' and ')}, and each time it was changed back, last by ${author?.actor ?? 'someone'}. It is left as it is: agree on what it should be, then start a remediation again.`,
  }
}

const documentWith = (doc: GuardrailDocument, verdicts: readonly Verdict[]): GuardrailDocument | undefined => {
  let made: GuardrailDocument | undefined = doc
  for (const patch of verdicts.flatMap(({ changes = [] }) => changes)) made = made && patched(made, patch)
  return made
}

const desiredOf = ({ kind, scope, name, labels, criticality, spec }: GuardrailDocument) => ({
  kind,
  scope,
  name,
  labels: { ...labels },
  ...(criticality === undefined ? {} : { criticality: criticality as 'low' }), // one of four words: the language holds it to them
  spec: { ...spec },
})

const differencesMax = 100

/** Exactly what became different, member by member. */
const differences = (before: GuardrailDocument, after: Resource): Difference[] =>
  [
    ...compared('labels', before.labels, after.labels),
    ...compared('criticality', before.criticality, after.criticality),
    ...compared('spec', before.spec, after.spec),
  ].slice(0, differencesMax)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const compared = (path: string, before: unknown, after: unknown): Difference[] => {
  if (isDeepStrictEqual(before, after)) return []
  if (!isRecord(before) || !isRecord(after))
    return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((member) =>
    compared(`${path}.${member}`, before[member], after[member]),
  )
}
