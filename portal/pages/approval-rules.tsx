// Which acts need other people, where, and how many of whom.
import { Button, Modal, NumberInput, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus, IconUsersGroup } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put, remove } from '../api/client.ts'
import { approvalRules, roles as rolesQuery, scheme as schemeQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { ApprovalRule } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { counted } from '../ui/format.ts'
import { Empty, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import { ScopePicker } from './scope-picker.tsx'

export function ApprovalRules() {
  const list = useQuery(approvalRules)
  const { data: roles } = useQuery(rolesQuery)
  const may = useMay()
  const [making, setMaking] = useDisclosure(false)
  const [chosen, setChosen] = useState<ApprovalRule>()
  const queries = useQueryClient()
  const take = useMutation({
    mutationFn: ({ id }: ApprovalRule) => remove(`/approval-rules/${id}`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  if (list.error) return <Fault error={list.error} />
  const titleOf = (role: string) => roles?.items.find(({ name }) => name === role)?.title ?? role
  return (
    <Panel
      title="Acts that need other people"
      flush
      actions={
        may('approval-rule.apply') && (
          <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={setMaking.open}>
            Add a rule
          </Button>
        )
      }
    >
      <Table
        label="Approval rules"
        rows={list.data?.items ?? []}
        rowKey={({ id }) => id}
        columns={{
          Rule: ({ name }) => <b style={{ fontWeight: 550 }}>{name}</b>,
          Acts: ({ spec }) => spec.actions.join(', '),
          Where: ({ scope }) => (scope === '/' ? 'The whole organisation' : scope),
          Only: ({ spec }) => (spec.condition ? conditionWords(spec.condition) : 'always'),
          Needs: ({ spec }) =>
            `${counted(spec.quorum, 'other person', 'others')}${spec.approverRole ? `, as ${titleOf(spec.approverRole)}` : ''}`,
          Since: ({ createdAt }) => <Time at={createdAt} />,
        }}
        end={(rule) =>
          may('approval-rule.delete') && (
            <Button variant="default" size="compact-sm" onClick={() => setChosen(rule)}>
              Remove
            </Button>
          )
        }
        empty={
          list.isPending ? (
            <div style={{ height: 160 }} />
          ) : (
            <Empty icon={<IconUsersGroup size={20} />} title="Nothing needs a second person yet">
              Begin with what cannot be taken back: <code>*.delete</code>, at the scope you cannot afford to lose.
            </Empty>
          )
        }
      />
      <Modal opened={making} onClose={setMaking.close} title="Acts that need other people">
        <Make onDone={setMaking.close} />
      </Modal>
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title="Remove this rule?"
        act="Remove"
        busy={take.isPending}
        onConfirm={() => chosen && take.mutate(chosen)}
      >
        A rule guards itself: removing it takes the approvals that it asks for.
      </Confirm>
    </Panel>
  )
}

const conditionWords = ({ labels = {}, classificationMin }: NonNullable<ApprovalRule['spec']['condition']>): string =>
  [
    ...Object.entries(labels).map(([name, values]) => `label ${name} is ${[values].flat().join(' or ')}`),
    ...(classificationMin ? [`classified ${classificationMin} or higher`] : []),
  ].join(' and ')

function Make({ onDone }: { onDone: () => void }) {
  const { data: roles } = useQuery(rolesQuery)
  const { data: scheme } = useQuery(schemeQuery)
  const [name, setName] = useState('')
  const [actions, setActions] = useState<string[]>([])
  const [scope, setScope] = useState('/')
  const [quorum, setQuorum] = useState(1)
  const [approverRole, setApproverRole] = useState<string | null>(null)
  const [least, setLeast] = useState<string | null>(null)
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () =>
      put('/approval-rules', {
        scope,
        name,
        spec: {
          actions,
          quorum,
          ...(approverRole ? { approverRole } : {}),
          ...(least ? { condition: { classificationMin: least } } : {}),
        },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('From now on others must approve it')
      onDone()
    },
    onError: tellFailure,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TagsInput
          label="Acts"
          description="One act, a noun with .*, *. with a verb, or * for all"
          data={['*.delete', ...(roles?.actions ?? []).filter((action) => !action.endsWith('.read'))]}
          value={actions}
          onChange={setActions}
          data-autofocus
        />
        <ScopePicker label="Where" value={scope} onChange={setScope} />
        <NumberInput
          label="How many others"
          value={quorum}
          onChange={(next) => setQuorum(Number(next))}
          min={1}
          max={5}
          allowDecimal={false}
        />
        <Select
          label="Who counts"
          placeholder="Everyone who may approve there"
          data={(roles?.items ?? [])
            .filter((role) => role.actions.includes('change-set.approve'))
            .map((role) => ({ value: role.name, label: role.title }))}
          value={approverRole}
          onChange={setApproverRole}
          clearable
        />
        <Select
          label="Only for what is classified at least"
          placeholder="Everything"
          data={(scheme?.levels ?? []).map((level) => ({ value: level.name, label: level.title }))}
          value={least}
          onChange={setLeast}
          clearable
        />
        <TextInput
          label="Name of the rule"
          description="Lowercase letters, digits and dashes"
          value={name}
          onChange={({ target }) => setName(target.value)}
          pattern="[a-z][a-z0-9\-]{0,62}"
          required
        />
        <Fault error={make.error} />
        <Button type="submit" loading={make.isPending} disabled={actions.length === 0} style={{ alignSelf: 'flex-end' }}>
          Add the rule
        </Button>
      </Stack>
    </form>
  )
}
