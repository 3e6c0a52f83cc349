// One repository: what it holds, how each client is pointed at it, who may use it, and how it is set.
import { Button, Modal, Tabs } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPackage, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { packages, repositories, repository as repositoryQuery } from '../api/artifacts.ts'
import { remove } from '../api/client.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Repository, RepositoryCard } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Mono } from '../ui/copy.tsx'
import { Filter } from '../ui/filter.tsx'
import { bytes, count } from '../ui/format.ts'
import { More } from '../ui/more.tsx'
import { Empty, Facts, Page, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { ConnectLines } from './artifact-connect.tsx'
import { PackageTable } from './artifact-package-table.tsx'
import { RepositoryForm } from './artifact-repository-form.tsx'
import css from './artifacts.module.css'
import { formatNames } from './artifact-words.tsx'
import { tellFailure } from './failure.tsx'

const tabs = ['packages', 'connect', 'access', 'settings'] as const

export function ArtifactRepositoryPage() {
  const { id = '' } = useParams({ strict: false })
  const { tab, q } = useSearch({ strict: false })
  const { data: repository } = useSuspenseQuery(repositoryQuery(id))
  const { data: all } = useSuspenseQuery(repositories)
  const navigate = useNavigate()
  const card = all.items.find((one) => one.id === id)
  const path = card?.path ?? `${repository.scope}/${repository.name}`.replace(/^\/+/, '')
  const shown = tabs.find((each) => each === tab) ?? 'packages'
  const search = (next: { tab?: string; q?: string }) =>
    navigate({
      to: '/artifacts/repositories/$id',
      params: { id },
      search: { ...(next.tab && next.tab !== 'packages' ? { tab: next.tab } : {}), ...(next.q ? { q: next.q } : {}) },
      replace: true,
    })
  return (
    <Page
      wide
      title={path}
      lead={repository.spec.description ?? `${formatNames[repository.spec.format] ?? repository.spec.format} repository`}
      back={{ to: '/artifacts', label: 'Artifacts' }}
    >
      <Tabs value={shown} onChange={(next) => search({ tab: next ?? 'packages' })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="packages">Packages</Tabs.Tab>
          <Tabs.Tab value="connect">Connect</Tabs.Tab>
          <Tabs.Tab value="access">Access</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="packages">
          <Packages id={id} path={path} format={repository.spec.format} q={q} onFilter={(text) => search({ q: text })} />
        </Tabs.Panel>
        <Tabs.Panel value="connect">
          <ConnectLines path={path} format={repository.spec.format} />
        </Tabs.Panel>
        <Tabs.Panel value="access">
          <Access repository={repository} card={card} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Settings repository={repository} card={card} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

type PackagesProps = { id: string; path: string; format: string; q: string | undefined; onFilter: (text: string) => void }

function Packages({ id, path, format, q = '', onFilter }: PackagesProps) {
  const list = useInfiniteQuery(packages({ repository: id, ...(q === '' ? {} : { q }) }))
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const bare = !list.isPending && q === '' && items.length === 0
  return (
    <div className={css.stack}>
      <Panel flush title="Packages" actions={<Filter label="Filter packages" value={q} onFilter={onFilter} />}>
        <PackageTable
          packages={items}
          pending={list.isPending}
          filtered={q !== ''}
          under={path}
          empty={
            <Empty icon={<IconPackage size={20} />} title="Nothing was pushed here yet">
              The lines below are for this repository; each is complete but for your API key and what you push.
            </Empty>
          }
        />
        <More query={list} />
      </Panel>
      {bare && <ConnectLines path={path} format={format} />}
    </div>
  )
}

const verbs = [
  ['pull', 'repository.pull', 'Pull'],
  ['push', 'repository.push', 'Push'],
  ['discard', 'repository.discard', 'Discard releases'],
] as const

function Access({ repository, card }: { repository: Repository; card: RepositoryCard | undefined }) {
  const may = useMayPerhaps()
  return (
    <Panel title="Who may use it" note={`by roles held at ${repository.scope} or above`} flush>
      <Table
        label="Who may use it"
        rows={verbs}
        rowKey={([verb]) => verb}
        columns={{
          Act: ([, action, words]) => (
            <>
              {words} <code className={css.hint}>{action}</code>
            </>
          ),
          You: ([verb]) => (card?.may[verb] ? <Tag tone="good">may</Tag> : <Tag>may not</Tag>),
          'Who else': ([, action]) =>
            may('policy.explain') ? (
              <Link to="/roles" search={{ tab: 'why', action, scope: repository.scope }}>
                Ask why, or why not
              </Link>
            ) : (
              <Link to="/roles">Roles</Link>
            ),
        }}
        empty={null}
      />
    </Panel>
  )
}

function Settings({ repository, card }: { repository: Repository; card: RepositoryCard | undefined }) {
  const may = useMayPerhaps()
  const [editing, setEditing] = useDisclosure(false)
  const { immutableTags = [], format, upstream } = repository.spec
  return (
    <>
      <Panel
        title="Settings"
        actions={
          <div style={{ display: 'flex', gap: 8 }}>
            {may('repository.apply') && (
              <Button size="compact-md" variant="default" onClick={setEditing.open}>
                Change
              </Button>
            )}
            {may('repository.delete') && <Delete repository={repository} packages={card?.packages ?? 0} />}
          </div>
        }
      >
        <Facts
          of={{
            Format: formatNames[format] ?? format,
            'Immutable tags':
              immutableTags.length === 0 ? (
                'none: any tag may move to another release'
              ) : (
                <span className={css.badges}>
                  {immutableTags.map((pattern) => (
                    <Tag key={pattern}>{pattern}</Tag>
                  ))}
                </span>
              ),
            ...(upstream && { Upstream: `${upstream.url}/${upstream.path}, where this site is connected` }),
            Holds: card && `${count(card.packages)} packages, ${bytes(card.sizeBytes)}`,
            Where: repository.scope,
            Created: <Time at={repository.createdAt} />,
            Changed: <Time at={repository.updatedAt} />,
            Id: <Mono>{repository.id}</Mono>,
            Record: (
              <Link to="/inventory/$kind/$id" params={{ kind: 'repository', id: repository.id }}>
                History, labels and verdicts in the inventory
              </Link>
            ),
          }}
        />
      </Panel>
      <Modal opened={editing} onClose={setEditing.close} title={`Change ${repository.name}`}>
        <RepositoryForm repository={repository} onDone={setEditing.close} />
      </Modal>
    </>
  )
}

function Delete({ repository, packages: held }: { repository: Repository; packages: number }) {
  const [asking, setAsking] = useDisclosure(false)
  const navigate = useNavigate()
  const queries = useQueryClient()
  const forget = useMutation({
    mutationFn: () => remove(`/repositories/${repository.id}`),
    onSuccess: async () => {
      await navigate({ to: '/artifacts' })
      await queries.invalidateQueries({ queryKey: ['artifacts'] })
    },
    onError: tellFailure,
    onSettled: setAsking.close,
  })
  return (
    <>
      <Button size="compact-md" variant="default" leftSection={<IconTrash size={15} />} onClick={setAsking.open}>
        Delete
      </Button>
      <Confirm
        opened={asking}
        onClose={setAsking.close}
        title={`Delete ${repository.name}?`}
        act="Delete"
        typed={repository.name}
        busy={forget.isPending}
        onConfirm={() => forget.mutate()}
      >
        {held > 0
          ? `It holds ${count(held)} packages. Only an empty repository can be deleted: discard what is in it first.`
          : 'Clients that are pointed at it will hear that nothing is there.'}
      </Confirm>
    </>
  )
}
