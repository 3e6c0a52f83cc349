// Changes that wait for other people: those for me, those I asked for, and what became of the rest.
import { Tabs } from '@mantine/core'
import { IconChecks, IconHourglass, IconInbox } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { changeSets } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { ChangeSet } from '../api/types.ts'
import { Countdown } from '../ui/countdown.tsx'
import { More } from '../ui/more.tsx'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { SignOtherwise } from './approve-by-certificate.tsx'
import { ChangeSetState, operationWords } from './change-set-state.tsx'
import { ApprovalRules } from './approval-rules.tsx'
import { Fault } from './failure.tsx'

const tabs = {
  waiting: {
    title: 'Waiting for me',
    filter: { mine: 'approvable', state: 'open' },
    empty: (
      <Empty icon={<IconInbox size={20} />} title="Nothing waits for you">
        What a rule wants other people to look at, and you may approve, comes here.
      </Empty>
    ),
  },
  asked: {
    title: 'I asked for',
    filter: { mine: 'asked' },
    empty: (
      <Empty icon={<IconHourglass size={20} />} title="You have asked for nothing">
        When an act needs the approval of others, the site offers to ask for it.
      </Empty>
    ),
  },
  all: {
    title: 'All',
    filter: {},
    empty: (
      <Empty icon={<IconChecks size={20} />} title="Nothing was ever put to approval">
        Say which acts need it under “What needs it”.
      </Empty>
    ),
  },
} as const

export function ApprovalsPage() {
  const { tab } = useSearch({ strict: false })
  const navigate = useNavigate()
  const may = useMay()
  const shown = tab === 'asked' || tab === 'all' || tab === 'rules' ? tab : 'waiting'
  return (
    <Page title="Approvals" lead="Four eyes: what changes is shown exactly, and approved by the signature of other people.">
      <Tabs
        value={shown}
        onChange={(next) =>
          navigate({ to: '/approvals', search: next === 'waiting' ? {} : { tab: next ?? undefined }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {Object.entries(tabs).map(([name, { title }]) => (
            <Tabs.Tab key={name} value={name}>
              {title}
            </Tabs.Tab>
          ))}
          {may('approval-rule.read') && <Tabs.Tab value="rules">What needs it</Tabs.Tab>}
        </Tabs.List>
        {Object.entries(tabs).map(([name, { title, filter, empty }]) => (
          <Tabs.Panel key={name} value={name}>
            {name === 'waiting' && (
              <div style={{ marginBottom: 14 }}>
                <SignOtherwise />
              </div>
            )}
            <Changes label={title} filter={filter} empty={empty} />
          </Tabs.Panel>
        ))}
        <Tabs.Panel value="rules">
          <ApprovalRules />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Changes({ label, filter, empty }: { label: string; filter: { mine?: string; state?: string }; empty: ReactNode }) {
  const list = useInfiniteQuery(changeSets(filter))
  const navigate = useNavigate()
  if (list.error) return <Fault error={list.error} />
  return (
    <Panel flush>
      <Table
        label={label}
        rows={list.data?.pages.flatMap(({ items }) => items) ?? []}
        rowKey={({ id }) => id}
        onOpen={({ id }) => navigate({ to: '/approvals/$id', params: { id } })}
        columns={{
          What: ({ id, operationId }) => (
            <Link to="/approvals/$id" params={{ id }}>
              {operationWords(operationId)}
            </Link>
          ),
          Why: ({ reason }) => reason,
          'Asked by': ({ requester, requesterName }) => requesterName ?? requester,
          Approvals: (change) => <Needed of={change} />,
          State: ({ state }) => <ChangeSetState of={state} />,
          Asked: ({ createdAt }) => <Time at={createdAt} />,
          Ends: ({ state, expiresAt }) => (state === 'open' ? <Countdown until={expiresAt} /> : '–'),
        }}
        empty={list.isPending ? <div style={{ height: 200 }} /> : empty}
      />
      <More query={list} />
    </Panel>
  )
}

const Needed = ({ of: { approvers, obligations } }: { of: ChangeSet }) =>
  `${approvers.length} of ${Math.max(1, ...obligations.map(({ quorum }) => quorum))}`
