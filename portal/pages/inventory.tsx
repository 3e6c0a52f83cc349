// Everything there is, of every kind, found by any field; a search that is worth keeping becomes a view.
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBookmark, IconDownload, IconGitCompare, IconSearch, IconStack2 } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { address, put } from '../api/client.ts'
import { inventory, kinds as kindsQuery, views as viewsQuery } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { AnyResource } from '../api/types.ts'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Classification, Criticality } from './classification.tsx'
import { Fault, tell } from './failure.tsx'
import css from './inventory.module.css'
import { usePrincipalNames } from './principal-picker.tsx'
import { ScopePicker } from './scope-picker.tsx'

const everything = 'scope:/'

export function InventoryPage() {
  const { query, view } = useSearch({ strict: false })
  const navigate = useNavigate()
  const may = useMayPerhaps()
  const [saving, setSaving] = useDisclosure(false)
  const search = (next: { query?: string | undefined; view?: string | undefined }) =>
    navigate({
      to: '/inventory',
      search: { ...(next.query ? { query: next.query } : {}), ...(next.view ? { view: next.view } : {}) },
    })
  return (
    <Page
      wide
      title="Inventory"
      lead="Every resource you may see, of every kind."
      actions={
        <>
          {may('view.apply') && query && (
            <Button variant="default" leftSection={<IconBookmark size={16} />} onClick={setSaving.open}>
              Save as a view
            </Button>
          )}
          <Button component={Link} to="/drift" variant="default" leftSection={<IconGitCompare size={16} />}>
            Compare with files
          </Button>
          <Button component="a" href={address('/export')} download variant="default" leftSection={<IconDownload size={16} />}>
            Export as files
          </Button>
        </>
      }
    >
      <Panel>
        <SearchBar key={query} query={query ?? ''} onSearch={(text) => search({ query: text, view })} />
        <Narrow view={view} query={query} onSearch={search} />
      </Panel>
      <Found query={query} view={view} />
      <Modal opened={saving} onClose={setSaving.close} title="Save this search as a view">
        <SaveView query={query ?? everything} onDone={setSaving.close} />
      </Modal>
    </Page>
  )
}

function SearchBar({ query, onSearch }: { query: string; onSearch: (query: string) => void }) {
  const [text, setText] = useState(query)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSearch(text.trim())
  }
  return (
    <form onSubmit={submit} role="search" className={css.search}>
      <TextInput
        aria-label="Search the inventory"
        placeholder="kind:deployment label.env=prod spec.engine:openai criticality>=high"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.target.value)}
        maxLength={1000}
        className={css.text}
      />
      <Button type="submit">Search</Button>
    </form>
  )
}

type NarrowProps = {
  view: string | undefined
  query: string | undefined
  onSearch: (next: { query?: string | undefined; view?: string | undefined }) => void
}

function Narrow({ view, query, onSearch }: NarrowProps) {
  const { data: kinds } = useQuery(kindsQuery)
  const { data: views } = useQuery(viewsQuery)
  const kind = /(?:^| )kind:([a-z-]+)/.exec(query ?? '')?.[1] ?? null
  const rest = (query ?? '').replace(/(?:^| )kind:[a-z-]+/, '').trim()
  return (
    <Group gap="xs" mt="sm">
      <Select
        aria-label="Kind"
        placeholder="Every kind"
        size="xs"
        clearable
        searchable
        data={(kinds?.items ?? [])
          .map((each) => ({ value: each.kind, label: each.title }))
          .sort((a, b) => (a.label < b.label ? -1 : 1))}
        value={kind}
        onChange={(next) => onSearch({ view, query: [next ? `kind:${next}` : '', rest].filter(Boolean).join(' ') })}
      />
      <Select
        aria-label="View"
        placeholder={views?.items.length === 0 ? 'No views saved yet' : 'A saved view'}
        size="xs"
        clearable
        data={(views?.items ?? []).map((each) => ({ value: each.id, label: each.spec.title ?? each.name }))}
        value={view ?? null}
        onChange={(next) => onSearch({ query, view: next ?? undefined })}
      />
      <span className={css.hint}>
        Words side by side must all hold; <code>-word</code> excludes; <code>label.KEY</code>, <code>spec.PATH</code> and{' '}
        <code>status.PATH</code> reach any field.
      </span>
    </Group>
  )
}

function Found({ query, view }: { query: string | undefined; view: string | undefined }) {
  const list = useInfiniteQuery(inventory({ query, view }))
  const navigate = useNavigate()
  const nameOf = usePrincipalNames()
  if (list.error) return <Fault error={list.error} />
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? []
  const open = ({ id, kind }: AnyResource) => navigate({ to: '/inventory/$kind/$id', params: { kind, id } })
  return (
    <Panel flush>
      <Table
        label="Resources"
        rows={rows}
        rowKey={({ id }) => id}
        onOpen={open}
        columns={{
          Name: ({ kind, id, name }) => (
            <Link to="/inventory/$kind/$id" params={{ kind, id }}>
              {name}
            </Link>
          ),
          Kind: ({ kind }) => kind,
          Where: ({ scope }) => scope,
          Classification: ({ effectiveClassification }) => <Classification of={effectiveClassification} />,
          Criticality: ({ effectiveCriticality }) => <Criticality of={effectiveCriticality} />,
          Owner: ({ owner }) => nameOf(owner),
          Changed: ({ updatedAt }) => <Time at={updatedAt} />,
        }}
        empty={
          list.isPending ? (
            <div style={{ height: 220 }} />
          ) : (
            <Empty icon={<IconStack2 size={20} />} title="Nothing matches">
              Take a word away from the search, or choose another view.
            </Empty>
          )
        }
      />
      {list.hasNextPage && (
        <div className={css.more}>
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Panel>
  )
}

const nameOfTitle = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 63)

function SaveView({ query, onDone }: { query: string; onDone: () => void }) {
  const [title, setTitle] = useState('')
  const [scope, setScope] = useState('/')
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => put('/views', { scope, name: nameOfTitle(title), spec: { title, query } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['views'] })
      tell('The view is saved')
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
          label="Title"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          maxLength={200}
          data-autofocus
        />
        <ScopePicker label="For whom" description="Who may read views at this place sees it." value={scope} onChange={setScope} />
        <code className={css.query}>{query}</code>
        <Fault error={save.error} />
        <Button type="submit" loading={save.isPending} disabled={nameOfTitle(title) === ''} style={{ alignSelf: 'flex-end' }}>
          Save
        </Button>
      </Stack>
    </form>
  )
}
