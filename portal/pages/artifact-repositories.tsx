import { IconArchive } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { RepositoryCard } from '../api/types.ts'
import { Filter } from '../ui/filter.tsx'
import { bytes, count, counted } from '../ui/format.ts'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import css from './artifacts.module.css'
import { ConnectLines } from './artifact-connect.tsx'
import { formatNames } from './artifact-words.tsx'

type Props = {
  repositories: readonly RepositoryCard[]
  q: string | undefined
  onFilter: (text: string) => void
  make: ReactNode
}

export function ArtifactRepositories({ repositories, q = '', onFilter, make }: Props) {
  const navigate = useNavigate()
  const shown = repositories.filter(({ path, description = '' }) => `${path} ${description}`.includes(q.toLowerCase()))
  const total = shown.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (repositories.length === 0) return <FirstRepository make={make} />
  return (
    <Panel
      flush
      title="Repositories"
      note={`${counted(shown.length, 'repository', 'repositories')}, ${bytes(total)}`}
      actions={<Filter label="Filter repositories" value={q} onFilter={onFilter} />}
    >
      <Table
        label="Repositories"
        rows={shown}
        rowKey={({ id }) => id}
        onOpen={({ id }) => navigate({ to: '/artifacts/repositories/$id', params: { id } })}
        columns={{
          Name: ({ id, name, description }) => (
            <>
              <Link to="/artifacts/repositories/$id" params={{ id }} style={{ fontWeight: 550 }}>
                {name}
              </Link>
              {description && <div style={{ color: 'var(--hf-muted)' }}>{description}</div>}
            </>
          ),
          Where: ({ scope }) => scope,
          Format: ({ format }) => <Tag>{formatNames[format] ?? format}</Tag>,
          Packages: ({ packages }) => count(packages),
          Size: ({ sizeBytes }) => bytes(sizeBytes),
          'Last push': ({ pushedAt }) => (pushedAt === null ? 'never' : <Time at={pushedAt} />),
          'You may': ({ may }) =>
            [may.pull && 'pull', may.push && 'push', may.discard && 'discard'].filter(Boolean).join(', ') || 'look',
        }}
        empty={
          <Empty icon={<IconArchive size={20} />} title="No repository by that name">
            Try fewer letters.
          </Empty>
        }
      />
    </Panel>
  )
}

/** Where nothing is yet, the next step: make one, or just push. */
function FirstRepository({ make }: { make: ReactNode }) {
  return (
    <div className={css.stack}>
      <Panel>
        <Empty icon={<IconArchive size={20} />} title="No repositories yet" action={make}>
          Create one, or push with a client you have: the first push makes the repository that its path names, where you may make
          one. Nothing here leaves the site, and nothing is fetched.
        </Empty>
      </Panel>
      <ConnectLines path="images" format="oci" />
      <ConnectLines path="python" format="pypi" />
      <ConnectLines path="web" format="npm" />
      <ConnectLines path="debian" format="apt" />
      <ConnectLines path="tools" format="files" />
    </div>
  )
}
