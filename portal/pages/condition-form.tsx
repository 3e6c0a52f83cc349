// The conditions one needs most, each by itself; all that are filled in must hold. What is more involved is written in a file and applied.
import { Button, Collapse, Group, MultiSelect, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { scheme as schemeQuery } from '../api/queries.ts'

type Draft = {
  networks: string[]
  factor: string | null
  days: string[]
  from: string
  to: string
  atMost: string | null
  label: string
  values: string[]
}
const nothing: Draft = { networks: [], factor: null, days: [], from: '', to: '', atMost: null, label: '', values: [] }
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const factors = [
  { value: 'passkey', label: 'A passkey' },
  { value: 'totp', label: 'A one-time code' },
]

const conditionOf = (draft: Draft): unknown => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const parts = [
    draft.networks.length > 0 && { networks: draft.networks },
    draft.factor && { factor: draft.factor },
    draft.from &&
      draft.to && { time: { ...(draft.days.length > 0 ? { days: draft.days } : {}), from: draft.from, to: draft.to, zone } },
    draft.atMost && { classification: { atMost: draft.atMost } },
    draft.label && draft.values.length > 0 && { label: { name: draft.label, in: draft.values } },
  ].filter(Boolean)
  return parts.length > 1 ? { all: parts } : parts[0]
}

export function ConditionForm({ onChange }: { onChange: (condition: unknown) => void }) {
  const [opened, setOpened] = useDisclosure(false)
  const [draft, setDraft] = useState(nothing)
  const { data: scheme } = useQuery(schemeQuery)
  const set = (part: Partial<Draft>) => {
    const next = { ...draft, ...part }
    setDraft(next)
    onChange(conditionOf(next))
  }
  return (
    <div>
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={setOpened.toggle}
        aria-expanded={opened}
        rightSection={<IconChevronDown size={14} style={opened ? { transform: 'rotate(180deg)' } : {}} />}
      >
        Only under conditions
      </Button>
      <Collapse expanded={opened}>
        <Stack gap="sm" mt="xs">
          <Group grow align="flex-start">
            <TagsInput
              label="From these networks"
              placeholder="10.20.0.0/16"
              value={draft.networks}
              onChange={(networks) => set({ networks })}
            />
            <Select
              label="Signed in with"
              data={factors}
              value={draft.factor}
              onChange={(factor) => set({ factor })}
              clearable
              placeholder="Anything"
            />
          </Group>
          <Group grow align="flex-start">
            <MultiSelect
              label="On these days"
              data={days}
              value={draft.days}
              onChange={(chosen) => set({ days: days.filter((day) => chosen.includes(day)) })}
            />
            <TextInput label="From" type="time" value={draft.from} onChange={({ target }) => set({ from: target.value })} />
            <TextInput label="To" type="time" value={draft.to} onChange={({ target }) => set({ to: target.value })} />
          </Group>
          <Group grow align="flex-start">
            <Select
              label="On what is classified at most"
              data={(scheme?.levels ?? []).map(({ name, title }) => ({ value: name, label: title }))}
              value={draft.atMost}
              onChange={(atMost) => set({ atMost })}
              clearable
              placeholder="Any level"
            />
            <TextInput
              label="On what has the label"
              placeholder="environment"
              value={draft.label}
              onChange={({ target }) => set({ label: target.value.trim() })}
            />
            <TagsInput label="with one of" placeholder="test" value={draft.values} onChange={(values) => set({ values })} />
          </Group>
        </Stack>
      </Collapse>
    </div>
  )
}
