// A package: its tags, newest first, and what can be done with each.
import { ActionIcon, Tooltip } from '@mantine/core'
import { IconTag, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { artifactPullLine } from '../../client/artifact-lines.ts'
import { repositories, tags } from '../api/artifacts.ts'
import type { RepositoryCard, TagCard } from '../api/types.ts'
import { Copy } from '../ui/copy.tsx'
import { Filter } from '../ui/filter.tsx'
import { bytes, count } from '../ui/format.ts'
import { More } from '../ui/more.tsx'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import css from './artifacts.module.css'
import { Discard } from './artifact-discard.tsx'
import { Digest, TypeName } from './artifact-words.tsx'
import { Fault } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'

/** The deepest one that the path lies in. */
export const repositoryOf = (all: readonly RepositoryCard[] | undefined, path: string): RepositoryCard | undefined =>
  all?.filter((one) => path === one.path || path.startsWith(`${one.path}/`)).toSorted((a, b) => b.path.length - a.path.length)[0]

export function ArtifactPackagePage() {
  const { path = '', q } = useSearch({ strict: false })
  const list = useInfiniteQuery(tags({ path, ...(q ? { q } : {}) }))
  const { data: all } = useQuery(repositories)
  const repository = repositoryOf(all?.items, path)
  const navigate = useNavigate()
  const nameOf = usePrincipalNames()
  const [chosen, setChosen] = useState<TagCard>()
  return (
    <Page
      wide
      title={path}
      lead="Tags, newest first. A tag is a name; what it names is a release, by digest."
      back={
        repository
          ? { to: `/artifacts/repositories/${repository.id}`, label: repository.path }
          : { to: '/artifacts', label: 'Artifacts' }
      }
    >
      <Fault error={list.error} />
      <Panel
        flush
        title="Tags"
        actions={
          <Filter
            label="Filter tags"
            value={q ?? ''}
            onFilter={(text) =>
              navigate({ to: '/artifacts/package', search: { path, ...(text ? { q: text } : {}) }, replace: true })
            }
          />
        }
      >
        <Table
          label="Tags"
          rows={list.data?.pages.flatMap(({ items }) => items) ?? []}
          rowKey={({ name }) => name}
          onOpen={({ name }) => navigate({ to: '/artifacts/release', search: { path, reference: name } })}
          columns={{
            Tag: ({ name }) => (
              <Link to="/artifacts/release" search={{ path, reference: name }} className={css.tag}>
                {name}
              </Link>
            ),
            Type: ({ artifactType, mediaType }) => <TypeName artifactType={artifactType} mediaType={mediaType} />,
            Size: ({ sizeBytes }) => <span className={css.digest}>{bytes(sizeBytes)}</span>,
            Digest: ({ digest }) => <Digest of={digest} />,
            Set: ({ setAt }) => <Time at={setAt} />,
            By: ({ setBy }) => nameOf(setBy),
            Pulls: ({ pulls }) => count(pulls),
            Referrers: ({ referrers }) => (referrers === 0 ? '–' : count(referrers)),
          }}
          end={(tag) => (
            <span style={{ display: 'inline-flex', gap: 4 }}>
              <Copy
                value={artifactPullLine({ url: location.origin, path, reference: tag.name, format: repository?.format ?? 'oci' })}
                label={`Copy the line that pulls ${tag.name}`}
              />
              {repository?.may.discard && (
                <Tooltip label="Discard">
                  <ActionIcon onClick={() => setChosen(tag)} aria-label={`Discard ${tag.name}`}>
                    <IconTrash size={16} />
                  </ActionIcon>
                </Tooltip>
              )}
            </span>
          )}
          empty={
            list.isPending ? (
              <div style={{ height: 220 }} />
            ) : (
              <Empty icon={<IconTag size={20} />} title={q ? 'No tag by that name' : 'No tags'}>
                {q ? 'Try fewer letters.' : 'What is here is named by its digest only. Push it with a tag to see it here.'}
              </Empty>
            )
          }
        />
        <More query={list} />
      </Panel>
      <Discard
        path={path}
        target={chosen && { reference: chosen.name, tags: [chosen.name], ...chosen }}
        onClose={() => setChosen(undefined)}
      />
    </Page>
  )
}
