import { IconPackage } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { PackageCard } from '../api/types.ts'
import { bytes, count } from '../ui/format.ts'
import { Empty } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { TypeName } from './artifact-words.tsx'

type Props = { packages: readonly PackageCard[]; pending: boolean; filtered: boolean; under?: string; empty: ReactNode }

export function PackageTable({ packages, pending, filtered, under, empty }: Props) {
  const navigate = useNavigate()
  const named = ({ path, name }: PackageCard) => (under === undefined ? path : name === '' ? path : name)
  return (
    <Table
      label="Packages"
      rows={packages}
      rowKey={({ path }) => path}
      onOpen={({ path }) => navigate({ to: '/artifacts/package', search: { path } })}
      columns={{
        Name: (of) => (
          <Link to="/artifacts/package" search={{ path: of.path }} style={{ fontWeight: 550 }}>
            {named(of)}
          </Link>
        ),
        Latest: ({ path, latestTag }) =>
          latestTag === null ? (
            'no tag'
          ) : (
            <Link to="/artifacts/release" search={{ path, reference: latestTag }}>
              {latestTag}
            </Link>
          ),
        Type: ({ artifactType }) => (
          <TypeName artifactType={artifactType} mediaType="application/vnd.oci.image.manifest.v1+json" />
        ),
        Tags: ({ tags }) => count(tags),
        Releases: ({ manifests }) => count(manifests),
        Size: ({ sizeBytes }) => bytes(sizeBytes),
        Pulls: ({ pulls }) => count(pulls),
        'Last push': ({ pushedAt }) => (pushedAt === null ? '–' : <Time at={pushedAt} />),
      }}
      empty={
        pending ? (
          <div style={{ height: 220 }} />
        ) : filtered ? (
          <Empty icon={<IconPackage size={20} />} title="No package by that name">
            Try fewer letters.
          </Empty>
        ) : (
          empty
        )
      }
    />
  )
}
