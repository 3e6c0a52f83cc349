// The five states a verdict can be in, each a word before it is a colour.
import type { Counts } from '../api/types.ts'
import type { Part } from '../ui/parts.tsx'
import { Tag, type Tone } from '../ui/state.tsx'

export const states = ['compliant', 'non-compliant', 'exempt', 'stale', 'unknown'] as const
export type ComplianceState = (typeof states)[number]

const tones: Record<ComplianceState, Tone> = {
  compliant: 'good',
  'non-compliant': 'bad',
  exempt: 'accent',
  stale: 'warn',
  unknown: 'plain',
}

/** For charts, which know colours and no tones. */
export const colours: Record<ComplianceState, string> = {
  compliant: 'teal.6',
  'non-compliant': 'red.6',
  exempt: 'blue.5',
  stale: 'yellow.6',
  unknown: 'gray.5',
}

export const ComplianceState = ({ of }: { of: ComplianceState }) => <Tag tone={tones[of]}>{of}</Tag>

export const partsOf = (counts: Counts): Part[] => states.map((name) => ({ name, value: counts[name], tone: tones[name] }))

export const totalOf = (counts: Counts): number => states.reduce((sum, state) => sum + counts[state], 0)

/** Of what could be judged; undefined where nothing was. */
export const shareCompliant = (counts: Counts): number | undefined => {
  const whole = totalOf(counts)
  return whole === 0 ? undefined : counts.compliant / whole
}
