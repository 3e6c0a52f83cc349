// How the store stands: what it holds and for whom, what can be freed and why, whether it was read lately, and what must stay.
import { Button } from '@mantine/core'
import { IconDatabase, IconRefresh } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { post } from '../api/client.ts'
import { damaged as damagedQuery, freeable as freeableQuery, holds as holdsQuery, storage, storageUsage } from '../api/storage.ts'
import { useMay } from '../api/session.ts'
import type { Freeable, Storage, StorageUsage } from '../api/types.ts'
import { bytes, count, counted } from '../ui/format.ts'
import { Empty, Facts, Page, Panel } from '../ui/page.tsx'
import { Parts } from '../ui/parts.tsx'
import { Notice, State } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Digest, formatNames } from './artifact-words.tsx'
import css from './artifacts.module.css'
import { tell, tellFailure } from './failure.tsx'

const Sizes = lazy(() => import('../ui/sizes.tsx'))
const barsMax = 12

export function StoragePage() {
  const { data: state } = useSuspenseQuery(storage)
  const { data: used } = useSuspenseQuery(storageUsage)
  const may = useMay()
  const queries = useQueryClient()
  const scrub = useMutation({
    mutationFn: () => post<{ count: number; bytes: number }>('/storage/scrub'),
    onSuccess: async (asked) => {
      await queries.invalidateQueries({ queryKey: ['storage'] })
      tell(`${counted(asked.count, 'file')}, ${bytes(asked.bytes)}, are read again from now on`)
    },
    onError: tellFailure,
  })
  return (
    <Page
      wide
      title="Storage"
      lead="Each file lies here once, whoever holds it. What is shared counts for each repository that holds it."
      actions={
        may('storage.scrub') && (
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            loading={scrub.isPending}
            onClick={() => scrub.mutate()}
          >
            Read everything again
          </Button>
        )
      }
    >
      <Health state={state} />
      {state.damaged > 0 && <DamagedPanel />}
      <div className={css.charts}>
        <By title="By format" of={used.formats.map((it) => ({ ...it, name: formatNames[it.name] ?? it.name }))} />
        <By title="By place" of={used.scopes} />
      </div>
      <Quotas of={used.quotas} />
      <FreeablePanel />
      {may('storage-hold.read') && <Holds />}
    </Page>
  )
}

function Health({ state }: { state: Storage }) {
  const { scrub, lastCollection: last } = state
  return (
    <Panel title="How it stands">
      <Facts
        of={{
          Holds: `${counted(state.blobs, 'file')}, ${bytes(state.bytes)}`,
          Damage:
            state.damaged > 0 ? (
              <State tone="bad">{counted(state.damaged, 'file')} no longer what the digest says</State>
            ) : (
              <State tone="good">none of what was read</State>
            ),
          'Read lately': (
            <>
              {count(Math.floor(state.verifiedShare * 1000) / 10)} % of the bytes within {counted(state.days, 'day')}
              {state.late && ' – late'}
            </>
          ),
          'Longest unread': state.oldestVerifiedAt && <Time at={state.oldestVerifiedAt} />,
          Scrub:
            scrub.percent === 0
              ? 'off: nothing is read again by itself'
              : `every ${counted(scrub.everyDays, 'day')}, at ${scrub.percent} % of the disk’s time`,
          'Needed by nothing': `${bytes(state.condemnedBytes)}, removed when that is still so a day later`,
          'Last collection': last ? (
            <>
              <Time at={last.endedAt} />: {counted(last.removed, 'file')}, {bytes(last.removedBytes)}
            </>
          ) : (
            'none yet'
          ),
        }}
      />
    </Panel>
  )
}

function DamagedPanel() {
  const { data } = useQuery(damagedQuery)
  return (
    <Panel title="Damaged" flush>
      <div style={{ padding: 12 }}>
        <Notice tone="bad" role="alert">
          Nothing serves these. Push each again from a source you trust, and it is mended everywhere.
        </Notice>
      </div>
      <Table
        label="Damaged files"
        rows={data?.items ?? []}
        rowKey={({ digest }) => digest}
        columns={{
          Digest: ({ digest }) => <Digest of={digest} />,
          Size: ({ sizeBytes }) => bytes(sizeBytes),
          What: ({ damage }) => damage,
          Found: ({ damagedAt }) => <Time at={damagedAt} />,
          'Held by': ({ places, holders }) => [...places, ...holders].join(', ') || 'nothing you may see',
        }}
        empty={<div style={{ height: 80 }} />}
      />
    </Panel>
  )
}

