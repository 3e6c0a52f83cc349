// Models as they lie in repositories, whatever pushed them: by their files, with the licence and the signatures that go with them.
import { IconPackage } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { packages, release } from '../api/artifacts.ts'
import type { PackageCard, Release } from '../api/types.ts'
import { Filter } from '../ui/filter.tsx'
import { bytes, count } from '../ui/format.ts'
import { More } from '../ui/more.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { isSignature, licenceOf, weightsOf } from './artifact-model-facts.ts'
import { Fault } from './failure.tsx'

export function ArtifactModels({ q = '', onFilter }: { q: string | undefined; onFilter: (text: string) => void }) {
  const list = useInfiniteQuery(packages({ models: 'true', ...(q === '' ? {} : { q }) }))
  const navigate = useNavigate()
  if (list.error) return <Fault error={list.error} />
  return (
    <Panel flush title="Models" actions={<Filter label="Filter models" value={q} onFilter={onFilter} />}>
      <Table
        label="Models"
        rows={list.data?.pages.flatMap(({ items }) => items) ?? []}
        rowKey={({ path }) => path}
        onOpen={({ path }) => navigate({ to: '/artifacts/package', search: { path } })}
        columns={{
          Name: ({ path }) => (
            <Link to="/artifacts/package" search={{ path }} style={{ fontWeight: 550 }}>
              {path}
            </Link>
          ),
          Revision: ({ path, latestTag }) =>
            latestTag === null ? (
              '–'
            ) : (
              <Link to="/artifacts/release" search={{ path, reference: latestTag }}>
                {latestTag}
              </Link>
            ),
          Format: (of) => <OfLatest of={of} show={(it) => weightsOf(it).map((format) => <Tag key={format}>{format}</Tag>)} />,
          Size: (of) => <OfLatest of={of} show={(it) => bytes(it.sizeBytes)} />,
          Licence: (of) => <OfLatest of={of} show={(it) => licenceOf(it) ?? 'not stated'} />,
          Signature: (of) => <OfLatest of={of} show={signatureWords} />,
          Pulls: ({ pulls }) => count(pulls),
          Pushed: ({ pushedAt }) => (pushedAt === null ? '–' : <Time at={pushedAt} />),
        }}
        empty={
          list.isPending ? (
            <div style={{ height: 220 }} />
          ) : (
            <Empty icon={<IconPackage size={20} />} title={q ? 'No model by that name' : 'No models in a repository yet'}>
              {q
                ? 'Try fewer letters.'
                : 'Push a folder with `hf upload` or a ModelPack client, or a GGUF file with `holdfast artifact push`. An OCI repository’s page has the lines.'}
            </Empty>
          )
        }
      />
      <More query={list} />
    </Panel>
  )
}

/** That one is attached says nothing of whose it is: `holdfast artifact verify` does. */
const signatureWords = (of: Release): ReactNode =>
  of.referrers.some(isSignature) ? <Tag>attached, not verified here</Tag> : 'none'

/** Of the release that was tagged last; each is asked for by itself, so that the list does not wait for them. */
function OfLatest({ of: { path, latestTag }, show }: { of: PackageCard; show: (release: Release) => ReactNode }) {
  const { data } = useQuery({ ...release({ path, reference: latestTag ?? '' }), enabled: latestTag !== null, staleTime: 60_000 })
  return <>{data ? show(data) : '–'}</>
}
