// Putting right what guardrails know how to: shown exactly first, then done at a rate, watched, and stopped at any moment.
import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlayerStop, IconTool } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../api/client.ts'
import { remediations } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Remediation } from '../api/types.ts'
import { counted } from '../ui/format.ts'
import { Empty, Panel } from '../ui/page.tsx'
import { Parts } from '../ui/parts.tsx'
import { State } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import css from './compliance.module.css'
import { useAssignmentTitles } from './exemptions.tsx'
import { Fault, tellFailure } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'
import { RemediationOutcomes } from './remediation-outcomes.tsx'
import { StartRemediation } from './remediation-start.tsx'

export function Remediations() {
  const list = useQuery(remediations)
  const titleOf = useAssignmentTitles()
  const nameOf = usePrincipalNames()
  const may = useMayPerhaps()
  const [starting, setStarting] = useDisclosure(false)
  const [shown, setShown] = useState<Remediation>()
  if (list.error) return <Fault error={list.error} />
  return (
    <Panel
      title="Remediation"
      flush
      actions={
        may('remediation.control') && (
          <Button variant="default" size="compact-sm" leftSection={<IconTool size={14} />} onClick={setStarting.open}>
            Put something right
          </Button>
        )
      }
    >
      <Table
        label="Remediations"
        rows={list.data?.items ?? []}
        rowKey={({ id }) => id}
        onOpen={setShown}
        columns={{
          What: (remediation) => (
            <Button variant="transparent" px={0} size="compact-sm" onClick={() => setShown(remediation)}>
              {titleOf(remediation.assignment)}
            </Button>
          ),
          Where: ({ scope }) => (scope === '/' ? 'The whole organisation' : scope),
          State: ({ state, stoppedBecause }) => (
            <State tone={state === 'running' ? 'accent' : 'plain'} busy={state === 'running'}>
              {state}
              {stoppedBecause && `: ${stoppedBecause}`}
            </State>
          ),
          Progress: (remediation) => <Progress of={remediation} />,
          Rate: ({ perMinute }) => `${counted(perMinute, 'thing')} a minute`,
          Started: ({ startedAt, startedBy }) => (
            <>
              <Time at={startedAt} /> by {nameOf(startedBy)}
            </>
          ),
        }}
        end={(remediation) => remediation.state === 'running' && may('remediation.control') && <Stop id={remediation.id} />}
        empty={
          list.isPending ? (
            <div style={{ height: 160 }} />
          ) : (
            <Empty icon={<IconTool size={20} />} title="Nothing is being put right">
              Where a guardrail with the effect “remediate” is not met, it can be put right from here: you see every change before
              the first is made.
            </Empty>
          )
        }
      />
      <Modal opened={starting} onClose={setStarting.close} title="Put something right" size="xl">
        <StartRemediation onDone={setStarting.close} />
      </Modal>
      <Modal
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={shown ? titleOf(shown.assignment) : ''}
        size="xl"
      >
        {shown && <RemediationOutcomes id={shown.id} />}
      </Modal>
    </Panel>
  )
}

function Progress({ of: { progress } }: { of: Remediation }) {
  return (
    <div className={css.bar}>
      <Parts
        label="Progress"
        parts={[
          { name: 'put right', value: progress.rewritten, tone: 'good' },
          { name: 'set aside', value: progress.setAside, tone: 'warn' },
          { name: 'locked', value: progress.locked, tone: 'warn' },
          { name: 'refused', value: progress.refused, tone: 'bad' },
          { name: 'to come', value: progress.waiting, tone: 'plain' },
        ]}
      />
    </div>
  )
}

function Stop({ id }: { id: string }) {
  const queries = useQueryClient()
  const stop = useMutation({
    mutationFn: () => post(`/remediations/${id}/stop`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['remediations'] }),
    onError: tellFailure,
  })
  return (
    <Button
      color="red"
      size="compact-sm"
      leftSection={<IconPlayerStop size={14} />}
      loading={stop.isPending}
      onClick={() => stop.mutate()}
    >
      Stop
    </Button>
  )
}
