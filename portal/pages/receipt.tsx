// A receipt, opened: what was recorded of one act, and the proof checked here and now by the reader's own browser.
import { Button, Collapse, Drawer, Group, Loader, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCheck, IconDownload, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { receipt as receiptQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { Receipt } from '../api/types.ts'
import { Mono, Secret } from '../ui/copy.tsx'
import { save } from '../ui/save.ts'
import { count, digestShort } from '../ui/format.ts'
import { Facts, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Time } from '../ui/time.tsx'
import { verifyReceipt } from '../verify/receipt.ts'
import { Fault } from './failure.tsx'
import css from './receipt.module.css'

export function ReceiptDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size={520}
      title={<Text fw={600}>Receipt</Text>}
      padding="lg"
    >
      {id && <Opened id={id} />}
    </Drawer>
  )
}

function Opened({ id }: { id: string }) {
  const { data, error, isPending } = useQuery(receiptQuery(id))
  if (isPending) return <Loader size="sm" aria-label="Fetching the receipt" />
  if (error) return <Fault error={error} />
  return <ReceiptView receipt={data} />
}

type Leaf = {
  ts?: string
  actor?: string
  action?: string
  outcome?: string
  policy?: string
  requestId?: string
  resource?: { kind?: string; id?: string }
  facts?: Record<string, unknown>
}

export const readLeaf = (leaf: string): Leaf =>
  JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(leaf), (character) => character.charCodeAt(0)))) as Leaf // only shown, never trusted

export function ReceiptView({ receipt }: { receipt: Receipt }) {
  const leaf = readLeaf(receipt.leaf)
  const facts = leaf.facts ?? {}
  const mayAudit = useMay()('audit.read')
  return (
    <Stack gap="lg">
      <Verification receipt={receipt} />
      <Panel
        title="What was recorded"
        actions={leaf.outcome && <Tag tone={leaf.outcome === 'done' ? 'good' : 'warn'}>{leaf.outcome}</Tag>}
      >
        <Facts
          of={{
            Act: leaf.action,
            When: leaf.ts && <Time at={leaf.ts} />,
            'Model digest': digest(facts, 'modelDigest', 'digest', 'model'),
            Deployment: (text(facts['deploymentId']) ?? leaf.resource?.id) && (
              <Mono>{text(facts['deploymentId']) ?? leaf.resource?.id ?? ''}</Mono>
            ),
            'Policy version': leaf.policy && <Mono full={leaf.policy}>{digestShort(leaf.policy)}</Mono>,
            'Place in the log': mayAudit ? (
              <Link to="/audit" search={{ entry: receipt.entryId }}>
                {count(receipt.index)}
              </Link>
            ) : (
              count(receipt.index)
            ),
            Request: leaf.requestId && <Mono>{leaf.requestId}</Mono>,
          }}
        />
        <Json value={leaf} />
      </Panel>
      <Offline receipt={receipt} />
    </Stack>
  )
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const digest = (facts: Record<string, unknown>, ...names: string[]) => {
  const found = names.map((name) => text(facts[name])).find((value) => value?.startsWith('sha256:'))
  return found && <Mono full={found}>{digestShort(found)}</Mono>
}

function Json({ value }: { value: unknown }) {
  const [opened, { toggle }] = useDisclosure(false)
  return (
    <>
      <Button variant="subtle" color="gray" size="compact-sm" mt="xs" ml={-8} onClick={toggle} aria-expanded={opened}>
        {opened ? 'Hide the whole entry' : 'Show the whole entry'}
      </Button>
      <Collapse expanded={opened}>
        <pre className={css.json} tabIndex={0}>
          {JSON.stringify(value, undefined, 2)}
        </pre>
      </Collapse>
    </>
  )
}

export function Verification({ receipt }: { receipt: Receipt }) {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['verified', receipt.entryId, receipt.checkpoint],
    queryFn: () => verifyReceipt(receipt),
    staleTime: Infinity,
    retry: false,
  })
  return (
    <section className={css.verdict} data-ok={data?.ok} aria-live="polite" aria-label="Verification">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600}>
          {isFetching
            ? 'Verifying in your browser'
            : error
              ? 'Could not verify'
              : data?.ok
                ? 'Verified in your browser'
                : 'This receipt does not verify'}
        </Text>
        <Button variant="default" size="compact-sm" onClick={() => refetch()} loading={isFetching}>
          Again
        </Button>
      </Group>
      <Fault error={error} />
      <ol className={css.steps}>
        {data?.steps.map((step, at) => (
          <li key={step.name} style={{ animationDelay: `${at * 140}ms` }}>
            {step.ok ? (
              <IconCheck size={16} color="var(--hf-good)" aria-label="Holds" />
            ) : (
              <IconX size={16} color="var(--hf-bad)" aria-label="Fails" />
            )}
            <div>
              <div>{step.name}</div>
              <div className={css.detail}>{step.detail}</div>
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Offline({ receipt }: { receipt: Receipt }) {
  return (
    <Panel
      title="Check it without this site"
      actions={
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconDownload size={14} />}
          onClick={() => save(`receipt-${receipt.entryId}.json`, JSON.stringify(receipt, undefined, 2))}
        >
          Download
        </Button>
      }
    >
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          With Node 20 or newer and the stand-alone program from <code>verifier/</code>, on any machine, with no network:
        </Text>
        <Secret label="Command" value={`node holdfast-verify.mjs receipt-${receipt.entryId}.json --key '${receipt.publicKey}'`} />
        <Text size="sm" c="dimmed">
          Compare the key with one you got another way: a receipt that brings its own key proves only that it agrees with itself.
        </Text>
      </Stack>
    </Panel>
  )
}
