import { ActionIcon, Button, Drawer, Menu, Text } from '@mantine/core'
import { IconCpu, IconDots, IconMessage2, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { remove } from '../api/client.ts'
import { deployments } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Deployment } from '../api/types.ts'
import { useWatch } from '../api/watch.ts'
import { Confirm } from '../ui/confirm.tsx'
import { count, counted } from '../ui/format.ts'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { DeploymentForm } from './deployment-form.tsx'
import { DeploymentState } from './deployment-state.tsx'
import { tellFailure } from './failure.tsx'

export function DeploymentsPage() {
  const { data } = useSuspenseQuery({ ...deployments, refetchInterval: 5_000 })
  useWatch('deployment', 'deployments')
  const { edit, model } = useSearch({ strict: false })
  const navigate = useNavigate()
  const may = useMayPerhaps()
  const show = (id: string | undefined) => navigate({ to: '/deployments', search: { edit: id } })
  const edited = data.items.find(({ id }) => id === edit)
  const add = may('deployment.apply') && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
      Create deployment
    </Button>
  )
  return (
    <Page
      title="Deployments"
      lead="Models at work. Each runs in its own process without network, and answers under its name in chat and to any OpenAI client."
      actions={add}
    >
      <Panel flush>
        <Table
          label="Deployments"
          rows={data.items}
          rowKey={({ id }) => id}
          columns={columns}
          end={(deployment) => <Acts deployment={deployment} onEdit={() => show(deployment.id)} />}
          empty={
            <Empty icon={<IconCpu size={20} />} title="Nothing runs yet" action={add}>
              Choose a model and give it a name to be called by.
            </Empty>
          }
        />
      </Panel>
      <Drawer
        opened={edit !== undefined}
        onClose={() => show(undefined)}
        position="right"
        size={480}
        title={<Text fw={600}>{edited ? `Edit ${edited.name}` : 'Create deployment'}</Text>}
        padding="lg"
      >
        {edit !== undefined && <DeploymentForm key={edit} deployment={edited} model={model} onDone={() => show(undefined)} />}
      </Drawer>
    </Page>
  )
}

const columns = {
  Name: ({ name, scope }: Deployment) => (
    <span>
      <b style={{ fontWeight: 550 }}>{name}</b>
      {scope !== '/' && <span style={{ color: 'var(--hf-muted)' }}> {scope}</span>}
    </span>
  ),
  State: ({ status }: Deployment) => (
    <div>
      <DeploymentState state={status?.state} />
      {status?.message && <div style={{ color: 'var(--hf-muted)', fontSize: 12.5 }}>{status.message}</div>}
    </div>
  ),
  Model: ({ spec }: Deployment) =>
    spec.engine === 'openai' ? `${spec.upstreamModel ?? spec.model ?? 'upstream'} at ${hostOf(spec.baseUrl)}` : spec.model,
  Load: ({ status, spec }: Deployment) =>
    spec.parallel === undefined
      ? `${count(status?.running ?? 0)} running`
      : `${count(status?.running ?? 0)} of ${counted(spec.parallel, 'answer')}`,
  Queue: ({ status, spec }: Deployment) =>
    `${count(status?.waiting ?? 0)}${spec.queueMax === undefined ? ' waiting' : ` of ${count(spec.queueMax)}`}`,
  Restarts: ({ status }: Deployment) => count(status?.restarts ?? 0),
  Loaded: ({ status }: Deployment) => (status?.loadedAt ? <Time at={status.loadedAt} /> : '–'),
}

const hostOf = (url: string | undefined): string => (url && URL.canParse(url) ? new URL(url).host : 'no address')

function Acts({ deployment, onEdit }: { deployment: Deployment; onEdit: () => void }) {
  const [deleting, setDeleting] = useState(false)
  const may = useMayPerhaps()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const forget = useMutation({
    mutationFn: () => remove(`/deployments/${deployment.id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['deployments'] }),
    onError: tellFailure,
    onSettled: () => setDeleting(false),
  })
  const callName = deployment.scope === '/' ? deployment.name : `${deployment.scope.slice(1)}/${deployment.name}`
  return (
    <>
      <Menu position="bottom-end" width={170}>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${deployment.name}`}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconMessage2 size={15} />}
            onClick={() => navigate({ to: '/chat/{-$id}', params: { id: undefined }, search: { model: callName } })}
          >
            Chat with it
          </Menu.Item>
          {may('deployment.apply') && (
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={onEdit}>
              Edit
            </Menu.Item>
          )}
          {may('deployment.delete') && (
            <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => setDeleting(true)}>
              Delete
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${deployment.name}?`}
        act="Delete"
        typed={deployment.name}
        busy={forget.isPending}
        onConfirm={() => forget.mutate()}
      >
        Its engine stops, and clients that call it by this name are refused. Its model stays.
      </Confirm>
    </>
  )
}
