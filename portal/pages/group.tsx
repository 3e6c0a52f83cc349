import { ActionIcon, Button, Modal, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil, IconTrash, IconX } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { put, remove } from '../api/client.ts'
import { group as groupQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import { Confirm } from '../ui/confirm.tsx'
import { counted } from '../ui/format.ts'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Fault, tellFailure } from './failure.tsx'
import { GrantTable } from './grant-table.tsx'
import { GroupForm } from './groups.tsx'
import { PrincipalPicker } from './principal-picker.tsx'

export function GroupPage() {
  const { id = '' } = useParams({ strict: false })
  const { data: group } = useSuspenseQuery(groupQuery(id))
  const [editing, setEditing] = useDisclosure(false)
  const [deleting, setDeleting] = useDisclosure(false)
  const may = useMay()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['groups'] })
  const add = useMutation({ mutationFn: (member: string) => put(`/groups/${id}/members/${member}`), onSuccess: refresh })
  const take = useMutation({
    mutationFn: (member: string) => remove(`/groups/${id}/members/${member}`),
    onSuccess: refresh,
    onError: tellFailure,
  })
  const forget = useMutation({
    mutationFn: () => remove(`/groups/${id}`),
    onSuccess: async () => {
      await navigate({ to: '/groups' })
      await refresh()
    },
    onError: tellFailure,
    onSettled: setDeleting.close,
  })
  const mayChange = may('group.update')
  return (
    <Page
      title={group.name}
      lead={group.description}
      back={{ to: '/groups', label: 'Groups' }}
      actions={
        <>
          {mayChange && (
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={setEditing.open}>
              Edit
            </Button>
          )}
          {may('group.delete') && (
            <Button variant="default" leftSection={<IconTrash size={16} />} onClick={setDeleting.open}>
              Delete
            </Button>
          )}
        </>
      }
    >
      <Panel
        title="Members"
        note={counted(group.members.length, 'member')}
        flush
        actions={
          mayChange && (
            <PrincipalPicker
              placeholder="Add a person or group"
              without={[id, ...group.members.map((member) => member.id)]}
              onPick={(member) => add.mutate(member)}
            />
          )
        }
      >
        <Fault error={add.error} />
        <Table
          label="Members"
          rows={group.members}
          rowKey={(member) => member.id}
          columns={{
            Name: (member) => (
              <Link to={member.kind === 'user' ? '/people/$id' : '/groups/$id'} params={{ id: member.id }}>
                {member.name}
              </Link>
            ),
            Kind: ({ kind }) => (kind === 'user' ? 'Person' : 'Group'),
          }}
          end={(member) =>
            mayChange && (
              <Tooltip label="Take out">
                <ActionIcon onClick={() => take.mutate(member.id)} aria-label={`Take ${member.name} out of the group`}>
                  <IconX size={16} />
                </ActionIcon>
              </Tooltip>
            )
          }
          empty={<Empty title="No members yet">Add people with the field above.</Empty>}
        />
      </Panel>
      <Panel title="Roles" flush actions={<Link to="/roles">Grant a role</Link>}>
        <GrantTable grants={group.roles} empty={<Empty title="No roles">This group gives its members nothing yet.</Empty>} />
      </Panel>
      <Modal opened={editing} onClose={setEditing.close} title="Edit group">
        <GroupForm group={group} onDone={setEditing.close} />
      </Modal>
      <Confirm
        opened={deleting}
        onClose={setDeleting.close}
        title={`Delete ${group.name}?`}
        act="Delete"
        typed={group.name}
        busy={forget.isPending}
        onConfirm={() => forget.mutate()}
      >
        Its members lose what it gave them. The people stay.
      </Confirm>
    </Page>
  )
}
