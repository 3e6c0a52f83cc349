// What a guardrail would say of what there is, before it is put to work. Nothing is changed by asking.
import { Button, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { post } from '../api/client.ts'
import type { Tried } from '../api/types.ts'
import { counted } from '../ui/format.ts'
import { Parts } from '../ui/parts.tsx'
import { Notice } from '../ui/state.tsx'
import css from './guardrails.module.css'
import { Fault } from './failure.tsx'

export function TryGuardrail({ given }: { given: () => object }) {
  const tried = useMutation({ mutationFn: () => post<Tried>('/guardrails/try', given()) })
  return (
    <Stack gap="xs">
      <Button
        variant="default"
        size="compact-md"
        style={{ alignSelf: 'flex-start' }}
        loading={tried.isPending}
        onClick={() => tried.mutate()}
      >
        Try it on what is here
      </Button>
      <Fault error={tried.error} />
      <div aria-live="polite">{tried.data && <Told of={tried.data} />}</div>
    </Stack>
  )
}

function Told({ of: { judged, more, counts, samples, lockOut } }: { of: Tried }) {
  if (judged === 0) return <Notice>There is nothing here that it would be about.</Notice>
  return (
    <Stack gap="xs">
      {lockOut && <Notice tone="bad">{lockOut.explanation}</Notice>}
      <Parts
        label={`Of ${counted(judged, 'resource')}`}
        parts={[
          { name: 'compliant', value: counts.compliant, tone: 'good' },
          { name: 'non-compliant', value: counts['non-compliant'], tone: 'bad' },
          { name: 'unknown', value: counts.unknown, tone: 'warn' },
          { name: 'not applicable', value: counts['not-applicable'], tone: 'plain' },
        ]}
      />
      {samples.length > 0 && (
        <ul className={css.samples}>
          {samples.map(({ resource, message, state }) => (
            <li key={resource.id}>
              <b>
                {resource.kind} {resource.name}
              </b>{' '}
              in {resource.scope}: {message ?? state}
            </li>
          ))}
        </ul>
      )}
      {more && (
        <Text size="sm" c="dimmed">
          There is more that was not looked at.
        </Text>
      )}
    </Stack>
  )
}
