// The words of change sets, for list and page.
import { State, type Tone } from '../ui/state.tsx'
import type { ChangeSet } from '../api/types.ts'

const states: Record<ChangeSet['state'], { tone: Tone; word: string }> = {
  open: { tone: 'warn', word: 'Waiting' },
  done: { tone: 'good', word: 'Done' },
  refused: { tone: 'bad', word: 'Refused' },
  withdrawn: { tone: 'plain', word: 'Withdrawn' },
  expired: { tone: 'plain', word: 'Expired' },
  outdated: { tone: 'warn', word: 'Outdated' },
  failed: { tone: 'bad', word: 'Failed' },
}

export function ChangeSetState({ of }: { of: ChangeSet['state'] }) {
  const { tone, word } = states[of]
  return <State tone={tone}>{word}</State>
}

/** `roleAssignmentApply` as people read it. */
export const operationWords = (operationId: string): string => {
  const words = operationId
    .replaceAll(/([A-Z])/g, ' $1')
    .toLowerCase()
    .split(' ')
  const verb = words.pop() ?? ''
  const noun = words.join(' ')
  return noun === '' ? verb : `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${noun}`
}
