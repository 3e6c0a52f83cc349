import { ActionIcon, Button, Modal, SegmentedControl, Stack, TextInput, Tooltip } from '@mantine/core'
import { IconArrowsMove, IconBuilding, IconFolder, IconPlus, IconStack2, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put, remove } from '../api/client.ts'
import { folders as foldersQuery, projects as projectsQuery } from '../api/queries.ts'
import { useMayPerhaps, useSession } from '../api/session.ts'
import type { Scope } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Page, Panel } from '../ui/page.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tellFailure } from './failure.tsx'
import { MoveScope } from './scope-move.tsx'
import { pathOf, ScopePicker } from './scope-picker.tsx'
import css from './scopes.module.css'

const byPath = (a: Scope, b: Scope) => pathOf(a.scope, a.name).localeCompare(pathOf(b.scope, b.name))

export function ScopesPage() {
  const { data: folders } = useSuspenseQuery(foldersQuery)
  const { data: projects } = useSuspenseQuery(projectsQuery)
  const { organisation } = useSession()
  const may = useMayPerhaps()
  const [under, setUnder] = useState<string>()
  const [chosen, setChosen] = useState<Scope>()
  const [moving, setMoving] = useState<Scope>()
  const queries = useQueryClient()
  // A path sorts after its parent's, so the flat list, sorted, is the tree.
  const all = [...folders.items, ...projects.items].sort(byPath)
  const forget = useMutation({
    mutationFn: ({ kind, id }: Scope) => remove(`/${kind}s/${id}`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  const mayAdd = may('folder.apply') || may('project.apply')
  return (
    <Page
      title="Scopes"
      lead="How the organisation is divided. Roles, models and deployments belong to a scope and hold for everything below it."
      actions={
        mayAdd && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setUnder('/')}>
            Create scope
          </Button>
        )
      }
    >
      <Panel flush>
        <ul className={css.tree} aria-label="Scopes">
          <li className={css.row}>
            <IconBuilding size={17} stroke={1.7} aria-hidden />
            <span className={css.name}>{organisation.name}</span>
            <span className={css.path}>/</span>
          </li>
          {all.map((scope) => (
            <Row
              key={scope.id}
              scope={scope}
              onAdd={mayAdd && scope.kind === 'folder' ? setUnder : undefined}
              onMove={may(`${scope.kind}.apply`) ? setMoving : undefined}
              onDelete={may(`${scope.kind}.delete`) ? setChosen : undefined}
            />
          ))}
        </ul>
        {all.length === 0 && (
          <p className={css.hint}>
            No folders or projects yet. A small site needs none; create one when different people should be allowed different
            things.
          </p>
        )}
      </Panel>
      <Modal opened={under !== undefined} onClose={() => setUnder(undefined)} title="Create a scope">
        {under !== undefined && <Create under={under} onDone={() => setUnder(undefined)} />}
      </Modal>
      <Modal
        opened={moving !== undefined}
        onClose={() => setMoving(undefined)}
        title={moving ? `Move ${pathOf(moving.scope, moving.name)}` : ''}
        size="lg"
      >
        {moving && <MoveScope of={moving} onDone={() => setMoving(undefined)} />}
      </Modal>
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={`Delete ${chosen && pathOf(chosen.scope, chosen.name)}?`}
        act="Delete"
        typed={chosen?.name}
        busy={forget.isPending}
        onConfirm={() => chosen && forget.mutate(chosen)}
      >
        Only an empty scope can be deleted. Roles given in it are taken back.
      </Confirm>
    </Page>
  )
}

type RowProps = {
  scope: Scope
  onAdd: ((under: string) => void) | undefined
  onMove: ((scope: Scope) => void) | undefined
  onDelete: ((scope: Scope) => void) | undefined
}

function Row({ scope, onAdd, onMove, onDelete }: RowProps) {
  const path = pathOf(scope.scope, scope.name)
  const Icon = scope.kind === 'folder' ? IconFolder : IconStack2
  return (
    <li className={css.row} style={{ paddingLeft: 16 + 22 * (path.split('/').length - 1) }}>
      <Icon size={17} stroke={1.7} aria-hidden />
      <span className={css.name}>{scope.spec.title ?? scope.name}</span>
      <span className={css.path}>
        {path} · {scope.kind} · <Time at={scope.createdAt} />
      </span>
      <span className={css.acts}>
        {onAdd && (
          <Tooltip label="Create inside">
            <ActionIcon onClick={() => onAdd(path)} aria-label={`Create inside ${path}`}>
              <IconPlus size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {onMove && (
          <Tooltip label="Move">
            <ActionIcon onClick={() => onMove(scope)} aria-label={`Move ${path}`}>
              <IconArrowsMove size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {onDelete && (
          <Tooltip label="Delete">
            <ActionIcon onClick={() => onDelete(scope)} aria-label={`Delete ${path}`}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </span>
    </li>
  )
}

function Create({ under, onDone }: { under: string; onDone: () => void }) {
  const [kind, setKind] = useState('project')
  const [scope, setScope] = useState(under)
  const [name, setName] = useState('')
  const [title, setTitle] = useState('')
  const queries = useQueryClient()
  const create = useMutation({
    mutationFn: () => put(`/${kind}s`, { scope, name, spec: title.trim() ? { title: title.trim() } : {} }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <SegmentedControl
          aria-label="Kind"
          value={kind}
          onChange={setKind}
          data={[
            { value: 'project', label: 'Project' },
            { value: 'folder', label: 'Folder' },
          ]}
        />
        <ScopePicker label="Inside" value={scope} onChange={setScope} />
        <TextInput
          label="Name"
          description="Part of its path. Lowercase letters, digits and dashes."
          value={name}
          onChange={(event) => setName(event.target.value)}
          pattern="[a-z][a-z0-9\-]{0,62}"
          required
          data-autofocus
        />
        <TextInput label="Title (optional)" value={title} onChange={(event) => setTitle(event.target.value)} />
        <Fault error={create.error} />
        <Button type="submit" loading={create.isPending} style={{ alignSelf: 'flex-end' }}>
          Create
        </Button>
      </Stack>
    </form>
  )
}
