// Judging a slice: what guardrails say of these things now, kept with when and against what; and who made the difference, where there is one.
import { setImmediate as turn } from 'node:timers/promises'
import { guardrailsVersion, judgeOf, type GuardrailDocument, type Verdict } from '#guardrails'
import { findScopes } from '#policy'
import { authorsOf, judgeable, type Judgeable } from '#resources'
import { monotonicMs } from '#platform/clock.ts'
import { afterCommit, type Context } from '#platform/context.ts'
import { keyOf, rememberRules, ruleNumbers, type RuleNumbers } from './state-rules.ts'
import {
  sameFinding,
  settle,
  transitions,
  type Finding,
  type Ruled,
  type Settled,
  type Transition,
  type Vouched,
} from './state.ts'
import {
  findBefore,
  findVouched,
  findWithdrawn,
  removeSubjects,
  removeFindings,
  writeFindings,
  writeSubjects,
  writeTransitions,
  type Before,
  type Change,
  type Stamp,
  type Subject,
} from './state-store.ts'

/** Older verdicts read as stale. A sweep comes much more often. */
export const freshHoursMax = 24
/** So long at most other work waits for a judge. */
const turnMs = 4
const findingsPerTurn = 1_000

export type ToJudge = { readonly subject: Subject; readonly doc: GuardrailDocument }

const toJudge = ({ doc, ref, generation }: Judgeable): ToJudge => ({
  doc,
  subject: {
    id: ref.id,
    kind: ref.kind,
    name: doc.name,
    observed: false,
    scopeId: ref.scope,
    owner: ref.owner,
    labels: ref.labels,
    rank: ref.label.rank,
    caveats: ref.label.caveats,
    generation,
  },
})

/** Resources, by their ids; those that are gone are forgotten. What is known is looked up first: what is marked while documents are read stays marked. */
export const judgeResources = async (tx: Context, ids: readonly string[]): Promise<number> => {
  const before = await findBefore(tx, ids)
  const given = (await judgeable(tx, ids)).map(toJudge)
  await judgeGiven(tx, given, before)
  const there = new Set(given.map(({ subject }) => subject.id))
  await removeSubjects(
    tx,
    [...before.keys()].filter((id) => !there.has(id)),
  )
  return given.length
}

export const judgeObserved = async (tx: Context, given: readonly ToJudge[]): Promise<void> =>
  judgeGiven(
    tx,
    given,
    await findBefore(
      tx,
      given.map(({ subject }) => subject.id),
    ),
  )

const judgeGiven = async (tx: Context, given: readonly ToJudge[], before: ReadonlyMap<string, Before>): Promise<void> => {
  if (given.length === 0) return
  const version = await guardrailsVersion(tx) // before the verdicts: what changes meanwhile makes them stale, not the other way
  const docs = given.map(({ doc }) => doc)
  const verdicts = await inTurns(docs, await judgeOf(tx, docs))
  const numbers = await ruleNumbers(tx, version)
  const vouched = await vouchedFor(tx, given, verdicts)
  const stamp: Stamp = { version, at: tx.now(), freshUntil: new Date(tx.now().getTime() + freshHoursMax * 3_600_000) }
  const made = await inTurns(given, ({ subject, doc }, i): Made => {
    const ruled = ruledOf(verdicts[i]!, numbers, (verdict) => vouched(doc, verdict))
    const [was, settled] = [before.get(subject.id), settle(ruled)]
    return { subject, before: was, ruled, settled, ...difference(was?.findings ?? [], settled.findings) }
  })
  await write(tx, made, numbers, stamp)
  afterCommit(tx, () => rememberRules(tx.site, version, numbers))
}

/** A few at a time: whatever waits for this process comes in between. */
const inTurns = async <T, R>(items: readonly T[], make: (item: T, i: number) => R): Promise<R[]> => {
  const made: R[] = []
  let sinceMs = monotonicMs()
  for (const [i, item] of items.entries()) {
    made.push(make(item, i))
    if (monotonicMs() - sinceMs < turnMs) continue
    await turn()
    sinceMs = monotonicMs()
  }
  return made
}

/** A rule that was assigned a moment ago has no number yet: its verdict is made when the new version is judged. */
const ruledOf = (
  verdicts: readonly Verdict[],
  numbers: RuleNumbers,
  vouched: (verdict: Verdict) => Vouched | undefined,
): Ruled[] =>
  verdicts.flatMap((verdict) => {
    const rule = numbers.get(keyOf(verdict))
    return rule === undefined ? [] : [{ rule, verdict, vouched: vouched(verdict) }]
  })

