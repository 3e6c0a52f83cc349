import { Button, Menu, Modal, Stack, TextInput } from '@mantine/core'
import { IconChevronDown, IconLink, IconPencil, IconTrash, IconUserCheck, IconUserOff } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { patch, post, remove } from '../api/client.ts'
import { keys, person as personQuery, sessions } from '../api/queries.ts'
import { useMay, useSession } from '../api/session.ts'
import type { Invitation, UserDetail } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Mono } from '../ui/copy.tsx'
import { counted } from '../ui/format.ts'
import { Empty, Facts, Page, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import { GrantTable } from './grant-table.tsx'
import { InvitationLink } from './invitation-link.tsx'
import { KeyTable } from './key-table.tsx'
import { PersonState } from './people.tsx'
import { SessionTable } from './session-table.tsx'

export function PersonPage() {
  const { id = '' } = useParams({ strict: false })
  const { data: person } = useSuspenseQuery(personQuery(id))
  const may = useMay()
  const { data: open } = useQuery({ ...sessions(id), enabled: may('session.read') })
  const { data: held } = useQuery({ ...keys(id), enabled: may('key.read') })
  return (
    <Page title={person.displayName} back={{ to: '/people', label: 'People' }} actions={<Acts person={person} />}>
      <Panel title="Who" actions={<PersonState state={person.state} />}>
        <Facts
          of={{
            'User name': person.username,
            Email: person.email,
            'Signs in with': factors(person) || 'nothing yet',
            Groups: person.groups.length > 0 && (
              <span style={{ display: 'inline-flex', flexWrap: 'wrap', gap: 10 }}>
                {person.groups.map((group) => (
                  <Link key={group.id} to="/groups/$id" params={{ id: group.id }}>
                    {group.name}
                  </Link>
                ))}
              </span>
            ),
            Since: <Time at={person.createdAt} />,
            Id: <Mono>{person.id}</Mono>,
          }}
        />
      </Panel>
      <Panel
        title="Roles"
        flush
        actions={
          <Link to="/roles" search={{ tab: 'why', person: id }}>
            Why may this person…
          </Link>
        }
      >
        <GrantTable
          grants={person.roles}
          empty={<Empty title="No roles">Without a role one may only look after one's own account.</Empty>}
        />
      </Panel>
      {open && (
        <Panel title="Sessions" flush>
          <SessionTable sessions={open.items} />
        </Panel>
      )}
      {held && (
        <Panel title="API keys" flush>
          <KeyTable keys={held.items} />
        </Panel>
      )}
    </Page>
  )
}

const factors = (person: UserDetail): string =>
  [
    person.passkeys > 0 && counted(person.passkeys, 'passkey'),
    person.hasPassword && 'password',
    person.hasTotp && 'authenticator',
    person.recoveryCodesLeft > 0 && `${counted(person.recoveryCodesLeft, 'recovery code')} left`,
  ]
    .filter(Boolean)
    .join(', ')

type Act = 'rename' | 'link' | 'disable' | 'delete'

function Acts({ person }: { person: UserDetail }) {
  const [act, setAct] = useState<Act>()
  const [invited, setInvited] = useState<Invitation>()
  const { user } = useSession()
  const may = useMay()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const refresh = () => queries.invalidateQueries({ queryKey: ['users'] })
  const close = () => setAct(undefined)
  const change = useMutation({
    mutationFn: (to: 'disable' | 'enable') => post(`/users/${person.id}/${to}`, {}),
    onSuccess: refresh,
    onError: tellFailure,
    onSettled: close,
  })
  const forget = useMutation({
    mutationFn: () => remove(`/users/${person.id}`),
    onSuccess: async () => {
      await navigate({ to: '/people' })
      await refresh()
    },
    onError: tellFailure,
    onSettled: close,
  })
  const invite = useMutation({
    mutationFn: () => post<Invitation>(`/users/${person.id}/invite`, {}),
    onSuccess: setInvited,
    onError: tellFailure,
  })
  const self = user.id === person.id
  if (!['user.update', 'user.disable', 'user.delete', 'user.create'].some(may))
    return self && <Tag tone="accent">This is you</Tag>
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={15} />}>
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {may('user.update') && (
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setAct('rename')}>
              Edit
            </Menu.Item>
          )}
          {may('user.create') && person.state !== 'disabled' && !self && (
            <Menu.Item leftSection={<IconLink size={15} />} onClick={() => invite.mutate()}>
              {person.state === 'invited' ? 'New invitation link' : 'Recovery link'}
            </Menu.Item>
          )}
          {may('user.disable') && !self && person.state === 'disabled' && (
            <Menu.Item leftSection={<IconUserCheck size={15} />} onClick={() => change.mutate('enable')}>
              Enable
            </Menu.Item>
          )}
          {may('user.disable') && !self && person.state !== 'disabled' && (
            <Menu.Item leftSection={<IconUserOff size={15} />} onClick={() => setAct('disable')}>
              Disable
            </Menu.Item>
          )}
          {may('user.delete') && !self && (
            <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => setAct('delete')}>
              Delete
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={act === 'rename'} onClose={close} title="Edit person">
        <Edit person={person} onDone={close} />
      </Modal>
      <Modal opened={invited !== undefined} onClose={() => setInvited(undefined)} title="One-time link">
        {invited && <InvitationLink name={person.displayName} invitation={invited} />}
      </Modal>
      <Confirm
        opened={act === 'disable'}
        onClose={close}
        title={`Disable ${person.displayName}?`}
        act="Disable"
        busy={change.isPending}
        onConfirm={() => change.mutate('disable')}
      >
        Their sessions and keys stop working at once. Nothing is deleted, and it can be undone.
      </Confirm>
      <Confirm
        opened={act === 'delete'}
        onClose={close}
        title={`Delete ${person.displayName}?`}
        act="Delete"
        typed={person.username}
        busy={forget.isPending}
        onConfirm={() => forget.mutate()}
      >
        Their account, credentials and conversations go. The log keeps what they did, under their id.
      </Confirm>
    </>
  )
}

function Edit({ person, onDone }: { person: UserDetail; onDone: () => void }) {
  const [displayName, setDisplayName] = useState(person.displayName)
  const [email, setEmail] = useState(person.email ?? '')
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () =>
      patch(`/users/${person.id}`, { displayName: displayName.trim(), email: email.trim() === '' ? null : email.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['users'] })
      tell('Saved')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
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
        <TextInput label="Email (optional)" type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
        <Fault error={save.error} />
        <Button type="submit" loading={save.isPending} style={{ alignSelf: 'flex-end' }}>
          Save
        </Button>
      </Stack>
    </form>
  )
}
