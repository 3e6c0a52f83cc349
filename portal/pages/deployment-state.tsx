import { Tooltip } from '@mantine/core'
import { State, type Tone } from '../ui/state.tsx'

const shown: Record<string, { word: string; tone: Tone; busy?: boolean }> = {
  ready: { word: 'Ready', tone: 'good' },
  starting: { word: 'Starting', tone: 'warn', busy: true },
  restarting: { word: 'Restarting', tone: 'warn', busy: true },
  failed: { word: 'Failed', tone: 'bad' },
  stopped: { word: 'Stopped', tone: 'plain' },
}

export function DeploymentState({ state, message }: { state: string | undefined; message?: string | undefined }) {
  const { word, tone, busy } = shown[state ?? ''] ?? { word: 'Not started', tone: 'plain' as const }
  const told = (
    <State tone={tone} busy={busy}>
      {word}
    </State>
  )
  return message ? (
    <Tooltip label={message} multiline maw={360}>
      <span tabIndex={0}>{told}</span>
    </Tooltip>
  ) : (
    told
  )
}
