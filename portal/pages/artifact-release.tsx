// A release: its files, what refers to it, who pulls it, and the manifest itself.
import { Button, Tabs } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconTrash } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { artifactPullLine } from '../../client/artifact-lines.ts'
import { release as releaseQuery, repositories } from '../api/artifacts.ts'
import type { Release, RepositoryCard } from '../api/types.ts'
import { Mono } from '../ui/copy.tsx'
import { bytes, count, counted } from '../ui/format.ts'
import { Facts, Page, Panel } from '../ui/page.tsx'
import { Snippet } from '../ui/snippet.tsx'
import { Tag } from '../ui/state.tsx'
import { Time } from '../ui/time.tsx'
import { Discard } from './artifact-discard.tsx'
import { licenceOf, sayingsOf, weightsOf } from './artifact-model-facts.ts'
import { repositoryOf } from './artifact-package.tsx'
import { FilesTab, ManifestTab, PullersTab, ReferrersTab } from './artifact-release-tabs.tsx'
import css from './artifacts.module.css'
import { TypeName } from './artifact-words.tsx'
import { usePrincipalNames } from './principal-picker.tsx'

const tabs = ['files', 'referrers', 'pulls', 'manifest'] as const

export function ArtifactReleasePage() {
  const { path = '', reference = '', tab } = useSearch({ strict: false })
  const { data: release } = useSuspenseQuery(releaseQuery({ path, reference }))
  const { data: all } = useQuery(repositories)
  const repository = repositoryOf(all?.items, path)
  const navigate = useNavigate()
  const [discarding, setDiscarding] = useDisclosure(false)
  const shown = tabs.find((each) => each === tab) ?? 'files'
  return (
    <Page
      wide
      title={reference.includes(':') ? `${path}@${reference.slice(0, 19)}…` : `${path}:${reference}`}
      back={{ to: `/artifacts/package?${new URLSearchParams({ path })}`, label: path }}
      actions={
        repository?.may.discard && (
          <Button variant="default" leftSection={<IconTrash size={16} />} onClick={setDiscarding.open}>
            Discard release
          </Button>
        )
      }
    >
      <About release={release} repository={repository} reference={reference} />
      <div>
        <Tabs
          value={shown}
          onChange={(next) =>
            navigate({
              to: '/artifacts/release',
              search: { path, reference, ...(next && next !== 'files' ? { tab: next } : {}) },
              replace: true,
            })
          }
          keepMounted={false}
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="files">{release.files.some(({ role }) => role === 'manifest') ? 'Platforms' : 'Files'}</Tabs.Tab>
            <Tabs.Tab value="referrers">Referrers ({count(release.referrers.length)})</Tabs.Tab>
            <Tabs.Tab value="pulls">Pulls ({count(release.pulls)})</Tabs.Tab>
            <Tabs.Tab value="manifest">Manifest</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="files">
            <FilesTab release={release} />
          </Tabs.Panel>
          <Tabs.Panel value="referrers">
            <ReferrersTab release={release} />
          </Tabs.Panel>
          <Tabs.Panel value="pulls">
            <PullersTab release={release} />
          </Tabs.Panel>
          <Tabs.Panel value="manifest">
            <ManifestTab release={release} />
          </Tabs.Panel>
        </Tabs>
      </div>
      <Discard
        path={path}
        target={discarding ? { ...release, reference: release.digest, referrers: release.referrers.length } : undefined}
        onClose={setDiscarding.close}
        onDone={() => void navigate({ to: '/artifacts/package', search: { path } })}
      />
    </Page>
  )
}

type AboutProps = { release: Release; repository: RepositoryCard | undefined; reference: string }

function About({ release, repository, reference }: AboutProps) {
  const nameOf = usePrincipalNames()
  const { path, digest, tags, annotations, subject } = release
  const weights = weightsOf(release)
  return (
    <Panel title="Release">
      <div className={css.pull}>
        <Snippet
          label="How to have it"
          code={artifactPullLine({ url: location.origin, path, reference, format: repository?.format ?? 'oci' })}
        />
        <Facts
          of={{
            Digest: <Mono>{digest}</Mono>,
            Type: <TypeName artifactType={release.artifactType} mediaType={release.mediaType} />,
            Tags: tags.length > 0 && (
              <span className={css.badges}>
                {tags.slice(0, 50).map((tag) => (
                  <Tag key={tag}>{tag}</Tag>
                ))}
                {tags.length > 50 && <span className={css.hint}>and {count(tags.length - 50)} more</span>}
              </span>
            ),
            Size: `${bytes(release.sizeBytes)} in ${counted(release.files.length, 'part')}${release.filesMore ? ' and more' : ''}`,
            Weights: weights.join(', '),
            Licence: licenceOf(release),
            Pushed: (
              <>
                <Time at={release.pushedAt} /> by {nameOf(release.pushedBy)}
              </>
            ),
            'Speaks of': subject && (
              <Link to="/artifacts/release" search={{ path, reference: subject }}>
                <code>{subject}</code>
              </Link>
            ),
            ...Object.fromEntries(
              sayingsOf(annotations)
                .filter(([key]) => key !== 'org.opencontainers.image.licenses')
                .map(([key, value]) => [key, <span key={key}>{value}</span>]),
            ),
          }}
        />
      </div>
    </Panel>
  )
}
