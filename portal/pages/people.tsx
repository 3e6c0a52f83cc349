import { Button, Modal, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks'
import { IconSearch, IconUserPlus, IconUsers } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { assignment } from '../api/assignment.ts'
import { post, put } from '../api/client.ts'
import { people, roles as rolesQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { Invited, User } from '../api/types.ts'
import { More } from '../ui/more.tsx'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { State } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault } from './failure.tsx'
import { InvitationLink } from './invitation-link.tsx'

export function PeoplePage() {
  const { q, state } = useSearch({ strict: false })
  const navigate = useNavigate()
  const list = useInfiniteQuery({ ...people({ q, state }), placeholderData: (old) => old })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const [inviting, setInviting] = useDisclosure(false)
  const may = useMay()
  const narrow = (change: { q?: string; state?: string }) =>
    navigate({ to: '/people', search: { q, state, ...change }, replace: true })
  const type = useDebouncedCallback((text: string) => narrow({ q: text.trim() || undefined }), 250)
  return (
    <Page
      title="People"
      lead="Everyone who can sign in, and those invited to."
      actions={
        may('user.create') && (
          <Button leftSection={<IconUserPlus size={16} />} onClick={setInviting.open}>
            Invite person
          </Button>
        )
      }
    >
      <Panel
        flush
        title="Directory"
        actions={
          <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
            <SegmentedControl
              size="xs"
              aria-label="State"
              value={state ?? ''}
              onChange={(next) => narrow({ state: next || undefined })}
              data={[
                { value: '', label: 'All' },
                { value: 'active', label: 'Active' },
                { value: 'invited', label: 'Invited' },
                { value: 'disabled', label: 'Disabled' },
              ]}
            />
            <TextInput
              size="xs"
              w={200}
              leftSection={<IconSearch size={14} />}
              placeholder="Search"
              aria-label="Search people"
              defaultValue={q}
              onChange={(event) => type(event.target.value)}
            />
          </div>
        }
      >
        {list.error ? (
          <Fault error={list.error} />
        ) : (
          <Table
            label="People"
            rows={items}
            rowKey={({ id }) => id}
            onOpen={({ id }) => navigate({ to: '/people/$id', params: { id } })}
            columns={{
              Name: ({ id, displayName }) => (
                <Link to="/people/$id" params={{ id }} style={{ fontWeight: 550 }}>
                  {displayName}
                </Link>
              ),
              'User name': ({ username }) => username,
              Email: ({ email }) => email ?? '–',
              State: (person) => <PersonState state={person.state} />,
              Since: ({ createdAt }) => <Time at={createdAt} />,
            }}
            empty={
              list.isPending ? (
                <div style={{ height: 160 }} />
              ) : (
                <Empty icon={<IconUsers size={20} />} title="No one here">
                  {q || state ? 'No one matches this filter.' : 'Invite the first person.'}
                </Empty>
              )
            }
          />
        )}
        <More query={list} />
      </Panel>
      <Modal opened={inviting} onClose={setInviting.close} title="Invite a person">
        <Invite />
      </Modal>
    </Page>
  )
}

export function PersonState({ state }: { state: User['state'] }) {
  const shown = { active: ['good', 'Active'], invited: ['warn', 'Invited'], disabled: ['plain', 'Disabled'] } as const
  const [tone, word] = shown[state]
  return <State tone={tone}>{word}</State>
}

function Invite() {
  const [displayName, setDisplayName] = useState('')
  const [username, setUsername] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState('member')
  const may = useMay()
  const { data: roles } = useQuery(rolesQuery)
  const queries = useQueryClient()
  // A person and their role are two acts, decided and recorded each on its own; a link is shown even when the role was refused.
  const give = useMutation({ mutationFn: (id: string) => put('/role-assignments', assignment(id, role, '/')) })
  const mayGive = may('role-assignment.apply')
  const invite = useMutation({
    mutationFn: () =>
      post<Invited>('/users', {
        username: username.trim(),
        displayName: displayName.trim(),
        ...(email.trim() ? { email: email.trim() } : {}),
      }),
    onSuccess: async ({ user }) => {
      if (mayGive && role !== 'none') await give.mutateAsync(user.id).catch(() => undefined) // told below
      await queries.invalidateQueries({ queryKey: ['users'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    invite.mutate()
  }
  if (invite.data)
    return (
      <Stack gap="sm">
        <Fault error={give.error} />
        <InvitationLink name={invite.data.user.displayName} invitation={invite.data.invitation} />
      </Stack>
    )
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          value={displayName}
          onChange={(event) => setDisplayName(event.target.value)}
          required
          data-autofocus
        />
        <TextInput
          label="User name"
          value={username}
          onChange={(event) => setUsername(event.target.value.toLowerCase())}
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <TextInput
          label="Email (optional)"
          description="Only shown; nothing is sent."
          type="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        {mayGive && (
          <Select
            label="Role in the whole organisation"
            data={[
              ...(roles?.items ?? []).map(({ name, title }) => ({ value: name, label: title })),
              { value: 'none', label: 'None yet' },
            ]}
            value={role}
            onChange={(next) => next && setRole(next)}
            allowDeselect={false}
          />
        )}
        <Text size="sm" c="dimmed">
          You get a one-time link to hand over. No mail is sent.
        </Text>
        <Fault error={invite.error} />
        <Button type="submit" loading={invite.isPending} style={{ alignSelf: 'flex-end' }}>
          Make invitation
        </Button>
      </Stack>
    </form>
  )
}
