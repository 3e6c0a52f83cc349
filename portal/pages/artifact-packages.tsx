// Packages of programs: Python, npm, Debian and files, each with the line that installs it.
import { Select } from '@mantine/core'
import { IconPackage } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { artifactPullLine, versionOfTag } from '../../client/artifact-lines.ts'
import { packages } from '../api/artifacts.ts'
import { Copy } from '../ui/copy.tsx'
import { Filter } from '../ui/filter.tsx'
import { bytes, count } from '../ui/format.ts'
import { More } from '../ui/more.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault } from './failure.tsx'
import { formatNames } from './artifact-words.tsx'

const formats = ['pypi', 'npm', 'apt', 'files']

export function ArtifactPackages({ q = '', onFilter }: { q: string | undefined; onFilter: (text: string) => void }) {
  const [format, setFormat] = useState<string | null>(null)
  const list = useInfiniteQuery(packages({ format: format ?? formats.join(','), ...(q === '' ? {} : { q }) }))
  const navigate = useNavigate()
  if (list.error) return <Fault error={list.error} />
  return (
    <Panel
      flush
      title="Packages"
      actions={
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
          <Select
            size="xs"
            w={140}
            aria-label="Format"
            placeholder="Every format"
            clearable
            data={formats.map((value) => ({ value, label: formatNames[value] ?? value }))}
            value={format}
            onChange={setFormat}
          />
          <Filter label="Filter packages" value={q} onFilter={onFilter} />
        </div>
      }
    >
      <Table
        label="Packages"
        rows={list.data?.pages.flatMap(({ items }) => items) ?? []}
        rowKey={({ path }) => path}
        onOpen={({ path }) => navigate({ to: '/artifacts/package', search: { path } })}
        columns={{
          Name: ({ path }) => (
            <Link to="/artifacts/package" search={{ path }} style={{ fontWeight: 550 }}>
              {path}
            </Link>
          ),
          Format: ({ format: of }) => <Tag>{formatNames[of] ?? of}</Tag>,
          Version: ({ path, latestTag }) =>
            latestTag === null ? (
              '–'
            ) : (
              <Link to="/artifacts/release" search={{ path, reference: latestTag }}>
                {versionOfTag(latestTag)}
              </Link>
            ),
          Versions: ({ tags }) => count(tags),
          Size: ({ sizeBytes }) => bytes(sizeBytes),
          Pulls: ({ pulls }) => count(pulls),
          Released: ({ pushedAt }) => (pushedAt === null ? '–' : <Time at={pushedAt} />),
        }}
        end={({ path, latestTag, format: of }) =>
          latestTag !== null && (
            <Copy
              value={artifactPullLine({ url: location.origin, path, reference: latestTag, format: of })}
              label={`Copy the line that installs ${path}`}
            />
          )
        }
        empty={
          list.isPending ? (
            <div style={{ height: 220 }} />
          ) : (
            <Empty icon={<IconPackage size={20} />} title={q || format ? 'No package like that' : 'No packages yet'}>
              {q || format
                ? 'Try fewer letters, or every format.'
                : 'Create a repository for Python, npm, Debian or files; its page has the lines for pip, npm, apt and curl.'}
            </Empty>
          )
        }
      />
      <More query={list} />
    </Panel>
  )
}
