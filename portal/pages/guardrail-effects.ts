import type { Tone } from '../ui/state.tsx'

export const effectTones: Record<string, Tone> = {
  deny: 'bad',
  modify: 'accent',
  audit: 'plain',
  remediate: 'accent',
  manual: 'warn',
}

export const effectWords: Record<string, string> = {
  deny: 'Refuse what does not hold',
  modify: 'Correct it while it is written',
  audit: 'Only report it',
  remediate: 'Correct what exists, when started',
  manual: 'A person attests it',
  disabled: 'Do nothing',
}
