// Rights for a time: what one may activate, what is active now, and until when.
import { Button, Modal, NumberInput, Stack, Text, Textarea } from '@mantine/core'
import { IconBolt, IconClock } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post, remove } from '../api/client.ts'
import { elevations as elevationsQuery, roles as rolesQuery } from '../api/queries.ts'
import { useMay, useSession } from '../api/session.ts'
import type { Eligibility, Elevation } from '../api/types.ts'
import { Countdown } from '../ui/countdown.tsx'
import { counted } from '../ui/format.ts'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'

const hourSeconds = 3600
const hoursOf = (seconds: number): number => Math.round((seconds / hourSeconds) * 100) / 100

export function ElevationPage() {
  const { data } = useSuspenseQuery(elevationsQuery)
  return (
    <Page
      title="Rights for a time"
      lead="Roles you hold only while you need them: activated with a reason, ended by the clock, both on record."
    >
      <CanBeActivated of={data.eligible} />
      <ActiveNow of={data.items} />
    </Page>
  )
}

function CanBeActivated({ of }: { of: readonly Eligibility[] }) {
  const [chosen, setChosen] = useState<Eligibility>()
  const nameOf = usePrincipalNames()
  return (
    <Panel title="You can activate" flush>
      <Table
        label="Roles you can activate"
        rows={of}
        rowKey={({ assignment }) => assignment}
        columns={{
          Role: ({ role }) => <RoleTitle of={role} />,
          Where: ({ scope }) => (scope === '/' ? 'The whole organisation' : scope),
          'At most': ({ maxSeconds }) => counted(hoursOf(maxSeconds), 'hour'),
          Needs: ({ approvals }) => (approvals > 0 ? `approval of ${counted(approvals, 'other person', 'others')}` : 'a reason'),
          Through: ({ via }) => (via ? nameOf(via) : 'given to you'),
        }}
        end={(eligibility) => (
          <Button size="compact-sm" leftSection={<IconBolt size={14} />} onClick={() => setChosen(eligibility)}>
            Activate
          </Button>
        )}
        empty={
          <Empty icon={<IconBolt size={20} />} title="No role waits for you to activate it">
            Whoever grants roles can make you eligible for one instead: then you hold it only while you need it.
          </Empty>
        }
      />
      <Modal opened={chosen !== undefined} onClose={() => setChosen(undefined)} title="Activate for a time">
        {chosen && <Activate of={chosen} onDone={() => setChosen(undefined)} />}
      </Modal>
    </Panel>
  )
}

function RoleTitle({ of }: { of: string }) {
  const { data: roles } = useSuspenseQuery(rolesQuery)
  return roles.items.find(({ name }) => name === of)?.title ?? of
}

function Activate({ of: { assignment, maxSeconds, approvals }, onDone }: { of: Eligibility; onDone: () => void }) {
  const most = hoursOf(maxSeconds)
  const [hours, setHours] = useState(Math.min(1, most))
  const [reason, setReason] = useState('')
  const queries = useQueryClient()
  const activate = useMutation({
    mutationFn: () => post('/elevations', { assignment, reason, seconds: Math.round(hours * hourSeconds) }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('The role is yours for a time')
      onDone()
    },
    onError: tellFailure,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    activate.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Textarea
          label="What for"
          description="It stays on record."
          value={reason}
          onChange={({ target }) => setReason(target.value)}
          maxLength={500}
          autosize
          required
          data-autofocus
        />
        <NumberInput
          label="For how long (hours)"
          value={hours}
          onChange={(next) => setHours(Number(next))}
          min={0.25}
          max={most}
          step={0.25}
        />
        {approvals > 0 && (
          <Text size="sm" c="dimmed">
            {counted(approvals, 'other person', 'others')} must approve before it is active.
          </Text>
        )}
        <Fault error={activate.error} />
        <Button type="submit" loading={activate.isPending} disabled={reason.trim() === ''} style={{ alignSelf: 'flex-end' }}>
          Activate
        </Button>
      </Stack>
    </form>
  )
}

function ActiveNow({ of }: { of: readonly Elevation[] }) {
  const { user } = useSession()
  const may = useMay()
  const nameOf = usePrincipalNames()
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: (id: string) => remove(`/elevations/${id}`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
  })
  return (
    <Panel title="Active now" flush>
      <Table
        label="Active elevations"
        rows={of}
        rowKey={({ id }) => id}
        columns={{
          Who: ({ principal }) => <b style={{ fontWeight: 550 }}>{nameOf(principal)}</b>,
          Role: ({ role }) => <RoleTitle of={role} />,
          Where: ({ scope }) => (scope === '/' ? 'The whole organisation' : scope),
          'What for': ({ reason }) => reason,
          Since: ({ startsAt }) => <Time at={startsAt} />,
          Ends: ({ expiresAt }) => <Countdown until={expiresAt} />,
        }}
        end={({ id, principal }) =>
          (principal === user.id || may('elevation.end')) && (
            <Button variant="default" size="compact-sm" onClick={() => end.mutate(id)}>
              End now
            </Button>
          )
        }
        empty={<Empty icon={<IconClock size={20} />} title="Nobody holds more than they do every day" />}
      />
    </Panel>
  )
}
