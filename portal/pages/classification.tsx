// How a thing is labelled and how much depends on it, in a word each.
import { Tag, type Tone } from '../ui/state.tsx'

export function Classification({ of: { level, caveats } }: { of: { level: string; caveats: string[] } }) {
  if (level === '' && caveats.length === 0) return <span style={{ color: 'var(--hf-muted)' }}>none</span>
  return <Tag tone="accent">{[level, ...caveats].filter(Boolean).join(' · ')}</Tag>
}

const tones: Record<string, Tone> = { low: 'plain', medium: 'plain', high: 'warn', mission: 'bad' }

export function Criticality({ of }: { of: string }) {
  return <Tag tone={tones[of] ?? 'plain'}>{of}</Tag>
}
