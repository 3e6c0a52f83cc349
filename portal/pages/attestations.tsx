// What people vouched for: whose word it is, of what, for how much longer; and taking it back.
import { Button, Modal, SegmentedControl, Stack, Text, Textarea } from '@mantine/core'
import { IconUserCheck } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { post } from '../api/client.ts'
import { attestations } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Attestation } from '../api/types.ts'
import { Countdown } from '../ui/countdown.tsx'
import { More } from '../ui/more.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag, type Tone } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import css from './compliance.module.css'
import { Fault, tell } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'

const valid = 'valid'

export function AttestationsTab() {
  const { scope, state = valid } = useSearch({ strict: false })
  const navigate = useNavigate()
  const look = (next: string) =>
    navigate({
      to: '/compliance',
      search: (now: Record<string, string | undefined>) => ({ ...now, tab: 'attestations', state: next }),
      replace: true,
    })
  return (
    <div className={css.stack}>
      <SegmentedControl
        aria-label="Which attestations"
        value={state === valid ? valid : 'all'}
        onChange={look}
        data={[
          { value: valid, label: 'Those that count' },
          { value: 'all', label: 'All there were' },
        ]}
        style={{ justifySelf: 'start' }}
      />
      <Attestations of={{ scope, ...(state === valid ? { state } : {}) }} empty={<NothingSaid />} />
    </div>
  )
}

const NothingSaid = () => (
  <Empty
    icon={<IconUserCheck size={20} />}
    title="Nobody’s word counts here"
    action={
      <Link to="/compliance" search={{ tab: 'verdicts', state: 'unknown' }}>
        Show what is unknown
      </Link>
    }
  >
    Where a guardrail with the effect manual asks for it, a person vouches in their name for what no program sees. The verdict’s
    own line takes it.
  </Empty>
)

type Asked = { scope?: string | undefined; resource?: string | undefined; state?: string | undefined }

/** `empty` is shown where there are none; without it, nothing is. */
export function Attestations({ of, title, empty }: { of: Asked; title?: string; empty?: React.ReactNode }) {
  const list = useInfiniteQuery(attestations(of))
  const may = useMayPerhaps()
  const [chosen, setChosen] = useState<Attestation>()
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? []
  if (list.error) return <Fault error={list.error} />
  if (empty === undefined && rows.length === 0) return null
  return (
    <Panel flush {...(title === undefined ? {} : { title })}>
      <Table
        label="Attestations"
        rows={rows}
        rowKey={({ id }) => id}
        columns={{
          'Of what': (said) => <About of={said} />,
          Guardrail: ({ title: called, guardrail }) => called ?? guardrail,
          'In these words': (said) => <Words of={said} />,
          Said: ({ at }) => <Time at={at} />,
          Counts: (said) => <Standing of={said} />,
        }}
        end={(said) =>
          said.state === valid &&
          may('compliance.attest') && (
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => setChosen(said)}
              aria-label={`Withdraw what was said of ${said.resource?.name ?? said.scope}`}
            >
              Withdraw
            </Button>
          )
        }
        empty={list.isPending ? <div style={{ height: 180 }} /> : empty}
      />
      <More query={list} />
      <Modal opened={chosen !== undefined} onClose={() => setChosen(undefined)} title="Withdraw this attestation">
        {chosen && <Withdraw of={chosen} onDone={() => setChosen(undefined)} />}
      </Modal>
    </Panel>
  )
}

function About({ of: { resource, scope } }: { of: Attestation }) {
  if (!resource) return <>all in {scope}</>
  return (
    <span>
      <Link to="/inventory/$kind/$id" params={{ kind: resource.kind, id: resource.id }}>
        {resource.name}
      </Link>{' '}
      <span className={css.note}>
        {resource.kind} in {scope}
      </span>
    </span>
  )
}

function Words({ of: { statement, actor, withdrawn } }: { of: Attestation }) {
  const nameOf = usePrincipalNames()
  return (
    <span>
      {nameOf(actor)}: “{statement}”
      {withdrawn && (
        <span className={css.note}>
          {' '}
          Withdrawn by {nameOf(withdrawn.actor)}, <Time at={withdrawn.at} />: “{withdrawn.reason}”
        </span>
      )}
    </span>
  )
}

const tones: Record<Attestation['state'], Tone> = { valid: 'good', ended: 'warn', withdrawn: 'bad', moot: 'plain' }

function Standing({ of: { state, expiresAt } }: { of: Attestation }) {
  return (
    <span className={css.standing}>
      <Tag tone={tones[state]}>{state}</Tag>
      {state === valid && <Countdown until={expiresAt} />}
    </span>
  )
}

function Withdraw({ of, onDone }: { of: Attestation; onDone: () => void }) {
  const [reason, setReason] = useState('')
  const nameOf = usePrincipalNames()
  const queries = useQueryClient()
  const withdraw = useMutation({
    mutationFn: () => post(`/compliance/attestations/${of.id}/withdraw`, { reason }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['compliance'] })
      tell('It counts for nothing any more')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    withdraw.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          {nameOf(of.actor)}: “{of.statement}” From now on it counts for nothing, and what it vouched for is unknown, unless
          someone else’s word still counts.
        </Text>
        <Textarea
          label="Why"
          description="It stays on record in your name."
          value={reason}
          onChange={({ target }) => setReason(target.value)}
          maxLength={1000}
          autosize
          minRows={2}
          required
          data-autofocus
        />
        <Fault error={withdraw.error} />
        <Button type="submit" color="red" loading={withdraw.isPending} style={{ alignSelf: 'flex-end' }}>
          Withdraw
        </Button>
      </Stack>
    </form>
  )
}