function By({ title, of }: { title: string; of: StorageUsage['formats'] }) {
  const held = of.filter(({ bytes: size }) => size > 0)
  const shown = held.slice(0, barsMax)
  return (
    <Panel title={title} note={shown.length < held.length ? `the largest ${shown.length} of ${held.length}` : undefined}>
      {shown.length === 0 ? (
        <Empty icon={<IconDatabase size={20} />} title="Nothing is held yet">
          Push to a repository, and what it takes is shown here.
        </Empty>
      ) : (
        <div className={css.pull}>
          <div aria-hidden>
            <Suspense fallback={<div style={{ height: 160 }} />}>
              <Sizes of={shown} />
            </Suspense>
          </div>
          <Facts of={Object.fromEntries(shown.map((it) => [it.name, `${bytes(it.bytes)} in ${counted(it.objects, 'file')}`]))} />
        </div>
      )}
    </Panel>
  )
}

function Quotas({ of }: { of: StorageUsage['quotas'] }) {
  return (
    <Panel title="Quotas" flush>
      <Table
        label="Quotas"
        rows={of}
        rowKey={({ id }) => id}
        columns={{
          Name: ({ id, name }) => (
            <Link to="/inventory/$kind/$id" params={{ kind: 'storage-quota', id }}>
              {name}
            </Link>
          ),
          Where: ({ scope }) => scope,
          Used: (it) => `${bytes(it.bytes)} of ${bytes(it.bytesMax)}`,
          Files: (it) => `${count(it.objects)}${it.objectsMax === null ? '' : ` of ${count(it.objectsMax)}`}`,
          Share: (it) => (
            <Parts
              label={it.name}
              legend={false}
              parts={[
                { name: 'bytes used', value: it.bytes, tone: it.bytes > it.bytesMax * 0.9 ? 'bad' : 'accent' },
                { name: 'bytes left', value: Math.max(0, it.bytesMax - it.bytes), tone: 'plain' },
              ]}
            />
          ),
        }}
        empty={
          <Empty title="No quotas">Nothing bounds what a place may hold but the disk. Apply a storage-quota to set one.</Empty>
        }
      />
    </Panel>
  )
}

const reasons: Record<Freeable['sums'][number]['reason'], string> = {
  'upload-left': 'uploads that nobody went on with for a day',
  'in-no-manifest': 'in a package, and no release of it needs it',
  'needed-by-nothing': 'in no package, and nothing else needs it',
  condemned: 'found to be needed by nothing; waits out its day',
}

function FreeablePanel() {
  const { data } = useQuery(freeableQuery)
  return (
    <Panel title="What can be freed" note="by itself, each hour" flush>
      <Table
        label="What can be freed"
        rows={data?.sums ?? []}
        rowKey={({ reason }) => reason}
        columns={{
          Why: ({ reason }) => reasons[reason],
          Files: (it) => count(it.count),
          Size: (it) => bytes(it.bytes),
        }}
        empty={<Empty title="Nothing">Everything is needed. Discard releases, or set a retention, to free space.</Empty>}
      />
    </Panel>
  )
}

function Holds() {
  const { data } = useQuery(holdsQuery)
  return (
    <Panel title="Holds" note="neither discarded nor collected" flush>
      <Table
        label="Holds"
        rows={data?.items ?? []}
        rowKey={({ id }) => id}
        columns={{
          Name: ({ id, name }) => (
            <Link to="/inventory/$kind/$id" params={{ kind: 'storage-hold', id }}>
              {name}
            </Link>
          ),
          Keeps: ({ spec }) => [spec.repository, spec.package, spec.tag, spec.digest].filter(Boolean).join(' · '),
          Why: ({ spec }) => spec.reason,
          Since: ({ createdAt }) => <Time at={createdAt} />,
        }}
        empty={<Empty title="No holds">Apply a storage-hold to keep something for a reason, until who may lifts it.</Empty>}
      />
    </Panel>
  )
}
