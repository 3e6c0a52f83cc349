// Compliance as it is kept: what a judgement of one thing changes in what was known of it. Pure; the clock is handed in.
import type { Verdict } from '#guardrails'

/** From best to worst. `stale` is never kept: it is what reading makes of a verdict that may no longer hold. */
export const kept = ['compliant', 'exempt', 'unknown', 'non-compliant'] as const
export type Kept = (typeof kept)[number]

/** What a reader is told. */
export const states = ['compliant', 'non-compliant', 'exempt', 'stale', 'unknown'] as const
export type State = (typeof states)[number]

/** A verdict that says more than that it holds. */
export type Finding = {
  readonly rule: number
  readonly state: Kept
  /** Until when, and what it is from then on. */
  readonly until: string | undefined
  readonly after: 'unknown' | 'non-compliant' | undefined
  readonly message: string | undefined
  readonly exemption: string | undefined
  readonly attestation: string | undefined
  readonly remediable: boolean
}

/** What someone vouched for, where nothing else can tell. */
export type Vouched = { readonly id: string; readonly expiresAt: string; readonly actor: string }

/** What is known of one thing. */
export type Known = { readonly compliant: readonly number[]; readonly findings: readonly Finding[] }

export type Settled = Known & { readonly state: Kept | undefined; readonly until: string | undefined }
export type Transition = {
  readonly rule: number
  readonly was: Kept | undefined
  readonly became: Kept | undefined
  readonly vouched?: Vouched | undefined
}

export type Ruled = { readonly rule: number; readonly verdict: Verdict; readonly vouched: Vouched | undefined }

export const settle = (ruled: readonly Ruled[]): Settled => {
  const about = ruled.filter(({ verdict }) => verdict.state !== 'not-applicable')
  const compliant = about.filter(({ verdict }) => verdict.state === 'compliant').map(({ rule }) => rule)
  const findings = about.filter(({ verdict }) => verdict.state !== 'compliant').map(findingOf)
  const untils = findings.flatMap(({ until }) => until ?? [])
  return {
    compliant: compliant.sort((a, b) => a - b),
    findings,
    state: about.length === 0 ? undefined : worst(findings.map(({ state }) => state)),
    until: untils.length === 0 ? undefined : untils.reduce((first, one) => (one < first ? one : first)),
  }
}

export const worst = (of: readonly Kept[]): Kept =>
  of.reduce<Kept>((so, one) => (kept.indexOf(one) > kept.indexOf(so) ? one : so), 'compliant')

const findingOf = ({ rule, verdict, vouched }: Ruled): Finding => {
  const { state, effect, message, exemption, exemptUntil, changes } = verdict
  const said = { rule, message, exemption, attestation: undefined, remediable: effect === 'remediate' && changes !== undefined }
  if (state === 'exempt')
    // What it would be without is not judged while it is exempt: it is taken for the worst, until someone looks.
    return { ...said, state, until: isoOf(exemptUntil), after: effect === 'manual' ? 'unknown' : 'non-compliant' }
  if (vouched && state === 'unknown' && effect === 'manual')
    return {
      ...said,
      state: 'compliant',
      message: undefined,
      attestation: vouched.id,
      until: isoOf(vouched.expiresAt),
      after: 'unknown',
    }
  return { ...said, state: state as Kept, until: undefined, after: undefined } // the two others were filtered out
}

/** As PostgreSQL will give it back, so that the same is seen to be the same. */
const isoOf = (text: string | undefined): string | undefined => (text === undefined ? undefined : new Date(text).toISOString())

/** What became different, rule by rule. */
export const transitions = (before: Known, after: Known, ruled: readonly Ruled[]): Transition[] => {
  const [was, is] = [byRule(before), byRule(after)]
  const vouched = new Map(ruled.map((one) => [one.rule, one.vouched]))
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((rule) => was.get(rule) !== is.get(rule))
    .map((rule) => ({
      rule,
      was: was.get(rule),
      became: is.get(rule),
      ...(is.get(rule) === 'compliant' && vouched.get(rule) ? { vouched: vouched.get(rule) } : {}),
    }))
}

const byRule = ({ compliant, findings }: Known): Map<number, Kept> =>
  new Map([
    ...compliant.map((rule): [number, Kept] => [rule, 'compliant']),
    ...findings.map(({ rule, state }): [number, Kept] => [rule, state]),
  ])

export const sameFinding = (a: Finding, b: Finding): boolean =>
  a.rule === b.rule &&
  a.state === b.state &&
  a.until === b.until &&
  a.after === b.after &&
  a.message === b.message &&
  a.exemption === b.exemption &&
  a.attestation === b.attestation &&
  a.remediable === b.remediable
