// What is assigned where, and whether it is enforced yet.
import { Button, Group, Menu } from '@mantine/core'
import { IconDots, IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { put, remove } from '../api/client.ts'
import { useAssignables } from '../api/guardrails.ts'
import { guardrailAssignments } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { GuardrailAssignment } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'

const isEnforced = ({ spec }: GuardrailAssignment): boolean => spec.enforced !== false

export function GuardrailsAtWork() {
  const list = useQuery(guardrailAssignments)
  const { all } = useAssignables()
  const may = useMayPerhaps()
  const [chosen, setChosen] = useState<{ assignment: GuardrailAssignment; act: 'enforce' | 'remove' }>()
  const queries = useQueryClient()
  const done = { onError: tellFailure, onSettled: () => setChosen(undefined) }
  const enforce = useMutation({
    mutationFn: (assignment: GuardrailAssignment) => put('/guardrail-assignments', switched(assignment)),
    onSuccess: async (_, assignment) => {
      await queries.invalidateQueries()
      tell(isEnforced(assignment) ? 'It is a dry run again' : 'It is enforced from now on')
    },
    ...done,
  })
  const take = useMutation({
    mutationFn: ({ id }: GuardrailAssignment) => remove(`/guardrail-assignments/${id}`),
    onSuccess: () => queries.invalidateQueries(),
    ...done,
  })
  if (list.error) return <Fault error={list.error} />
  const titleOf = ({ spec, name }: GuardrailAssignment) =>
    all.find(({ ref }) => ref === (spec.initiative ?? spec.guardrail))?.title ?? name
  return (
    <Panel flush>
      <Table
        label="Guardrails at work"
        rows={list.data?.items ?? []}
        rowKey={({ id }) => id}
        columns={{
          What: (assignment) => (
            <Link to="/compliance" search={{ assignment: assignment.id }}>
              {titleOf(assignment)}
            </Link>
          ),
          Kind: ({ spec }) => <span style={{ whiteSpace: 'nowrap' }}>{spec.initiative ? 'Initiative' : 'Guardrail'}</span>,
          Where: ({ scope }) => (scope === '/' ? 'The whole organisation' : scope),
          Effect: ({ spec }) => spec.effect ?? 'as it says',
          State: (assignment) => (isEnforced(assignment) ? <Tag tone="good">enforced</Tag> : <Tag tone="warn">dry run</Tag>),
          Changed: ({ updatedAt }) => <Time at={updatedAt} />,
        }}
        end={(assignment) =>
          may('guardrail-assignment.apply') && (
            <Group gap={6} wrap="nowrap" justify="flex-end">
              <Button
                variant="default"
                size="compact-sm"
                onClick={() => (isEnforced(assignment) ? enforce.mutate(assignment) : setChosen({ assignment, act: 'enforce' }))}
              >
                {isEnforced(assignment) ? 'Back to dry run' : 'Enforce'}
              </Button>
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button variant="subtle" size="compact-sm" aria-label={`More acts on ${titleOf(assignment)}`}>
                    <IconDots size={16} />
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item color="red" onClick={() => setChosen({ assignment, act: 'remove' })}>
                    Remove
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </Group>
          )
        }
        empty={
          list.isPending ? (
            <div style={{ height: 180 }} />
          ) : (
            <Empty
              icon={<IconShieldCheck size={20} />}
              title="Nothing is held to anything yet"
              action={
                <Button component={Link} to="/guardrails?tab=initiatives" variant="default">
                  Choose an initiative
                </Button>
              }
            >
              Begin with “Where everyone begins” as a dry run, look at what it says, then enforce it.
            </Empty>
          )
        }
      />
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={chosen?.act === 'enforce' ? 'Enforce this?' : 'Remove this?'}
        act={chosen?.act === 'enforce' ? 'Enforce' : 'Remove'}
        busy={enforce.isPending || take.isPending}
        onConfirm={() => chosen && (chosen.act === 'enforce' ? enforce : take).mutate(chosen.assignment)}
      >
        {chosen?.act === 'enforce'
          ? 'From the next request on, what does not hold is refused or corrected, as its effect says. What exists already stays, and is reported.'
          : 'Its exemptions go with it. What it asked for is no longer asked for.'}
      </Confirm>
    </Panel>
  )
}

const switched = (assignment: GuardrailAssignment) => {
  const { scope, name, spec, labels } = assignment
  return { scope, name, labels, spec: { ...spec, enforced: !isEnforced(assignment) } }
}
