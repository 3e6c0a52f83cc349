// The log as one reads it: narrow it, open an entry, check its proof, take it away.
import { Button, Drawer, Text } from '@mantine/core'
import { IconDownload, IconFingerprint } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { address } from '../api/client.ts'
import { audit, checkpoint } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { EntryItem } from '../api/types.ts'
import { Mono } from '../ui/copy.tsx'
import { count, digestShort } from '../ui/format.ts'
import { More } from '../ui/more.tsx'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { EntryView } from './audit-entry.tsx'
import css from './audit.module.css'
import { Fault } from './failure.tsx'
import { Outcome } from './outcome.tsx'
import { usePrincipalNames } from './principal-picker.tsx'

export function AuditPage() {
  const { actor, action, outcome, kind, resource, from, to, q, entry } = useSearch({ strict: false })
  const filter = { actor, action, outcome, kind, resource, from: dayStart(from), to: dayEnd(to), q }
  const list = useInfiniteQuery({ ...audit(filter), placeholderData: (old) => old })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const navigate = useNavigate()
  const nameOf = usePrincipalNames()
  const may = useMay()
  const open = (id: string | undefined) =>
    navigate({
      to: '/audit',
      search: { actor, action, outcome, kind, resource, from, to, q, entry: id },
      replace: id === undefined,
    })
  const narrowed = Object.values(filter).some((value) => value !== undefined)
  return (
    <Page
      wide
      title="Audit log"
      lead="Every act on every door, in one log that can only grow. Names are looked up for you; the log itself holds none."
      actions={
        may('audit.export') && (
          <Button
            component="a"
            href={address('/audit/export')}
            download="holdfast-log.ndjson"
            variant="default"
            leftSection={<IconDownload size={16} />}
          >
            Export the whole log
          </Button>
        )
      }
    >
      <Checkpoint />
      <Panel flush>
        <AuditFilters key={JSON.stringify([q, resource, action])} />
        {list.error ? (
          <Fault error={list.error} />
        ) : (
          <Table
            label="Audit entries"
            rows={items}
            rowKey={({ id }) => id}
            onOpen={({ id }) => open(id)}
            columns={{
              Act: (item) => (
                <button type="button" className={css.act} onClick={() => open(item.id)}>
                  {item.action}
                </button>
              ),
              Outcome: ({ outcome: how }) => <Outcome outcome={how} />,
              Who: ({ actor: who }) => nameOf(who),
              What: ({ resource: what }) => <What of={what} />,
              When: ({ at }) => <Time at={at} />,
              'No.': ({ index }) => count(index),
            }}
            empty={
              list.isPending ? (
                <div style={{ height: 200 }} />
              ) : (
                <Empty icon={<IconFingerprint size={20} />} title="Nothing is recorded that matches">
                  {narrowed ? 'Widen the filter.' : 'The first act will be here in a second.'}
                </Empty>
              )
            }
          />
        )}
        <More query={list} />
      </Panel>
      <Drawer
        opened={entry !== undefined}
        onClose={() => open(undefined)}
        position="right"
        size={560}
        title={<Text fw={600}>Log entry</Text>}
        padding="lg"
      >
        {entry !== undefined && <EntryView id={entry} />}
      </Drawer>
    </Page>
  )
}

// Days are the reader's own, the log's moments are UTC.
const dayStart = (day: string | undefined) => (day ? new Date(`${day}T00:00:00`).toISOString() : undefined)
const dayEnd = (day: string | undefined) => (day ? new Date(`${day}T23:59:59.999`).toISOString() : undefined)

const What = ({ of: { kind, id } }: { of: EntryItem['resource'] }) => (
  <span>
    {kind}
    {id && (
      <code className={css.id} title={id}>
        …{id.slice(-8)}
      </code>
    )}
  </span>
)

function Checkpoint() {
  const { data, error } = useQuery(checkpoint)
  if (error) return <Fault error={error} />
  return (
    <section className={css.checkpoint} aria-label="Checkpoint">
      <div>
        <span className={css.label}>Entries, signed</span>
        <span className={css.value}>{data ? count(data.size) : '–'}</span>
      </div>
      <div>
        <span className={css.label}>Checkpoint</span>
        <span className={css.value}>{data ? <Time at={data.at} /> : '–'}</span>
      </div>
      <div>
        <span className={css.label}>Root hash</span>
        <span>{data && <Mono full={data.rootHash}>{digestShort(data.rootHash)}</Mono>}</span>
      </div>
      <div style={{ minWidth: 0 }}>
        <span className={css.label}>Log key</span>
        <span>{data && <Mono full={data.publicKey}>{`${data.publicKey.slice(0, 26)}…`}</Mono>}</span>
      </div>
    </section>
  )
}
