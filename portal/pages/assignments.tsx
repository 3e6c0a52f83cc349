// Every grant and denial there is, what it is bound to, and what would be lost with it.
import { Button } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { remove } from '../api/client.ts'
import { assignments as assignmentsQuery, roles as rolesQuery } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Assignment } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Countdown } from '../ui/countdown.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { conditionWords } from './condition-words.ts'
import { tellFailure } from './failure.tsx'
import { GainsAndLosses } from './gains-and-losses.tsx'
import { usePrincipalNames } from './principal-picker.tsx'
import css from './roles.module.css'

export function Assignments() {
  const { data } = useSuspenseQuery(assignmentsQuery)
  const nameOf = usePrincipalNames()
  const may = useMayPerhaps()
  const [chosen, setChosen] = useState<Assignment>()
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: (id: string) => remove(`/role-assignments/${id}`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  return (
    <Panel flush>
      <Table
        label="Role assignments"
        rows={data.items}
        rowKey={({ id }) => id}
        columns={{
          Who: ({ spec }) => (
            <>
              <b style={{ fontWeight: 550 }}>{nameOf(spec.principal)}</b>
              {spec.principal.startsWith('group_') && ' (group)'}
            </>
          ),
          What: (assignment) => <What of={assignment} />,
          Where: ({ scope }) => (scope === '/' ? 'The whole organisation' : scope),
          'Bound to': (assignment) => <Bound of={assignment} />,
          Since: ({ createdAt }) => <Time at={createdAt} />,
        }}
        end={(assignment) =>
          may('role-assignment.delete') && (
            <Button variant="default" size="compact-sm" onClick={() => setChosen(assignment)}>
              {assignment.spec.effect === 'deny' ? 'Lift' : 'Revoke'}
            </Button>
          )
        }
        empty={<Empty icon={<IconShieldCheck size={20} />} title="No roles are given" />}
      />
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={chosen?.spec.effect === 'deny' ? 'Lift this denial?' : 'Revoke this role?'}
        act={chosen?.spec.effect === 'deny' ? 'Lift' : 'Revoke'}
        busy={revoke.isPending}
        onConfirm={() => chosen && revoke.mutate(chosen.id)}
      >
        {chosen && (
          <>
            <p>It takes effect from the next request on.</p>
            {may('policy.explain') && <GainsAndLosses change={{ deletions: [chosen.id] }} />}
          </>
        )}
      </Confirm>
    </Panel>
  )
}

function What({ of: { spec } }: { of: Assignment }) {
  const { data: roles } = useSuspenseQuery(rolesQuery)
  if (spec.effect === 'deny')
    return (
      <>
        <Tag tone="bad">denied</Tag> {(spec.actions ?? []).join(', ')}
      </>
    )
  return (
    <>
      {roles.items.find(({ name }) => name === spec.role)?.title ?? spec.role}{' '}
      {spec.eligible && <Tag tone="accent">when activated</Tag>}
    </>
  )
}

function Bound({ of: { spec } }: { of: Assignment }) {
  if (!spec.condition && !spec.expiresAt && !spec.startsAt) return <span className={css.nothing}>nothing</span>
  return (
    <span className={css.bounds}>
      {spec.condition !== undefined && <span>{conditionWords(spec.condition)}</span>}
      {spec.startsAt && Date.parse(spec.startsAt) > Date.now() && (
        <span>
          from <Time at={spec.startsAt} />
        </span>
      )}
      {spec.expiresAt && <Countdown until={spec.expiresAt} />}
    </span>
  )
}
