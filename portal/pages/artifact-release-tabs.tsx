import { IconChecks, IconFile, IconLink } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { Release } from '../api/types.ts'
import { Copy } from '../ui/copy.tsx'
import { bytes, count } from '../ui/format.ts'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { sayingsOf } from './artifact-model-facts.ts'
import css from './artifacts.module.css'
import { Digest, typeWords } from './artifact-words.tsx'
import { usePrincipalNames } from './principal-picker.tsx'

type Platform = { digest: string; platform?: { os?: string; architecture?: string; variant?: string } }

/** Of an index: the platforms that its manifest names; other documents say nothing of them. */
const platformsOf = ({ manifest }: Release): Map<string, string> => {
  const named = (manifest as { manifests?: unknown } | undefined)?.manifests // any document: looked at below
  if (!Array.isArray(named)) return new Map()
  return new Map(
    (named as Platform[]) // only shown
      .filter(({ digest, platform }) => typeof digest === 'string' && platform !== undefined)
      .map(({ digest, platform }) => [
        digest,
        [platform?.os, platform?.architecture, platform?.variant].filter(Boolean).join('/'),
      ]),
  )
}

const roleWords = { config: 'configuration', layer: 'layer', manifest: 'release' }

export function FilesTab({ release }: { release: Release }) {
  const platforms = platformsOf(release)
  return (
    <Panel flush title={platforms.size > 0 ? 'Platforms' : 'Files'} note={release.filesMore ? 'the first 1,000' : undefined}>
      <Table
        label="Files"
        rows={release.files}
        rowKey={({ digest, path, role }) => `${role} ${digest} ${path}`}
        columns={{
          Name: ({ path, digest, role }) =>
            role === 'manifest' ? (
              <Link to="/artifacts/release" search={{ path: release.path, reference: digest }}>
                {platforms.get(digest) ?? 'a release of this package'}
              </Link>
            ) : path === '' ? (
              <span className={css.hint}>{roleWords[role]}</span>
            ) : (
              path
            ),
          Size: ({ sizeBytes }) => bytes(sizeBytes),
          Type: ({ mediaType }) => <code className={css.type}>{mediaType}</code>,
          Digest: ({ digest }) => <Digest of={digest} />,
        }}
        empty={
          <Empty icon={<IconFile size={20} />} title="It holds no files">
            All it says is in its annotations.
          </Empty>
        }
      />
    </Panel>
  )
}

export function ReferrersTab({ release }: { release: Release }) {
  return (
    <Panel flush title="What refers to it" note="signatures, bills of materials, provenance">
      <Table
        label="Referrers"
        rows={release.referrers}
        rowKey={({ digest }) => digest}
        columns={{
          What: ({ digest, artifactType, mediaType }) => (
            <Link to="/artifacts/release" search={{ path: release.path, reference: digest }} style={{ fontWeight: 550 }}>
              {typeWords(artifactType ?? mediaType)}
            </Link>
          ),
          Type: ({ artifactType, mediaType }) => <code className={css.type}>{artifactType ?? mediaType}</code>,
          Says: ({ annotations }) => (
            <span className={css.badges}>
              {sayingsOf(annotations)
                .slice(0, 4)
                .map(([key, value]) => (
                  <Tag key={key}>
                    {key.split('.').at(-1)} {value.slice(0, 40)}
                  </Tag>
                ))}
            </span>
          ),
          Digest: ({ digest }) => <Digest of={digest} />,
        }}
        empty={
          <Empty icon={<IconLink size={20} />} title="Nothing refers to it">
            Attach a statement with <code>holdfast artifact attach FILE --type TYPE PATH:TAG</code>, or sign it with a client of
            the field: what names this release as its subject is shown here.
          </Empty>
        }
      />
    </Panel>
  )
}

export function PullersTab({ release }: { release: Release }) {
  const nameOf = usePrincipalNames()
  return (
    <Panel flush title="Who pulls it" note={`${count(release.pulls)} in all`}>
      <Table
        label="Who pulls it"
        rows={release.pullers ?? []}
        rowKey={({ actor }) => actor}
        columns={{
          Who: ({ actor }) => nameOf(actor),
          Pulls: ({ count: times }) => count(times),
          First: ({ firstAt }) => <Time at={firstAt} />,
          Last: ({ lastAt }) => <Time at={lastAt} />,
          Record: ({ actor }) => (
            <Link to="/audit" search={{ actor, action: 'repository.pull' }}>
              In the log
            </Link>
          ),
        }}
        empty={
          <Empty
            icon={<IconChecks size={20} />}
            title={release.pullers ? 'Nobody pulled it yet' : 'Who pulled it is for those who may read the log'}
          >
            {release.pullers
              ? 'Pulls are counted within two seconds, by person and key.'
              : `It was pulled ${count(release.pulls)} times.`}
          </Empty>
        }
      />
    </Panel>
  )
}

export function ManifestTab({ release }: { release: Release }) {
  const text = release.manifest === undefined ? undefined : JSON.stringify(release.manifest, null, 2)
  return (
    <Panel
      flush
      title="Manifest"
      note={<code className={css.type}>{release.mediaType}</code>}
      actions={text !== undefined && <Copy value={text} label="Copy the manifest" />}
    >
      {text === undefined ? (
        <Empty title="Too large to show">Pull it with a client: it is more than 256 KiB.</Empty>
      ) : (
        <pre className={css.json} tabIndex={0} aria-label="Manifest as JSON">
          {text}
        </pre>
      )}
    </Panel>
  )
}
