import { Button, Loader, Stack } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { entry as entryQuery, entryProof } from '../api/queries.ts'
import { Mono } from '../ui/copy.tsx'
import { count, digestShort } from '../ui/format.ts'
import { Facts, Panel } from '../ui/page.tsx'
import { save } from '../ui/save.ts'
import { Notice } from '../ui/state.tsx'
import { Time } from '../ui/time.tsx'
import { Outcome } from './outcome.tsx'
import css from './audit.module.css'
import { Fault } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'
import { readLeaf, Verification } from './receipt.tsx'

export function EntryView({ id }: { id: string }) {
  const { data, error, isPending } = useQuery(entryQuery(id))
  const proof = useQuery({ ...entryProof(id), retry: 3 })
  const nameOf = usePrincipalNames()
  if (isPending) return <Loader size="sm" aria-label="Fetching the entry" />
  if (error) return <Fault error={error} />
  const { entry } = data
  const leaf = readLeaf(data.leaf)
  return (
    <Stack gap="lg">
      {proof.data ? (
        <Verification receipt={proof.data} />
      ) : proof.error ? (
        <Fault error={proof.error} />
      ) : (
        <Notice role="status">The entry waits for its place in the log.</Notice>
      )}
      <Panel title={entry.action} actions={<Outcome outcome={entry.outcome} />}>
        <Facts
          of={{
            Who: (
              <>
                {nameOf(entry.actor)} <Mono>{entry.actor}</Mono>
              </>
            ),
            When: <Time at={entry.at} />,
            What: (
              <>
                {entry.resource.kind} {entry.resource.id && <Mono>{entry.resource.id}</Mono>}
              </>
            ),
            Scope: entry.resource.scope && <Mono>{entry.resource.scope}</Mono>,
            'Place in the log': count(entry.index),
            'Policy version': leaf.policy && <Mono full={leaf.policy}>{digestShort(leaf.policy)}</Mono>,
            Request: (
              <>
                <Mono>{entry.requestId}</Mono>{' '}
                <Link to="/audit" search={{ q: entry.requestId }}>
                  all of this request
                </Link>
              </>
            ),
          }}
        />
      </Panel>
      <Panel
        title="Leaf"
        note="what is hashed"
        actions={
          proof.data && (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconDownload size={14} />}
              onClick={() => save(`receipt-${entry.id}.json`, JSON.stringify(proof.data, undefined, 2))}
            >
              Download proof
            </Button>
          )
        }
      >
        <pre className={css.note} tabIndex={0}>
          {JSON.stringify(leaf, undefined, 2)}
        </pre>
      </Panel>
      {data.sealed !== undefined && data.sealed !== null && (
        <Panel title="Sealed content" note="encrypted beside the log, erasable">
          <pre className={css.note} tabIndex={0}>
            {JSON.stringify(data.sealed, undefined, 2)}
          </pre>
        </Panel>
      )}
      {proof.data && (
        <Panel title="Proof" note={`${count(proof.data.proof.length)} hashes to the root`}>
          <pre className={css.note} tabIndex={0}>
            {[proof.data.checkpoint.trimEnd(), '', ...proof.data.proof].join('\n')}
          </pre>
        </Panel>
      )}
    </Stack>
  )
}
