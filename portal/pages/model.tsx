import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { remove } from '../api/client.ts'
import { deployments, model as modelQuery } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Passport } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Mono } from '../ui/copy.tsx'
import { bytes, count, large } from '../ui/format.ts'
import { Empty, Facts, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { DeploymentState } from './deployment-state.tsx'
import { tellFailure } from './failure.tsx'
import { ModelApproval } from './model-approval.tsx'

export function ModelPage() {
  const { id = '' } = useParams({ strict: false })
  const { data: model } = useSuspenseQuery(modelQuery(id))
  const may = useMayPerhaps()
  const { data: running } = useQuery({ ...deployments, enabled: may('deployment.read') })
  const users = running?.items.filter(({ spec }) => spec.model === model.id || spec.model === model.name) ?? []
  const [deleting, setDeleting] = useDisclosure(false)
  const navigate = useNavigate()
  const queries = useQueryClient()
  const forget = useMutation({
    mutationFn: () => remove(`/models/${id}`),
    onSuccess: async () => {
      await navigate({ to: '/models' })
      await queries.invalidateQueries({ queryKey: ['models'] })
    },
    onError: tellFailure,
    onSettled: setDeleting.close,
  })
  return (
    <Page
      title={model.name}
      lead={model.spec.description}
      back={{ to: '/models', label: 'Models' }}
      actions={
        <>
          {may('deployment.apply') && (
            <Button
              leftSection={<IconPlayerPlay size={16} />}
              onClick={() => navigate({ to: '/deployments', search: { edit: 'new', model: model.name } })}
            >
              Deploy
            </Button>
          )}
          {may('model.delete') && (
            <Button variant="default" leftSection={<IconTrash size={16} />} onClick={setDeleting.open}>
              Delete
            </Button>
          )}
        </>
      }
    >
      <PassportPanel passport={model.status?.passport} digest={model.spec.digest} />
      <ModelApproval of={model} />
      <Panel title="Record">
        <Facts
          of={{
            Licence: model.spec.licence ?? 'not stated',
            Source: model.spec.source ?? 'not stated',
            Scope: model.scope,
            Added: <Time at={model.createdAt} />,
            Changed: <Time at={model.updatedAt} />,
            Generation: count(model.generation),
            Id: <Mono>{model.id}</Mono>,
          }}
        />
      </Panel>
      <Panel title="Deployments of this model" flush>
        <Table
          label="Deployments"
          rows={users}
          rowKey={(deployment) => deployment.id}
          columns={{
            Name: ({ name }) => <Link to="/deployments">{name}</Link>,
            State: ({ status }) => <DeploymentState state={status?.state} message={status?.message} />,
            Scope: ({ scope }) => scope,
          }}
          empty={<Empty title="None">No deployment runs this model.</Empty>}
        />
      </Panel>
      <Confirm
        opened={deleting}
        onClose={setDeleting.close}
        title={`Delete ${model.name}?`}
        act="Delete"
        typed={model.name}
        busy={forget.isPending}
        onConfirm={() => forget.mutate()}
      >
        {users.length > 0
          ? `${users.map(({ name }) => name).join(', ')} would have nothing to run: delete those first.`
          : 'The name is taken away. Receipts of answers it gave stay valid: they hold its digest.'}
      </Confirm>
    </Page>
  )
}

const yes = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'yes' : 'no')

function PassportPanel({ passport, digest }: { passport: Passport | undefined; digest: string }) {
  return (
    <Panel title="Passport" note="read from the file">
      <Facts
        of={{
          Digest: <Mono>{digest}</Mono>,
          'Name inside': passport?.name,
          Architecture: passport?.architecture,
          Parameters: passport?.parameters && large(passport?.parameters),
          Quantisation: passport?.quantisation,
          Size: passport?.sizeBytes && bytes(passport?.sizeBytes),
          'Context length': passport?.contextLength && `${count(passport?.contextLength)} tokens`,
          Layers: passport?.blocks && count(passport?.blocks),
          'Embedding length': passport?.embeddingLength && count(passport?.embeddingLength),
          Tokenizer: passport?.tokenizer,
          Vocabulary: passport?.vocabulary && `${count(passport?.vocabulary)} tokens`,
          'Chat template': yes(passport?.chatTemplate),
          'Calls tools': yes(passport?.tools),
          'Licence inside': passport?.licence,
        }}
      />
    </Panel>
  )
}
