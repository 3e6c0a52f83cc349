import { Button, Modal, Select, Stack, Tabs, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus, IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { assignment } from '../api/assignment.ts'
import { put, remove } from '../api/client.ts'
import { assignments as assignmentsQuery, roles as rolesQuery } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Assignment, Role } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { counted } from '../ui/format.ts'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import { PrincipalPicker, usePrincipalNames } from './principal-picker.tsx'
import css from './roles.module.css'
import { ScopePicker } from './scope-picker.tsx'
import { Why } from './why.tsx'

const tabs = ['assignments', 'roles', 'why'] as const

export function RolesPage() {
  const { tab } = useSearch({ strict: false })
  const navigate = useNavigate()
  const may = useMayPerhaps()
  const [granting, setGranting] = useDisclosure(false)
  const shown = tabs.find((each) => each === tab) ?? 'assignments'
  return (
    <Page
      title="Roles"
      lead="Who may do what, and where. A role given at a scope holds for everything below it."
      actions={
        may('role-assignment.apply') && (
          <Button leftSection={<IconPlus size={16} />} onClick={setGranting.open}>
            Grant role
          </Button>
        )
      }
    >
      <Tabs
        value={shown}
        onChange={(next) =>
          navigate({ to: '/roles', search: { tab: next === 'assignments' ? undefined : (next ?? undefined) }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="assignments">Who has what</Tabs.Tab>
          <Tabs.Tab value="roles">What a role allows</Tabs.Tab>
          {may('policy.explain') && <Tabs.Tab value="why">Why, and why not</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="assignments">
          <Assignments />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <Catalogue />
        </Tabs.Panel>
        <Tabs.Panel value="why">
          <Why />
        </Tabs.Panel>
      </Tabs>
      <Modal opened={granting} onClose={setGranting.close} title="Grant a role">
        <Grant onDone={setGranting.close} />
      </Modal>
    </Page>
  )
}

function Assignments() {
  const { data } = useSuspenseQuery(assignmentsQuery)
  const { data: roles } = useSuspenseQuery(rolesQuery)
  const nameOf = usePrincipalNames()
  const may = useMayPerhaps()
  const [chosen, setChosen] = useState<Assignment>()
  const queries = useQueryClient()
  const titleOf = (role: string) => roles.items.find(({ name }) => name === role)?.title ?? role
  const whatOf = ({ spec: { role, actions = [], eligible } }: Assignment) =>
    role === undefined ? `Denied: ${actions.join(', ')}` : `${titleOf(role)}${eligible ? ' (when activated)' : ''}`
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
          Who: ({ spec }) => <b style={{ fontWeight: 550 }}>{nameOf(spec.principal)}</b>,
          Kind: ({ spec }) => (spec.principal.startsWith('group_') ? 'Group' : 'Person'),
          Role: whatOf,
          Where: ({ scope }) => (scope === '/' ? 'The whole organisation' : scope),
          Since: ({ createdAt }) => <Time at={createdAt} />,
        }}
        end={(assignment) =>
          may('role-assignment.delete') && (
            <Button variant="default" size="compact-sm" onClick={() => setChosen(assignment)}>
              Revoke
            </Button>
          )
        }
        empty={<Empty icon={<IconShieldCheck size={20} />} title="No roles are given" />}
      />
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title="Revoke this role?"
        act="Revoke"
        busy={revoke.isPending}
        onConfirm={() => chosen && revoke.mutate(chosen.id)}
      >
        {chosen && `${nameOf(chosen.spec.principal)}: “${whatOf(chosen)}” ends at ${chosen.scope} from the next request on.`}
      </Confirm>
    </Panel>
  )
}

function Catalogue() {
  const { data } = useSuspenseQuery(rolesQuery)
  return (
    <div className={css.roles}>
      {data.items.map((role) => (
        <RoleCard key={role.name} role={role} />
      ))}
    </div>
  )
}

function RoleCard({ role }: { role: Role }) {
  const byNoun = Map.groupBy(new Set(role.actions), (action) => action.split('.')[0] ?? action)
  return (
    <Panel title={role.title} note={counted(new Set(role.actions).size, 'action')}>
      <Text size="sm" c="dimmed" mb="sm">
        {role.description}
      </Text>
      <dl className={css.actions}>
        {[...byNoun].flatMap(([noun, actions]) => [
          <dt key={noun}>{noun.replace('-', ' ')}</dt>,
          <dd key={`${noun}.`}>{actions.map((action) => action.split('.')[1] ?? action).join(', ')}</dd>,
        ])}
      </dl>
    </Panel>
  )
}

function Grant({ onDone }: { onDone: () => void }) {
  const { data: roles } = useSuspenseQuery(rolesQuery)
  const [principal, setPrincipal] = useState<string>()
  const [role, setRole] = useState<string | null>(null)
  const [scope, setScope] = useState('/')
  const queries = useQueryClient()
  const grant = useMutation({
    mutationFn: () => put('/role-assignments', assignment(principal ?? '', role ?? '', scope)),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('The role is granted')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    grant.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <PrincipalPicker label="Person or group" value={principal ?? null} onPick={setPrincipal} />
        <Select
          label="Role"
          description={roles.items.find(({ name }) => name === role)?.description}
          data={roles.items.map(({ name, title }) => ({ value: name, label: title }))}
          value={role}
          onChange={setRole}
          allowDeselect={false}
        />
        <ScopePicker label="Where" value={scope} onChange={setScope} />
        <Fault error={grant.error} />
        <Button type="submit" loading={grant.isPending} disabled={!principal || !role} style={{ alignSelf: 'flex-end' }}>
          Grant
        </Button>
      </Stack>
    </form>
  )
}
