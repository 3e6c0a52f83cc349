import { Button, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus, IconUsersGroup } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { patch, post } from '../api/client.ts'
import { groups } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { Group } from '../api/types.ts'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault } from './failure.tsx'

export function GroupsPage() {
  const { data } = useSuspenseQuery(groups)
  const [adding, setAdding] = useDisclosure(false)
  const navigate = useNavigate()
  const may = useMay()
  const add = may('group.create') && (
    <Button leftSection={<IconPlus size={16} />} onClick={setAdding.open}>
      Create group
    </Button>
  )
  return (
    <Page title="Groups" lead="Give a role to a group once, and everyone in it has it." actions={add}>
      <Panel flush>
        <Table
          label="Groups"
          rows={data.items}
          rowKey={({ id }) => id}
          onOpen={({ id }) => navigate({ to: '/groups/$id', params: { id } })}
          columns={{
            Name: ({ id, name }) => (
              <Link to="/groups/$id" params={{ id }} style={{ fontWeight: 550 }}>
                {name}
              </Link>
            ),
            Description: ({ description }) => description || '–',
            Created: ({ createdAt }) => <Time at={createdAt} />,
          }}
          empty={
            <Empty icon={<IconUsersGroup size={20} />} title="No groups yet" action={add}>
              A team, a ward, a watch: whoever should be allowed the same.
            </Empty>
          }
        />
      </Panel>
      <Modal opened={adding} onClose={setAdding.close} title="Create a group">
        <GroupForm onDone={(group) => navigate({ to: '/groups/$id', params: { id: group.id } })} />
      </Modal>
    </Page>
  )
}

export function GroupForm({ group, onDone }: { group?: Group; onDone: (group: Group) => void }) {
  const [name, setName] = useState(group?.name ?? '')
  const [description, setDescription] = useState(group?.description ?? '')
  const queries = useQueryClient()
  const body = { name: name.trim(), description: description.trim() }
  const save = useMutation({
    mutationFn: () => (group ? patch<Group>(`/groups/${group.id}`, body) : post<Group>('/groups', body)),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ['groups'] })
      onDone(saved)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput label="Name" value={name} onChange={(event) => setName(event.target.value)} required data-autofocus />
        <Textarea
          label="Description (optional)"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <Fault error={save.error} />
        <Button type="submit" loading={save.isPending} style={{ alignSelf: 'flex-end' }}>
          {group ? 'Save' : 'Create'}
        </Button>
      </Stack>
    </form>
  )
}
