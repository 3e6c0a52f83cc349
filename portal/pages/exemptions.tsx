// What is let off, why, by what it is made up for, and for how much longer.
import { Button, Group, Modal, SegmentedControl, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDoorExit, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put, remove } from '../api/client.ts'
import { useAssignables } from '../api/guardrails.ts'
import { exemptions as exemptionsQuery, guardrailAssignments } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Exemption } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Countdown } from '../ui/countdown.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'
import { ScopePicker } from './scope-picker.tsx'

export function Exemptions() {
  const list = useQuery(exemptionsQuery)
  const titleOf = useAssignmentTitles()
  const nameOf = usePrincipalNames()
  const may = useMayPerhaps()
  const [asking, setAsking] = useDisclosure(false)
  const [chosen, setChosen] = useState<Exemption>()
  const queries = useQueryClient()
  const take = useMutation({
    mutationFn: ({ id }: Exemption) => remove(`/exemptions/${id}`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  if (list.error) return <Fault error={list.error} />
  const soonest = [...(list.data?.items ?? [])].sort((a, b) => (a.spec.expiresAt < b.spec.expiresAt ? -1 : 1))
  return (
    <Panel
      title="Exemptions"
      flush
      actions={
        may('exemption.apply') && (
          <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={setAsking.open}>
            Ask for one
          </Button>
        )
      }
    >
      <Table
        label="Exemptions"
        rows={soonest}
        rowKey={({ id }) => id}
        columns={{
          'From what': ({ spec }) => <b style={{ fontWeight: 550 }}>{titleOf(spec.assignment)}</b>,
          'Of what': ({ scope, spec }) => spec.resource ?? `all in ${scope}`,
          Why: ({ spec }) => (
            <>
              <Tag tone={spec.category === 'mitigated' ? 'good' : 'warn'}>{spec.category}</Tag> {spec.reason}
              {spec.compensatingControl && ` Instead: ${spec.compensatingControl}`}
            </>
          ),
          'Asked by': ({ owner }) => nameOf(owner),
          Left: ({ spec }) => <Countdown until={spec.expiresAt} />,
        }}
        end={(exemption) =>
          may('exemption.delete') && (
            <Button variant="default" size="compact-sm" onClick={() => setChosen(exemption)}>
              End
            </Button>
          )
        }
        empty={
          list.isPending ? (
            <div style={{ height: 160 }} />
          ) : (
            <Empty icon={<IconDoorExit size={20} />} title="Nothing is exempt">
              An exemption names its reason, what makes up for it and the day it ends; a second person approves it.
            </Empty>
          )
        }
      />
      <Modal opened={asking} onClose={setAsking.close} title="Ask for an exemption" size="lg">
        <Ask onDone={setAsking.close} />
      </Modal>
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title="End this exemption now?"
        act="End"
        busy={take.isPending}
        onConfirm={() => chosen && take.mutate(chosen)}
      >
        {chosen && `From now on ${titleOf(chosen.spec.assignment)} holds there like everywhere.`}
      </Confirm>
    </Panel>
  )
}

/** What an assignment is of, in words. */
export const useAssignmentTitles = (): ((id: string) => string) => {
  const { data } = useQuery(guardrailAssignments)
  const { all } = useAssignables()
  return (id) => {
    const found = data?.items.find((one) => one.id === id)
    if (!found) return id
    const title = all.find(({ ref }) => ref === (found.spec.initiative ?? found.spec.guardrail))?.title ?? found.name
    return found.scope === '/' ? title : `${title} (${found.scope})`
  }
}

function Ask({ onDone }: { onDone: () => void }) {
  const { data } = useQuery(guardrailAssignments)
  const titleOf = useAssignmentTitles()
  const [assignment, setAssignment] = useState<string | null>(null)
  const [scope, setScope] = useState('/')
  const [resource, setResource] = useState('')
  const [category, setCategory] = useState('mitigated')
  const [reason, setReason] = useState('')
  const [control, setControl] = useState('')
  const [until, setUntil] = useState('')
  const queries = useQueryClient()
  const ask = useMutation({
    mutationFn: () =>
      put('/exemptions', {
        scope,
        name: `exempt-${Date.now().toString(36)}`,
        spec: {
          assignment,
          category,
          reason,
          ...(resource.trim() ? { resource: resource.trim() } : {}),
          ...(control ? { compensatingControl: control } : {}),
          expiresAt: new Date(until).toISOString(),
        },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('It is exempt until then')
      onDone()
    },
    onError: tellFailure,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label="From what"
          data={(data?.items ?? []).map(({ id }) => ({ value: id, label: titleOf(id) }))}
          value={assignment}
          onChange={setAssignment}
          allowDeselect={false}
          searchable
          nothingFoundMessage="Nothing is assigned"
        />
        <ScopePicker label="Everything in" value={scope} onChange={setScope} />
        <TextInput
          label="Only this resource (optional)"
          description="Its id, as the inventory shows it"
          value={resource}
          onChange={({ target }) => setResource(target.value)}
        />
        <SegmentedControl
          aria-label="What is done instead"
          value={category}
          onChange={setCategory}
          data={[
            { value: 'mitigated', label: 'Something else makes up for it' },
            { value: 'waived', label: 'The risk is accepted' },
          ]}
        />
        <Textarea
          label="Why"
          value={reason}
          onChange={({ target }) => setReason(target.value)}
          maxLength={1000}
          autosize
          required
        />
        {category === 'mitigated' && (
          <Textarea
            label="What makes up for it"
            value={control}
            onChange={({ target }) => setControl(target.value)}
            maxLength={1000}
            autosize
            required
          />
        )}
        <Group grow align="flex-end">
          <TextInput
            label="Until"
            type="datetime-local"
            value={until}
            onChange={({ target }) => setUntil(target.value)}
            required
          />
        </Group>
        <Fault error={ask.error} />
        <Button type="submit" loading={ask.isPending} disabled={!assignment} style={{ alignSelf: 'flex-end' }}>
          Ask for it
        </Button>
      </Stack>
    </form>
  )
}