const vouchedFor = async (tx: Context, given: readonly ToJudge[], verdicts: readonly (readonly Verdict[])[]) => {
  const manual = given.filter((_, i) => verdicts[i]!.some(({ effect, state }) => effect === 'manual' && state === 'unknown'))
  if (manual.length === 0) return () => undefined
  const scopes = await findScopes(tx, [...new Set(manual.flatMap(({ doc }) => [doc.scopeId, doc.id]))])
  const above = (doc: GuardrailDocument) => (scopes.get(doc.id) ?? scopes.get(doc.scopeId))?.ancestors ?? []
  const found = await findVouched(tx, {
    subjects: manual.map(({ doc }) => doc.id),
    scopes: [...new Set(manual.flatMap(({ doc }) => above(doc)))],
  })
  return (doc: GuardrailDocument, verdict: Verdict): Vouched | undefined =>
    verdict.effect === 'manual'
      ? [doc.id, ...above(doc)].map((where) => found.get(`${keyOf(verdict)} ${where}`)).find((one) => one !== undefined)
      : undefined
}

type Made = {
  readonly subject: Subject
  readonly before: Before | undefined
  readonly ruled: readonly Ruled[]
  readonly settled: Settled
  readonly gone: readonly Finding[]
  readonly found: readonly Finding[]
}

/** What is no longer found, and what is found that was not, or not so. */
const difference = (was: readonly Finding[], is: readonly Finding[]): Pick<Made, 'gone' | 'found'> => ({
  gone: was.filter(({ rule }) => !is.some((one) => one.rule === rule)),
  found: is.filter((one) => !was.some((other) => sameFinding(one, other))),
})

const isSame = (before: Before, { settled: { compliant }, gone, found }: Made): boolean =>
  gone.length + found.length === 0 &&
  compliant.length === before.compliant.length &&
  compliant.every((rule, i) => rule === before.compliant[i])

const write = async (tx: Context, made: readonly Made[], numbers: RuleNumbers, stamp: Stamp): Promise<void> => {
  await writeSubjects(
    tx,
    made.map(({ subject, settled, before }) => ({ subject, settled, due: before?.due ?? 0 })),
    stamp,
  )
  const gone = made.flatMap(({ subject: { id }, gone: some }) => some.map(({ rule }) => ({ subject: id, rule })))
  await removeFindings(tx, gone)
  const found = made.flatMap(({ subject: { id }, found: some }) => some.map((finding) => ({ subject: id, finding })))
  for (let i = 0; i < found.length; i += findingsPerTurn) await writeFindings(tx, found.slice(i, i + findingsPerTurn), stamp.at)
  await writeTransitions(tx, await changesOf(tx, made, numbers, stamp), stamp)
}

const changesOf = async (tx: Context, made: readonly Made[], numbers: RuleNumbers, { version }: Stamp): Promise<Change[]> => {
  const different = made.flatMap((one) => {
    // The first judgement of a thing is where its history begins, not a change in it.
    if (!one.before?.judged || isSame(one.before, one)) return []
    const found = transitions(one.before, one.settled, one.ruled)
    return found.length === 0 ? [] : [{ ...one, before: one.before, found }]
  })
  const changed = different.filter(({ subject, before }) => subject.generation !== before.generation)
  const authors = await authorsOf(
    tx,
    changed.flatMap(({ subject: { id, generation } }) => (generation === undefined ? [] : [{ id, generation }])),
  )
  const byId = new Map(authors.map((author) => [author.id, author]))
  const names = new Map([...numbers].map(([key, rule]) => [rule, key]))
  const attestation = (before: Before, { rule }: Transition) =>
    before.findings.find((one) => one.rule === rule)?.attestation ?? ''
  const withdrawn = await findWithdrawn(
    tx,
    different.flatMap(({ before, found }) => found.map((one) => attestation(before, one)).filter((id) => id !== '')),
  )
  return different.flatMap(({ subject, before, found }) =>
    found.flatMap((transition): Change[] => {
      const [assignment, guardrail] = names.get(transition.rule)?.split(' ') ?? []
      if (assignment === undefined || guardrail === undefined) return [] // it is no longer assigned, and says nothing of the thing
      const author = subject.generation === before.generation ? undefined : byId.get(subject.id)
      const by = transition.vouched?.actor ?? withdrawn.get(attestation(before, transition))
      return [{ subject, assignment, guardrail, ...causeOf(transition, { author, by, sameVersion: before.version === version }) }]
    }),
  )
}

type Behind = {
  /** Of the change that was made to the thing. */
  readonly author: { actor: string; requestId: string } | undefined
  /** Who attested it, or took that back. */
  readonly by: string | undefined
  readonly sameVersion: boolean
}

const causeOf = (
  { was, became }: Transition,
  { author, by, sameVersion }: Behind,
): Pick<Change, 'was' | 'became' | 'cause' | 'actor' | 'request'> => {
  if (author) return { was, became, cause: 'change', actor: author.actor, request: author.requestId }
  if (by !== undefined) return { was, became, cause: 'attestation', actor: by, request: undefined }
  return { was, became, cause: sameVersion ? 'observed' : 'guardrails', actor: undefined, request: undefined }
}
