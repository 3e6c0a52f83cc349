import type { EntryItem } from '../api/types.ts'
import { Tag, type Tone } from '../ui/state.tsx'

const tones: Record<EntryItem['outcome'], Tone> = { done: 'good', denied: 'bad', failed: 'bad', cancelled: 'warn' }
export const Outcome = ({ outcome }: { outcome: EntryItem['outcome'] }) => <Tag tone={tones[outcome] ?? 'plain'}>{outcome}</Tag>
