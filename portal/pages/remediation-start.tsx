import { Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post } from '../api/client.ts'
import { guardrailAssignments } from '../api/queries.ts'
import type { RemediationPreview } from '../api/types.ts'
import { counted } from '../ui/format.ts'
import { Notice, Tag, type Tone } from '../ui/state.tsx'
import { useAssignmentTitles } from './exemptions.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import css from './compliance.module.css'

const perMinuteDefault = 60

export function StartRemediation({ onDone }: { onDone: () => void }) {
  const { data } = useQuery(guardrailAssignments)
  const titleOf = useAssignmentTitles()
  const [assignment, setAssignment] = useState<string | null>(null)
  const [perMinute, setPerMinute] = useState(perMinuteDefault)
  const [reason, setReason] = useState('')
  const queries = useQueryClient()
  const given = { assignment, perMinute, ...(reason.trim() ? { reason: reason.trim() } : {}) }
  const preview = useMutation({ mutationFn: () => post<RemediationPreview>('/remediations', { ...given, dryRun: true }) })
  const start = useMutation({
    mutationFn: () => post('/remediations', given),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['remediations'] })
      tell('It is being put right')
      onDone()
    },
    onError: tellFailure,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    start.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label="What was assigned"
          data={(data?.items ?? []).map(({ id }) => ({ value: id, label: titleOf(id) }))}
          value={assignment}
          onChange={(next) => {
            setAssignment(next)
            preview.reset()
          }}
          allowDeselect={false}
          searchable
          nothingFoundMessage="Nothing is assigned"
        />
        <Group grow align="flex-start">
          <NumberInput
            label="At most a minute"
            description="So that nothing else waits, and there is time to stop"
            value={perMinute}
            onChange={(next) => setPerMinute(Number(next))}
            min={1}
            max={600}
            allowDecimal={false}
          />
          <TextInput
            label="Reason (optional)"
            description="It stays on record"
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            maxLength={500}
          />
        </Group>
        <div aria-live="polite">{preview.data && <Preview of={preview.data} />}</div>
        <Fault error={preview.error ?? start.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" disabled={!assignment} loading={preview.isPending} onClick={() => preview.mutate()}>
            Show every change
          </Button>
          <Button type="submit" disabled={!preview.data || preview.data.total === 0} loading={start.isPending}>
            {preview.data ? `Put ${counted(preview.data.total, 'thing')} right` : 'Put it right'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const tones: Record<RemediationPreview['items'][number]['outcome'], Tone> = {
  rewrite: 'good',
  locked: 'warn',
  refused: 'bad',
  'set-aside': 'warn',
}

function Preview({ of: { total, items } }: { of: RemediationPreview }) {
  if (total === 0) return <Notice tone="good">Nothing needs to be put right.</Notice>
  return (
    <Stack gap="xs">
      <Text size="sm">
        {counted(total, 'thing')} would be changed
        {total > items.length && `; the first ${items.length} are shown`}.
      </Text>
      <ul className={css.preview}>
        {items.map(({ resource, outcome, explanation, changes }) => (
          <li key={resource.id}>
            <b>
              {resource.kind} {resource.name}
            </b>{' '}
            in {resource.scope} <Tag tone={tones[outcome]}>{outcome}</Tag> {explanation}
            {changes.map(({ path, before, after }) => (
              <div key={path} className={css.line}>
                {path}: <del>{shown(before)}</del> → <ins>{shown(after)}</ins>
              </div>
            ))}
          </li>
        ))}
      </ul>
    </Stack>
  )
}

const shown = (value: unknown): string => (value === undefined || value === null ? 'not set' : JSON.stringify(value))
